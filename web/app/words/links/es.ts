// SPDX-License-Identifier: GPL-3.0-or-later
import type { LinkWords } from "./catalogue.ts";

export const es: LinkWords = {
  closed: {
    heading: "Alguien ha compartido algo contigo",
    lead: "Viene de {operator}. No se muestra nada hasta que pulses el botón: los programas que cargan vistas previas también ven esta página.",
    views: "Abrirlo cuenta. Veces que aún se puede abrir: {views}",
    expires: "Último día en que se abre: {expires}",
    passphrase: "Contraseña",
    passphraseHint: "La sabe quien te ha enviado este enlace. Una contraseña incorrecta no gasta nada.",
    wrong: "Esta no es la contraseña.",
    busy: "Demasiadas personas lo están intentando ahora. Espera un momento y vuelve a intentarlo.",
    open: "Abrir",
  },
  opened: {
    heading: "Compartido contigo",
    minutes: "Esta página funciona durante {minutes} minutos, en este dispositivo y en otros. Guarda lo que necesites por más tiempo.",
  },
  gone: {
    heading: "Este enlace no abre nada",
    text: "Se ha cerrado, ha caducado, ya se abrió tantas veces como se podía o la dirección no está completa. Pregunta a quien te lo envió.",
  },
};

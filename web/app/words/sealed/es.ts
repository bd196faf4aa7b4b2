// SPDX-License-Identifier: GPL-3.0-or-later
import type { SealedWords } from "./catalogue.ts";

export const es: SealedWords = {
  page: {
    title: "Un enlace sellado",
    heading: "Alguien comparte algo contigo",
    skip: "Ir a lo compartido",
    language: "Idioma",
    report: "Quien lleva este servidor no puede ver lo sellado. Di qué muestra: puede cerrar el enlace. No pongas lo que va detrás de # en la dirección: es la clave, y ningún aviso la necesita.",
    demo: "Esto es una demostración. Nada de lo que se comparte aquí es real.",
  },
  ask: {
    heading: "Este servidor no lo ha comprobado",
    unchecked: "Lo que se comparte está sellado y este servidor no tiene la clave: nadie aquí lo ha visto ni podría verlo.",
    how: "Tu dispositivo lo abre y antes lo revisa. Solo se muestra si es una foto o un vídeo sin nada oculto. Si no, no se muestra nada.",
    script: "Hace falta el programa de la página (JavaScript), porque la clave no debe salir de tu navegador. Aquí está desactivado.",
    open: "Abrir",
    views: "Veces que aún se puede abrir: {views}. Abrirlo cuenta; mirar esta página, no.",
    expires: "Último día: {expires}",
  },
  working: { heading: "Abriendo y revisando en tu dispositivo", bar: "Cuánto ha llegado" },
  shown: {
    heading: "No se ha encontrado nada oculto",
    note: "Lo ha revisado tu dispositivo, no este servidor. Nadie ha comprobado quién lo hizo ni si es cierto.",
    alt: "La foto compartida. Nadie la ha descrito.",
    clip: "El vídeo compartido",
    save: "Guardar",
    unseen: "Este navegador no puede mostrar este tipo de archivo. Se puede guardar.",
  },
  refused: {
    heading: "No se muestra nada",
    key: "A la dirección le falta la clave o una parte de ella: se cortó por el camino. Pide la dirección completa.",
    gone: "Ya no hay nada en esta dirección: su plazo terminó, se abrió tantas veces como se podía o alguien lo retiró.",
    network: "No se ha podido descargar. Mira si tienes conexión.",
    wrong: "La clave de la dirección no lo abre. Pide de nuevo la dirección completa.",
    format: "No es una foto ni un vídeo que esta página conozca. Se queda cerrado, porque podría hacer daño.",
    unclean: "Lleva algo oculto, o algo que no es propio de una foto o un vídeo. Se queda cerrado para protegerte a ti y a quien pueda aparecer.",
    unread: "Este dispositivo no ha podido revisarlo entero. Cierra otras páginas o usa otro dispositivo.",
    again: "Probar otra vez",
  },
};

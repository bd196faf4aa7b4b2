// SPDX-License-Identifier: GPL-3.0-or-later
import type { LinkWords } from "./catalogue.ts";

export const fr: LinkWords = {
  closed: {
    heading: "Quelqu’un a partagé quelque chose avec vous",
    lead: "Cela vient de {operator}. Rien ne s’affiche avant que vous n’appuyiez sur le bouton : les programmes qui chargent des aperçus voient aussi cette page.",
    views: "Chaque ouverture compte. Ouvertures encore possibles : {views}",
    expires: "Dernier jour d’ouverture : {expires}",
    passphrase: "Phrase secrète",
    passphraseHint: "La personne qui vous a envoyé ce lien la connaît. Une phrase erronée n’use rien.",
    wrong: "Ce n’est pas la phrase secrète.",
    busy: "Trop de personnes essaient en ce moment. Attendez un instant, puis réessayez.",
    open: "Ouvrir",
  },
  opened: {
    heading: "Partagé avec vous",
    minutes: "Cette page fonctionne pendant {minutes} minutes, sur cet appareil et sur d’autres. Enregistrez ce dont vous avez besoin plus longtemps.",
  },
  gone: {
    heading: "Ce lien n’ouvre rien",
    text: "Il a été fermé, il a expiré, il a été ouvert autant de fois que permis, ou son adresse n’est pas complète. Demandez à la personne qui l’a envoyé.",
  },
};

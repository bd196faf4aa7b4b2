// SPDX-License-Identifier: GPL-3.0-or-later
import type { SealedWords } from "./catalogue.ts";

export const fr: SealedWords = {
  page: {
    title: "Un lien scellé",
    heading: "Quelqu’un partage quelque chose avec vous",
    skip: "Aller au contenu partagé",
    language: "Langue",
    report: "Les responsables de ce serveur ne peuvent pas voir ce qui est scellé. Dites ce que cela montre : ils peuvent mettre fin au lien. Laissez de côté ce qui suit le # dans l’adresse : c’est la clé, et aucun signalement n’en a besoin.",
    demo: "Ceci est une démonstration. Rien de ce qui est partagé ici n’est réel.",
  },
  ask: {
    heading: "Non vérifié par ce serveur",
    unchecked: "Ce qui est partagé est scellé et ce serveur n’a pas la clé : personne ici ne l’a vu, ni ne pourrait le voir.",
    how: "Votre appareil l’ouvre et l’examine d’abord. Le contenu n’est montré que si c’est une photo ou une vidéo où rien n’est caché. Sinon, rien n’est montré.",
    script: "Il faut le programme de la page (JavaScript), car la clé ne doit pas quitter votre navigateur. Il est désactivé ici.",
    open: "Ouvrir",
    views: "Nombre d’ouvertures restantes : {views}. Ouvrir compte ; regarder cette page, non.",
    expires: "Dernier jour : {expires}",
  },
  working: { heading: "Ouverture et examen sur votre appareil", bar: "Part déjà reçue" },
  shown: {
    heading: "Rien de caché n’y a été trouvé",
    note: "C’est votre appareil qui a regardé, pas ce serveur. Personne n’a vérifié qui l’a fait, ni si c’est vrai.",
    alt: "La photo partagée. Personne ne l’a décrite.",
    clip: "La vidéo partagée",
    save: "Enregistrer",
    unseen: "Ce navigateur ne peut pas montrer ce type de fichier. Il peut être enregistré.",
  },
  refused: {
    heading: "Rien n’est montré",
    key: "Il manque la clé à l’adresse, ou une partie de la clé : elle a été coupée en route. Demandez l’adresse entière.",
    gone: "Il n’y a plus rien à cette adresse : ses jours sont passés, toutes les ouvertures permises ont été faites, ou quelqu’un y a mis fin.",
    network: "Le téléchargement a échoué. Vérifiez votre connexion.",
    wrong: "La clé de l’adresse ne l’ouvre pas. Redemandez l’adresse entière.",
    format: "Ce n’est ni une photo ni une vidéo que cette page connaît. Le contenu reste fermé, car il pourrait nuire.",
    unclean: "Quelque chose y est caché, ou n’a pas sa place dans une photo ou une vidéo. Le contenu reste fermé, pour vous protéger, vous et les personnes concernées.",
    unread: "Cet appareil n’a pas pu tout examiner. Fermez d’autres pages, ou utilisez un autre appareil.",
    again: "Réessayer",
  },
};

// SPDX-License-Identifier: GPL-3.0-or-later
// What the twenty witnesses write. Nobody wrote it: it was made up for the demonstration.
export const reports: readonly string[] = [
  "Second window on the left. They were let out by the back door.",
  "I stood on the steps the whole time. Nobody threw anything before this.",
  "Desde el balcón, unos minutos después. La calle ya estaba cerrada.",
  "The man with the placard was alone when they came for him.",
  "Pris depuis l’arrêt de bus. On voit le numéro sur la porte.",
  "من نافذة الطابق الثاني. كان الشارع هادئًا قبل ذلك بدقائق.",
  "Four of them, the one in the middle gave the orders.",
  "我从对面的楼上拍的，当时路已经被封了。",
  "The van stood there for an hour with its lights off.",
  "버스 정류장 쪽에서 찍었어요. 표지판 뒤를 봐 주세요.",
  "Please look at the third person from the right.",
  "No me nombren. La foto es de antes de que apagaran las luces.",
  "My neighbour took this and asked me to send it.",
  "C’est la même rue, dix minutes plus tôt, encore calme.",
  "The gate was open. They said afterwards that it was locked.",
  "It is not sharp, but it shows that there were people on both sides.",
  "هذه الصورة من زاوية أخرى، وتظهر فيها البوابة مفتوحة.",
  "I have more of these. Tell me if you need them.",
  "The light in the second house went off just before.",
  "照片里右边的人后来被带走了。",
];

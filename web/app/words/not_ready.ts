// SPDX-License-Identifier: GPL-3.0-or-later
// What the page says that comes when something was shared to the app and the app was not there to take it. It stands by
// itself, in all languages at once: no script runs on it, and the studio does not carry it.
import type { Tag } from "./languages.ts";

export interface NotReady {
  readonly heading: string;
  /** The files were on their way: a page that said they never left would lie. */
  readonly happened: string;
  readonly next: string;
  readonly open: string;
}

export const notReady: { readonly [Each in Tag]: NotReady } = {
  en: {
    heading: "Oilskin was not ready",
    happened:
      "What you share to Oilskin is taken by the app on this device. The app was not there yet, so your browser began to send the files to this site. The site did not read them, and kept nothing.",
    next: "Open Oilskin, with a network, and wait until you see it. Then share again, or choose the files there.",
    open: "Open Oilskin",
  },
  es: {
    heading: "Oilskin no estaba lista",
    happened:
      "Lo que compartes con Oilskin lo recibe la aplicación en este dispositivo. La aplicación aún no estaba ahí, así que tu navegador empezó a enviar los archivos a este sitio. El sitio no los leyó ni guardó nada.",
    next: "Abre Oilskin con conexión y espera hasta verla. Después comparte otra vez, o elige los archivos allí.",
    open: "Abrir Oilskin",
  },
  fr: {
    heading: "Oilskin n’était pas prête",
    happened:
      "Ce que vous partagez avec Oilskin est pris en charge par l’application sur cet appareil. Elle n’était pas encore là : votre navigateur a donc commencé à envoyer les fichiers à ce site. Le site ne les a pas lus et n’a rien gardé.",
    next: "Ouvrez Oilskin avec une connexion et attendez de la voir. Partagez ensuite à nouveau, ou choisissez-y les fichiers.",
    open: "Ouvrir Oilskin",
  },
  ar: {
    heading: "لم يكن Oilskin جاهزًا",
    happened:
      "ما تجري مشاركته مع Oilskin يستلمه التطبيق على هذا الجهاز. لم يكن التطبيق موجودًا بعد، فبدأ المتصفح بإرسال الملفات إلى هذا الموقع. لم يقرأها الموقع ولم يحتفظ بشيء.",
    next: "يُرجى فتح Oilskin مع وجود اتصال بالشبكة والانتظار حتى يظهر، ثم المشاركة مرة أخرى أو اختيار الملفات هناك.",
    open: "فتح Oilskin",
  },
  zh: {
    heading: "Oilskin 尚未就绪",
    happened:
      "分享给 Oilskin 的内容由本设备上的应用接收。当时应用还不在，浏览器便开始把文件发送到本网站。网站没有读取文件，也没有保留任何内容。",
    next: "请在联网时打开 Oilskin，等它显示出来。然后再次分享，或在那里选择文件。",
    open: "打开 Oilskin",
  },
  ko: {
    heading: "Oilskin이 아직 준비되지 않았어요",
    happened:
      "Oilskin에 공유하는 파일은 이 기기의 앱이 받아요. 앱이 아직 없어서 브라우저가 파일을 이 사이트로 보내기 시작했어요. 사이트는 파일을 읽지 않았고 아무것도 남기지 않았어요.",
    next: "네트워크에 연결된 상태에서 Oilskin을 열고 화면이 나올 때까지 기다려 주세요. 그런 다음 다시 공유하거나 그곳에서 파일을 골라 주세요.",
    open: "Oilskin 열기",
  },
};

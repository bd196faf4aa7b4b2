// SPDX-License-Identifier: GPL-3.0-or-later
// The desk's words in each language. They stand apart from the studio's and the drop's: no page carries another's.
import type { Shape } from "../catalogue.ts";
import type { Tag } from "../languages.ts";
import { en } from "./en.ts";

export type DeskWords = Shape<typeof en>;

export async function loadDesk(tag: Tag): Promise<DeskWords> {
  switch (tag) {
    case "es":
      return (await import("./es.ts")).es;
    case "fr":
      return (await import("./fr.ts")).fr;
    case "ar":
      return (await import("./ar.ts")).ar;
    case "zh":
      return (await import("./zh.ts")).zh;
    case "ko":
      return (await import("./ko.ts")).ko;
    case "en":
      return en;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The drop's words in each language. They stand apart from the studio's: neither page carries the other's.
import type { Shape } from "../catalogue.ts";
import type { Tag } from "../languages.ts";
import { en } from "./en.ts";

export type DropWords = Shape<typeof en>;

export async function loadDrop(tag: Tag): Promise<DropWords> {
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

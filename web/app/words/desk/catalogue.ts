// SPDX-License-Identifier: GPL-3.0-or-later
// The desk's words in each language. They stand apart from the studio's and the drop's: no page carries another's.
import type { Shape } from "../catalogue.ts";
import type { Tag } from "../languages.ts";
import { wordsIn } from "../loader.ts";
import { en } from "./en.ts";

export type DeskWords = Shape<typeof en>;

export const loadDesk = (tag: Tag): Promise<DeskWords> =>
  wordsIn<DeskWords>(tag, en, {
    es: async () => (await import("./es.ts")).es,
    fr: async () => (await import("./fr.ts")).fr,
    ar: async () => (await import("./ar.ts")).ar,
    zh: async () => (await import("./zh.ts")).zh,
    ko: async () => (await import("./ko.ts")).ko,
  });

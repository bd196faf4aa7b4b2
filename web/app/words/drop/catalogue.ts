// SPDX-License-Identifier: GPL-3.0-or-later
// The drop's words in each language. They stand apart from the studio's: neither page carries the other's.
import type { Shape } from "../catalogue.ts";
import type { Tag } from "../languages.ts";
import { wordsIn } from "../loader.ts";
import { en } from "./en.ts";

export type DropWords = Shape<typeof en>;

export const loadDrop = (tag: Tag): Promise<DropWords> =>
  wordsIn<DropWords>(tag, en, {
    es: async () => (await import("./es.ts")).es,
    fr: async () => (await import("./fr.ts")).fr,
    ar: async () => (await import("./ar.ts")).ar,
    zh: async () => (await import("./zh.ts")).zh,
    ko: async () => (await import("./ko.ts")).ko,
  });

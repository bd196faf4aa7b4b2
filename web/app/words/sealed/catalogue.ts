// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the page of a sealed link, in each language.
import type { Shape } from "../catalogue.ts";
import type { Tag } from "../languages.ts";
import { wordsIn } from "../loader.ts";
import { en } from "./en.ts";

export type SealedWords = Shape<typeof en>;

export const loadSealed = (tag: Tag): Promise<SealedWords> =>
  wordsIn<SealedWords>(tag, en, {
    es: async () => (await import("./es.ts")).es,
    fr: async () => (await import("./fr.ts")).fr,
    ar: async () => (await import("./ar.ts")).ar,
    zh: async () => (await import("./zh.ts")).zh,
    ko: async () => (await import("./ko.ts")).ko,
  });

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The studio's words in each language. Apart from the list of languages, so that pages with words of their own do not carry
 * them. */
import type { Catalogue } from "./catalogue.ts";
import { en } from "./en.ts";
import type { FindingWords } from "./findings/label.ts";
import type { Tag } from "./languages.ts";
import { wordsIn } from "./loader.ts";

export interface Spoken {
  readonly words: Catalogue;
  readonly findings: FindingWords;
}

/** Without what findings are called, for who shows none. */
export const loadWords = (tag: Tag): Promise<Catalogue> =>
  wordsIn<Catalogue>(tag, en, {
    es: async () => (await import("./es.ts")).es,
    fr: async () => (await import("./fr.ts")).fr,
    ar: async () => (await import("./ar.ts")).ar,
    zh: async () => (await import("./zh.ts")).zh,
    ko: async () => (await import("./ko.ts")).ko,
  });

export async function load(tag: Tag): Promise<Spoken> {
  const [words, findings] = await Promise.all([
    loadWords(tag),
    wordsIn<FindingWords>(tag, null, {
      es: async () => (await import("./findings/es.ts")).es,
      fr: async () => (await import("./findings/fr.ts")).fr,
      ar: async () => (await import("./findings/ar.ts")).ar,
      zh: async () => (await import("./findings/zh.ts")).zh,
      ko: async () => (await import("./findings/ko.ts")).ko,
    }),
  ]);
  return { words, findings };
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The languages of the page, and which one a person gets. */
export type Tag = "en" | "es" | "fr" | "ar" | "zh" | "ko";

export interface Language {
  readonly tag: Tag;
  /** What it calls itself. */
  readonly name: string;
  readonly direction: "ltr" | "rtl";
  /** For the `lang` of the page: simplified Chinese is not just "zh". */
  readonly lang: string;
}

export const languages: readonly Language[] = [
  { tag: "en", name: "English", direction: "ltr", lang: "en" },
  { tag: "es", name: "Español", direction: "ltr", lang: "es" },
  { tag: "fr", name: "Français", direction: "ltr", lang: "fr" },
  { tag: "ar", name: "العربية", direction: "rtl", lang: "ar" },
  { tag: "zh", name: "简体中文", direction: "ltr", lang: "zh-Hans" },
  { tag: "ko", name: "한국어", direction: "ltr", lang: "ko" },
];

const english: Language = { tag: "en", name: "English", direction: "ltr", lang: "en" };

/** The language of that tag; English for a tag that is none of ours. */
export function languageOf(tag: string): Language {
  return languages.find((language) => language.tag === tag) ?? english;
}

export interface Choice {
  readonly language: Language;
  /** For numbers and plurals: with the person's region where the browser names one, since
   *  numerals differ between countries of one language. */
  readonly locale: string;
}

/**
 * The first of the person's languages that we speak, English if none.
 * @param wanted as in `navigator.languages`, most wanted first.
 */
export function choose(wanted: readonly string[]): Choice {
  for (const locale of wanted) {
    const base = locale.toLowerCase().split(/[-_]/)[0];
    const language = languages.find(({ tag }) => tag === base);
    if (language !== undefined) {
      return { language, locale: usable(locale) ? locale : language.lang };
    }
  }
  return { language: english, locale: "en" };
}

function usable(locale: string): boolean {
  try {
    return Intl.PluralRules.supportedLocalesOf(locale).length > 0;
  } catch {
    return false;
  }
}

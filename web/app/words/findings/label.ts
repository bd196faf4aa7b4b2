/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finding is called in the language of the page. The core speaks English; its usual labels
 * have a translation, the others are shown as they are and marked as English. */
import type { UsualLabel } from "./usual.ts";

/** The usual labels in one language; null for English, which the core speaks itself. */
export type FindingWords = Readonly<Record<UsualLabel, string>> | null;

export interface LabelText {
  readonly text: string;
  /** Set where the text is English on a page that is not: for the `lang` of its element. */
  readonly lang: "en" | undefined;
}

/** @param label the core's plain English words. */
export function labelOf(label: string, words: FindingWords): LabelText {
  if (words === null) {
    return { text: label, lang: undefined };
  }
  return Object.hasOwn(words, label)
    ? { text: words[label as UsualLabel], lang: undefined }
    : { text: label, lang: "en" };
}

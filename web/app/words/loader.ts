// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches the words of a language when it is wanted: the first load carries English only.
import type { Tag } from "./languages.ts";

/** @param english is there already. */
export async function wordsIn<T>(tag: Tag, english: T, others: Readonly<Record<Exclude<Tag, "en">, () => Promise<T>>>): Promise<T> {
  return tag === "en" ? english : others[tag]();
}

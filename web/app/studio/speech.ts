// SPDX-License-Identifier: GPL-3.0-or-later
// What the page says, in the language of the person: a signal, so that everything follows the switch.
import { signal } from "@preact/signals";
import type { Plural } from "../words/catalogue.ts";
import { en } from "../words/en.ts";
import { labelOf, type LabelText } from "../words/findings/label.ts";
import { valueOf } from "../words/findings/value.ts";
import { choose, languageOf, type Choice, type Tag } from "../words/languages.ts";
import { load, loadWords, type Spoken } from "../words/spoken.ts";
import { count, fill, percent, sentences, size, type Values } from "../words/speak.ts";

const spoken = signal<Spoken>({ words: en, findings: null });
const choice = signal<Choice>({ language: languageOf("en"), locale: "en" });

export function words() {
  return spoken.value.words;
}

export function language() {
  return choice.value.language;
}

export function locale(): string {
  return choice.value.locale;
}

/** The text with its values; without any it is the text itself. */
export function say(text: string, values: Values = {}): string {
  return fill(text, values, choice.value.locale);
}

export function sayCount(plural: Plural, n: number, values: Values = {}): string {
  return count(plural, n, choice.value.locale, values);
}

export function saySentences(all: readonly string[]): string {
  return sentences(all, choice.value.locale);
}

export function saySize(bytes: number): string {
  return size(bytes, choice.value.locale);
}

export function sayPart(part: number): string {
  return percent(part, choice.value.locale);
}

export function sayLabel(label: string): LabelText {
  return labelOf(label, spoken.value.findings);
}

export function sayValue(value: string): string {
  return valueOf(value, choice.value.locale, spoken.value.words.values);
}

/** Where its words are needed within another page, which has a title and a language of its own. */
export async function speakWithin(wanted: Choice): Promise<void> {
  spoken.value = { words: await loadWords(wanted.language.tag), findings: null };
  choice.value = wanted;
}

async function speak(wanted: Choice): Promise<void> {
  spoken.value = await load(wanted.language.tag);
  choice.value = wanted;
  document.documentElement.lang = wanted.language.lang;
  document.documentElement.dir = wanted.language.direction;
  document.title = spoken.value.words.app.title;
}

/** Speaks what the browser says the person reads; English if that can't be loaded. */
export async function speakAsWanted(): Promise<void> {
  try {
    await speak(choose(navigator.languages));
  } catch {
    // English is there already.
  }
}

export async function switchTo(tag: Tag): Promise<void> {
  const found = languageOf(tag);
  const own = navigator.languages.find((one) => one.toLowerCase().split("-")[0] === tag);
  await speak({ language: found, locale: own ?? found.lang });
}

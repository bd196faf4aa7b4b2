// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk says, in the language of the reviewer: a signal, so that everything follows the switch.
import { signal } from "@preact/signals";
import type { Plural } from "../words/catalogue.ts";
import { loadDesk, type DeskWords } from "../words/desk/catalogue.ts";
import { en } from "../words/desk/en.ts";
import { choose, languageOf, type Choice, type Tag } from "../words/languages.ts";
import { count, fill, percent, size, type Values } from "../words/speak.ts";

const spoken = signal<DeskWords>(en);
const choice = signal<Choice>({ language: languageOf("en"), locale: "en" });

export function words(): DeskWords {
  return spoken.value;
}

export function language() {
  return choice.value.language;
}

/** Also with which numerals: for parts of the studio that are shown here. */
export function languageChoice(): Choice {
  return choice.value;
}

/** The text with its values. */
export function say(text: string, values: Values = {}): string {
  return fill(text, values, choice.value.locale);
}

export function sayCount(plural: Plural, n: number, values: Values = {}): string {
  return count(plural, n, choice.value.locale, values);
}

export function sayNumber(n: number): string {
  return new Intl.NumberFormat(choice.value.locale).format(n);
}

export function saySize(bytes: number): string {
  return size(bytes, choice.value.locale);
}

export function sayPart(part: number): string {
  return percent(part, choice.value.locale);
}

/** An id as people tell it to each other. Search finds it. */
export const shortId = (id: string): string => id.slice(0, 8);

/** "2026-11-23" as people write it. The desk knows days only: no zone may move them. */
export function sayDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.valueOf())
    ? day
    : new Intl.DateTimeFormat(choice.value.locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(date);
}

async function speak(wanted: Choice): Promise<void> {
  spoken.value = await loadDesk(wanted.language.tag);
  choice.value = wanted;
  document.documentElement.lang = wanted.language.lang;
  document.documentElement.dir = wanted.language.direction;
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

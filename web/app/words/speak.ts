/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts values into the texts of a catalogue, as the language of the person writes them. */
import type { Plural } from "./catalogue.ts";

export type Values = Readonly<Record<string, string | number>>;

/* What comes from a file may be written in the other direction; it must not turn the sentence. */
const ISOLATE = "\u2068";
const END_OF_ISOLATE = "\u2069";
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/;

function shown(value: string | number, locale: string): string {
  if (typeof value === "number") {
    return new Intl.NumberFormat(locale).format(value);
  }
  return /^ar\b/.test(locale) || RIGHT_TO_LEFT.test(value) ? ISOLATE + value + END_OF_ISOLATE : value;
}

/** The text with its `{slots}` filled; a slot without a value stays as it is. */
export function fill(text: string, values: Values, locale: string): string {
  return text.replace(/\{(\w+)\}/g, (slot, name: string) => {
    const value = values[name];
    return value === undefined ? slot : shown(value, locale);
  });
}

/** The form of a plural that `n` asks for, with `{n}` and other slots filled. */
export function count(plural: Plural, n: number, locale: string, values: Values = {}): string {
  const form = new Intl.PluralRules(locale).select(n);
  return fill(plural[form] ?? plural.other, { ...values, n }, locale);
}

/** A text cut at its slots, for a page that puts an element into one of them. */
export function pieces(text: string): readonly { readonly text: string; readonly slot: boolean }[] {
  return text
    .split(/(\{\w+\})/)
    .filter((piece) => piece !== "")
    .map((piece) =>
      /^\{\w+\}$/.test(piece) ? { text: piece.slice(1, -1), slot: true } : { text: piece, slot: false },
    );
}

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A number of bytes in words of two or three digits: "93 kB", "1.2 MB". */
export function size(bytes: number, locale: string): string {
  let value = bytes;
  let step = 0;
  /* 999.5 would be rounded to 1,000 of the smaller unit. */
  while (step < SIZES.length - 1 && value >= 999.5) {
    value /= 1000;
    step++;
  }
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: SIZES[step] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: step > 1 && value < 10 ? 1 : 0,
  }).format(value);
}

/** A part of a whole, 0 to 1, as a percentage. */
export function percent(part: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(part);
}

/** "a, b and c" in the language. */
export function list(items: readonly string[], locale: string): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(items);
}

/** Whole sentences, one after another; Chinese puts no space between them. */
export function sentences(all: readonly string[], locale: string): string {
  return all.join(/^zh\b/.test(locale) ? "" : " ");
}

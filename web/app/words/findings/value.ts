/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finding's value looks like to a person. The core writes dates as files do ("2026:05:01
 * 18:42:07") and counts in English ("12215 bytes"); the shapes that it usually has are written as
 * the language writes them, everything else is shown as it is. */
import type { Catalogue } from "../catalogue.ts";
import { count, fill, size } from "../speak.ts";

type Words = Catalogue["values"];
type Say = (found: readonly string[], locale: string, words: Words) => string | null;

/* In UTC from end to end: the file's own clock is shown, never moved to the person's time zone. */
function dateOf(found: readonly string[], locale: string): string | null {
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part || 0));
  const at = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0, hour, minute, second));
  /* "0000:00:00" and the 31st of April are not dates. */
  if (Number(found[1]) < 1000 || at.getUTCMonth() + 1 !== month || at.getUTCDate() !== day) {
    return null;
  }
  const clock = found[4] !== undefined && found[4] !== "";
  const seconds = found[6] !== undefined && found[6] !== "";
  const text = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    ...(clock ? { timeStyle: seconds ? "medium" : "short" } : {}),
    timeZone: "UTC",
  }).format(at);
  const zone = (found[7] ?? "").trim().replace(/^Z$/, "UTC");
  return zone === "" ? text : `${text} ${zone}`;
}

function measure(unit: "degree" | "meter", unitDisplay: "short" | "narrow"): Say {
  return ([, number = ""], locale) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay, maximumFractionDigits: 6 }).format(Number(number));
}

const counted: Say = ([, n = ""], locale, words) => count(words.values, Number(n), locale);

const shapes: readonly (readonly [RegExp, Say])[] = [
  [/^(\d{4})[:-](\d\d)[:-](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?( ?UTC|Z|[+-]\d\d:?\d\d)?)?$/, dateOf],
  [/^(\d{1,15}) bytes?$/, ([, bytes = ""], locale) => size(Number(bytes), locale)],
  [
    /^([A-Z][A-Z0-9 ]{1,7}), (\d{1,15}) bytes?$/,
    ([, format = "", bytes = ""], locale, words) =>
      fill(words.sized, { format, size: size(Number(bytes), locale) }, locale),
  ],
  [/^(-?\d{1,9}(?:\.\d{1,9})?) degrees$/, measure("degree", "narrow")],
  [/^(-?\d{1,9}(?:\.\d{1,9})?) m$/, measure("meter", "short")],
  [/^(\d{1,9}) values?$/, counted],
  [/^(\d{1,9}) tags?$/, counted],
  [/^(\d{1,9}) resources?$/, counted],
  [/^XMP with (\d{1,9}) other propert(?:y|ies)$/, counted],
];

/** @param value of a finding, as the core made it printable. */
export function valueOf(value: string, locale: string, words: Words): string {
  for (const [shape, say] of shapes) {
    const found = shape.exec(value);
    const text = found === null ? null : say(found, locale, words);
    if (text !== null) {
      return text;
    }
  }
  return value;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A text as words_check compares it: letter by letter, each in its plain form, without what is not seen (desk/words_line.h). What
// matches says where it ends when it begins at a place; NONE when it does not begin there.

export type ContactKind = "phone" | "email" | "handle" | "link";
export type Is = (c: string) => boolean;

export const NONE = -1;
export const BULLET = "\u00b7";

/** Where the ten digits of other scripts begin: Arabic, Persian, Devanagari, Bengali, full width. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10];
type Span = readonly [first: number, last: number];
/** None of them is seen: among them what lengthens and points Arabic words, and the frame of a keycap. */
const UNSEEN: readonly Span[] = [[0, 0], [0x00ad, 0x00ad], [0x061c, 0x061c], [0x0640, 0x0640], [0x064b, 0x0652], [0x200b, 0x200f], [0x202a, 0x202e], [0x2060, 0x206f], [0x20e3, 0x20e3], [0xfe00, 0xfe0f], [0xfeff, 0xfeff]];
/** What stands for a sign of ASCII, and for a bullet. */
const SIGNS: readonly (readonly [...Span, sign: string])[] = [
  [0x2010, 0x2015, "-"], [0x2212, 0x2212, "-"],
  [0x0009, 0x0009, " "], [0x00a0, 0x00a0, " "], [0x2000, 0x200a, " "], [0x202f, 0x202f, " "], [0x3000, 0x3000, " "],
  [0x3002, 0x3002, "."], [0x2024, 0x2024, "."], [0xff61, 0xff61, "."],
  [0x2044, 0x2044, "/"], [0x2215, 0x2215, "/"], [0x2502, 0x2502, "|"], [0x2217, 0x2217, "*"], [0xfe6b, 0xfe6b, "@"],
  [0x2022, 0x2023, BULLET], [0x2027, 0x2027, BULLET], [0x2219, 0x2219, BULLET], [0x22c5, 0x22c5, BULLET], [0x25cf, 0x25cf, BULLET], [0x25e6, 0x25e6, BULLET], [0x30fb, 0x30fb, BULLET],
];
/** Pictures and arrows. */
const DRAWN: readonly Span[] = [[0x2190, 0x2bff], [0x1f000, 0x1faff]];
/** No letters, above ASCII. */
const MARKS: readonly Span[] = [[0x00d7, 0x00d7], [0x00f7, 0x00f7], [0x060c, 0x060c], [0x061b, 0x061b], [0x061f, 0x061f], [0x06d4, 0x06d4], [0x2000, 0x206f], [0x20a0, 0x20cf], [0x3000, 0x303f], [0xfe00, 0xfe6f], [0xff00, 0xffef], ...DRAWN];
const CURRENCIES: readonly Span[] = [[0x24, 0x24], [0xa3, 0xa3], [0xa5, 0xa5], [0x20a0, 0x20bf]];

const isWithin = (code: number, spans: readonly Span[]): boolean => spans.some(([first, last]) => code >= first && code <= last);
const codeOf = (c: string): number => c.codePointAt(0) ?? 0;

/** As it is compared: Latin digits, plain signs. null: it is not seen. */
function plainOf(code: number): string | null {
  const zero = ZEROS.find((one) => code >= one && code <= one + 9);
  if (zero !== undefined) {
    return String(code - zero);
  }
  if (isWithin(code, UNSEEN)) {
    return null;
  }
  const sign = SIGNS.find(([first, last]) => code >= first && code <= last);
  return sign !== undefined ? sign[2] : String.fromCodePoint(code >= 0xff01 && code <= 0xff5e ? code - 0xfee0 : code);
}

/* All of them are false of "", which stands behind the last letter. */
export const isOneOf = (c: string, these: string): boolean => c !== "" && these.includes(c);
export const isDigit: Is = (c) => c >= "0" && c <= "9";
export const isCapital: Is = (c) => c >= "A" && c <= "Z";
export const isLatin: Is = (c) => (c >= "a" && c <= "z") || isCapital(c);
export const isDrawn: Is = (c) => isWithin(codeOf(c), DRAWN);
/** Of any script; no sign, no emoji. */
export const isLetter: Is = (c) => isLatin(c) || (codeOf(c) >= 0xc0 && !isWithin(codeOf(c), MARKS));
export const isBlank: Is = (c) => c === " ";
/** Of an address of mail, before its @. */
export const isWordy: Is = (c) => isLatin(c) || isDigit(c) || isOneOf(c, "._%+-");
export const isOfHost: Is = (c) => isLatin(c) || isDigit(c) || isOneOf(c, ".-");
export const isCurrency: Is = (c) => isWithin(codeOf(c), CURRENCIES);

/** As words are compared: small, and an Arabic alef without what stands on it. */
const folded = (c: string): string => (isCapital(c) ? c.toLowerCase() : "\u0622\u0623\u0625".includes(c) ? "\u0627" : c);

/** Words as they are compared. */
export class Words {
  readonly all: readonly (readonly string[])[];

  constructor(words: readonly string[]) {
    this.all = words.map((word) => [...word].map(folded));
  }
}

/** One that is seen, as it is compared, and its number in the text. */
interface Letter {
  readonly c: string;
  readonly at: number;
}

export class Line {
  readonly #points: readonly string[];
  readonly #all: readonly Letter[];

  constructor(text: string) {
    this.#points = [...text];
    this.#all = this.#points.flatMap((point, at): Letter[] => {
      const c = plainOf(codeOf(point));
      return c === null ? [] : [{ c, at }];
    });
  }

  get length(): number {
    return this.#all.length;
  }

  /** "" behind the last. */
  c(at: number): string {
    return this.#all[at]?.c ?? "";
  }

  /** Of the text that was given, from the first to the last that is seen. */
  written(from: number, to: number): { at: number; text: string } {
    const [first, last] = [this.#all[from]?.at ?? 0, this.#all[to - 1]?.at ?? 0];
    return { at: first, text: this.#points.slice(first, last + 1).join("") };
  }

  some(from: number, to: number, is: Is): boolean {
    return this.count(from, to, is) > 0;
  }

  count(from: number, to: number, is: Is): number {
    let count = 0;
    for (let at = from; at < to; at++) {
      count += is(this.c(at)) ? 1 : 0;
    }
    return count;
  }

  pass(at: number, is: Is): number {
    let end = at;
    while (end < this.length && is(this.c(end))) {
      end++;
    }
    return end;
  }

  passBlanks(at: number): number {
    return this.pass(at, isBlank);
  }

  /** Without the signs of `trailing` at the end of [from, end). */
  trim(from: number, end: number, trailing: string): number {
    let last = end;
    while (last > from && isOneOf(this.c(last - 1), trailing)) {
      last--;
    }
    return last;
  }

  #word(at: number, word: readonly string[]): number {
    for (const [i, c] of word.entries()) {
      if (folded(this.c(at + i)) !== c) {
        return NONE;
      }
    }
    const end = at + word.length;
    return isLatin(word.at(-1) ?? "") && isLatin(this.c(end)) ? NONE : end;
  }

  /** The end of the longest of `words` that begins here; no letter goes on behind one that ends in a Latin letter. */
  match(at: number, words: Words): number {
    return Math.max(NONE, ...words.all.map((word) => this.#word(at, word)));
  }

  /** The start of the longest that ends here. */
  matchBefore(end: number, words: Words): number {
    let first = NONE;
    for (const word of words.all) {
      const from = end - word.length;
      const is = from >= 0 && this.#word(from, word) === end && (from === 0 || !isLatin(this.c(from)) || !isLatin(this.c(from - 1)));
      first = is && (first === NONE || from < first) ? from : first;
    }
    return first;
  }

  /** Whether [at, end) is one of them. */
  isAny(at: number, end: number, words: Words): boolean {
    return words.all.some((word) => word.length === end - at && this.#word(at, word) === end);
  }
}

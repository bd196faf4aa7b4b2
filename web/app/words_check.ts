// SPDX-License-Identifier: GPL-3.0-or-later
// What in a text leads to a person: phone numbers, addresses of mail, handles, links. The server looks at what becomes public
// by the same rules (desk/words_check.h); tests/web/words_check.json has the cases that both must find.
//
// It asks too often rather than too seldom: who writes may say it anyway. Dates, years and round numbers are no phone numbers.

export type ContactKind = "phone" | "email" | "handle" | "link";

export interface Contact {
  readonly kind: ContactKind;
  /** Code points before it. */
  readonly at: number;
  readonly text: string;
}

/** One that is seen, as it is compared, and where it stands in the text. */
interface Letter {
  readonly c: string;
  readonly at: number;
}

const PHONE_DIGITS_MIN = 7;
/** Between two digits of one number: "+1 (555) …". */
const GAP_MAX = 3;
/** "example [dot] co [dot] uk" */
const DOTS_MAX = 4;
const ENDINGS = new Set(["com", "org", "net", "info", "biz", "edu", "gov", "app", "dev", "xyz", "online", "site", "shop", "blog", "live", "social", "onion"]);
/** Where people have names; "IG: anna". */
const PLACES = new Set(["ig", "insta", "instagram", "telegram", "tg", "signal", "snapchat", "tiktok", "twitter", "discord", "wechat", "whatsapp"]);

/** Where the ten digits of other scripts begin: Arabic, Persian, Devanagari, Bengali, full width. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10];
/** First and last; none of them is seen. */
const UNSEEN = [[0x00ad, 0x00ad], [0x061c, 0x061c], [0x200b, 0x200f], [0x202a, 0x202e], [0x2060, 0x206f], [0xfe00, 0xfe0f], [0xfeff, 0xfeff]] as const;
/** No letters, above ASCII. */
const MARKS = [[0x00d7, 0x00d7], [0x00f7, 0x00f7], [0x060c, 0x060c], [0x061b, 0x061b], [0x061f, 0x061f], [0x06d4, 0x06d4], [0x2000, 0x206f], [0x20a0, 0x20cf], [0x2190, 0x2bff], [0x3000, 0x303f], [0xfe00, 0xfe6f], [0xff00, 0xffef]] as const;

const isWithin = (code: number, ranges: readonly (readonly [number, number])[]): boolean => ranges.some(([first, last]) => code >= first && code <= last);

/** As it is compared: Latin digits, plain signs. null: it is not seen. */
function plainOf(code: number): string | null {
  const zero = ZEROS.find((one) => code >= one && code <= one + 9);
  if (zero !== undefined) {
    return String(code - zero);
  }
  if (isWithin(code, UNSEEN)) {
    return null;
  }
  if ((code >= 0x2010 && code <= 0x2015) || code === 0x2212) {
    return "-";
  }
  if (code === 0x00a0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x3000 || code === 0x09) {
    return " ";
  }
  if (code === 0x3002 || code === 0x2024 || code === 0xff61) {
    return ".";
  }
  if (code === 0x2022 || code === 0x2027 || code === 0x2219 || code === 0x30fb) {
    return "\u00b7";
  }
  if (code === 0xfe6b) {
    return "@";
  }
  return String.fromCodePoint(code >= 0xff01 && code <= 0xff5e ? code - 0xfee0 : code);
}

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= "0" && c <= "9";
const isLatin = (c: string | undefined): boolean => c !== undefined && /^[A-Za-z]$/.test(c);
const isWordy = (c: string | undefined): boolean => isLatin(c) || isDigit(c) || (c !== undefined && c !== "" && "._%+-".includes(c));
const isOfHost = (c: string | undefined): boolean => isLatin(c) || isDigit(c) || c === "." || c === "-";
const isLetter = (c: string | undefined): boolean => {
  const code = c?.codePointAt(0) ?? 0;
  return isLatin(c) || (code >= 0xc0 && !isWithin(code, MARKS));
};
const isOfHandle = (c: string | undefined): boolean => isLetter(c) || isDigit(c) || c === "_" || c === "." || c === "-";
const isGap = (c: string | undefined): boolean => c !== undefined && c !== "" && " -./()_\u00b7\r\n".includes(c);

/** A text, letter by letter. Its functions take where something may begin, and say where it ends; -1: it does not begin there. */
class Line {
  readonly #all: readonly Letter[];

  constructor(all: readonly Letter[]) {
    this.#all = all;
  }

  get length(): number {
    return this.#all.length;
  }

  c(at: number): string | undefined {
    return this.#all[at]?.c;
  }

  slice(from: number, to: number): string {
    return this.#all.slice(from, to).map(({ c }) => c).join("");
  }

  #while(at: number, is: (c: string | undefined) => boolean): number {
    let end = at;
    while (end < this.length && is(this.c(end))) {
      end++;
    }
    return end;
  }

  /** Without the signs of `trailing` at its end. */
  #trim(from: number, end: number, trailing: string): number {
    let last = end;
    while (last > from && trailing.includes(this.c(last - 1) ?? "?")) {
      last--;
    }
    return last;
  }

  #toGap(at: number): number {
    const end = this.#while(at, (c) => c !== undefined && c > " " && c < "\x7f" && !'"<>'.includes(c));
    return this.#trim(at, end, ".,;:!?)'");
  }

  /** The machine of an address of mail: "example.org", "localhost". */
  #host(at: number): number {
    const end = this.#trim(at, this.#while(at, isOfHost), ".-");
    return end - at >= 2 && /[A-Za-z]/.test(this.slice(at, end)) ? end : -1;
  }

  email(at: number): number {
    const sign = this.#while(at, isWordy);
    return this.c(sign) === "@" ? this.#host(sign + 1) : -1;
  }

  link(at: number): number {
    const run = this.#while(at, isWordy);
    if (run - at >= 2 && this.slice(run, run + 3) === "://") {
      const end = this.#toGap(run + 3);
      return end > run + 3 ? end : -1;
    }
    const end = this.#trim(at, run, "._%+-");
    const name = this.slice(at, end);
    const labels = name.split(".");
    const [last = "", before = "", third = ""] = [labels.at(-1), labels.at(-2), labels.at(-3)];
    if (labels.length < 2 || !/^[A-Za-z0-9.-]+$/.test(name) || labels.includes("") || !/^[A-Za-z]{2,}$/.test(last)) {
      return -1;
    }
    const hasPath = this.c(end) === "/" && this.#toGap(end) > end + 1;
    const isName = labels[0]?.toLowerCase() === "www" || ENDINGS.has(last.toLowerCase()) || (last.length === 2 && (before.length >= 3 || (before.length === 2 && third.length >= 2)));
    return hasPath ? this.#toGap(end) : isName ? end : -1;
  }

  handle(at: number): number {
    const end = this.#trim(at + 1, this.#while(at + 1, isOfHandle), ".-");
    const name = this.#all.slice(at + 1, end);
    if (this.c(at) !== "@" || name.length < 2 || !name.some(({ c }) => isLetter(c))) {
      return -1;
    }
    return this.c(end) === "@" ? Math.max(end, this.#host(end + 1)) : end;
  }

  #blanks(at: number): number {
    return this.#while(at, (c) => c === " ");
  }

  /** Behind "[at]", " (At) "; -1. */
  #bracketed(at: number, word: string): number {
    const open = this.#blanks(at);
    const from = this.#blanks(open + 1);
    const close = this.#blanks(from + word.length);
    const is = "([{".includes(this.c(open) ?? "?") && this.slice(from, from + word.length).toLowerCase() === word && ")]}".includes(this.c(close) ?? "?");
    return is ? this.#blanks(close + 1) : -1;
  }

  /** "anna [at] example [dot] org", "example (dot) org" */
  spelled(at: number): { kind: ContactKind; end: number } | null {
    let end = this.#trim(at, this.#while(at, isWordy), "._%+-");
    let kind: ContactKind | null = null;
    for (const word of ["at", ...Array<string>(DOTS_MAX).fill("dot")]) {
      const next = this.#bracketed(end, word);
      const to = next < 0 ? -1 : this.#trim(next, this.#while(next, isOfHost), ".-");
      if (next >= 0 && to >= next + 2 && isLatin(this.c(next))) {
        kind ??= word === "at" ? "email" : "link";
        end = to;
      }
    }
    return kind === null ? null : { kind, end };
  }

  /** "IG: anna", "insta anna_b", "u/anna" */
  named(at: number): number {
    const place = this.#while(at, isLatin);
    const word = this.slice(at, place).toLowerCase();
    const isReddit = word === "u" && this.c(place) === "/";
    if (!isReddit && !PLACES.has(word)) {
      return -1;
    }
    const colon = this.#blanks(place);
    const isSaid = isReddit || this.c(colon) === ":";
    const from = isReddit ? place + 1 : this.#blanks(isSaid ? colon + 1 : colon);
    const end = this.#trim(from, this.#while(from, isOfHandle), ".-");
    const name = this.#all.slice(from, end);
    const looksLikeOne = name.some(({ c }) => isDigit(c) || c === "_" || c === ".");
    return from > place && name.length >= 3 && name.some(({ c }) => isLetter(c)) && (isSaid || looksLikeOne) ? end : -1;
  }

  /** Where a run of digits and what stands between them ends: at its last digit. */
  digits(at: number): number {
    let end = this.c(at) === "+" ? at + 1 : at;
    for (let gap = 0; gap <= GAP_MAX && end + gap < this.length; ) {
      const c = this.c(end + gap);
      if (isDigit(c)) {
        end += gap + 1;
        gap = 0;
      } else if (isGap(c) || (c === "," && isDigit(this.c(end + gap + 1)))) {
        gap++;
      } else {
        break;
      }
    }
    return end;
  }

  /** "2026-11-23", "23.11.2026", "2019-2021". */
  date(at: number): number {
    const found = /^(?:(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2(?:19|20)\d\d|(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d)(?!\d|[-./]\d)/.exec(this.slice(at, at + 12));
    return found === null ? -1 : at + found[0].length;
  }
}

function isPhone(run: string): boolean {
  const groups = run.split(/\D+/).filter((group) => group !== "");
  /* "2 000 000" */
  const isRound = groups.length > 1 && groups.at(-1) === "000" && groups.slice(1).every((group) => group.length === 3) && !run.startsWith("+");
  const isCounted = /^[1-9]\d{0,2}(?:,\d{3})+$/.test(run);
  return groups.join("").length >= PHONE_DIGITS_MIN && !isRound && !isCounted;
}

/** What begins at `at`, and where it ends; `next` is where to look on. */
function lookAt(line: Line, at: number): { kind: ContactKind | null; next: number } {
  const [c, before] = [line.c(at), line.c(at - 1)];
  if ((isLatin(c) || isDigit(c)) && !isWordy(before)) {
    for (const kind of ["email", "link"] as const) {
      const end = line[kind](at);
      if (end > 0) {
        return { kind, next: end };
      }
    }
    const spelled = line.spelled(at);
    if (spelled !== null) {
      return { kind: spelled.kind, next: spelled.end };
    }
    const named = line.named(at);
    if (named > 0) {
      return { kind: "handle", next: named };
    }
  }
  if (c === "@" && !isWordy(before)) {
    const end = line.handle(at);
    return end < 0 ? { kind: null, next: at + 1 } : { kind: "handle", next: end };
  }
  if (isDigit(c) || (c === "+" && (isDigit(line.c(at + 1)) || isGap(line.c(at + 1))))) {
    const date = line.date(at);
    if (date > 0) {
      return { kind: null, next: date };
    }
    const end = line.digits(at);
    return { kind: isPhone(line.slice(at, end)) ? "phone" : null, next: Math.max(end, at + 1) };
  }
  return { kind: null, next: at + 1 };
}

/** In the order in which they stand; none overlaps another. */
export function findContacts(text: string): Contact[] {
  const points = [...text];
  const letters = points.flatMap((point, at): Letter[] => {
    const c = plainOf(point.codePointAt(0) ?? 0);
    return c === null ? [] : [{ c, at }];
  });
  const line = new Line(letters);
  const found: Contact[] = [];
  for (let at = 0; at < line.length; ) {
    const { kind, next } = lookAt(line, at);
    const [first, last] = [letters[at], letters[next - 1]];
    if (kind !== null && first !== undefined && last !== undefined) {
      found.push({ kind, at: first.at, text: points.slice(first.at, last.at + 1).join("") });
    }
    at = next;
  }
  return found;
}

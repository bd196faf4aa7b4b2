// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of mail and of pages, also as people spell them (desk/words_mail.c). Each says where it ends when it begins at `at`, or NONE.
import { type ContactKind, isLatin, isOfHost, isOneOf, isWordy, type Line, NONE, Words } from "./line.ts";

/** "example [dot] co [dot] uk" */
const DOTS_MAX = 4;
/** Of a name with a spoken dot and nothing before it. */
const LABEL_MIN = 3;
const ENDINGS = new Words(["com", "org", "net", "info", "biz", "edu", "gov", "app", "dev", "xyz", "online", "site", "shop", "blog", "live", "social", "onion"]);
const WWW = new Words(["www"]);

/* As they are written. */

function toGap(line: Line, at: number): number {
  const end = line.pass(at, (c) => c > " " && c < "\x7f" && !isOneOf(c, '"<>'));
  return line.trim(at, end, ".,;:!?)'");
}

const passHost = (line: Line, at: number): number => line.trim(at, line.pass(at, isOfHost), ".-");
const passWord = (line: Line, at: number): number => line.trim(at, line.pass(at, isWordy), "._%+-");

/** The machine of an address of mail: "example.org", "localhost". */
export function matchHost(line: Line, at: number): number {
  const end = passHost(line, at);
  return end >= at + 2 && line.some(at, end, isLatin) ? end : NONE;
}

/** "anna@example.org" */
export function matchEmail(line: Line, at: number): number {
  const sign = line.pass(at, isWordy);
  return line.c(sign) === "@" ? matchHost(line, sign + 1) : NONE;
}

/** Where the last label of a name begins, and how long the two before it are. */
interface Name {
  readonly last: number;
  readonly before: number;
  readonly third: number;
}

/** null for what is no name of a host: an empty label, other signs, digits behind the last dot. */
function readName(line: Line, at: number, end: number): Name | null {
  let name: Name = { last: at, before: 0, third: 0 };
  for (let i = at; i < end; i++) {
    if (!isOfHost(line.c(i)) || (line.c(i) === "." && i === name.last)) {
      return null;
    }
    if (line.c(i) === ".") {
      name = { last: i + 1, before: i - name.last, third: name.before };
    }
  }
  return name.last > at && end >= name.last + 2 && line.pass(name.last, isLatin) >= end ? name : null;
}

function isNameOfHost(line: Line, at: number, end: number, name: Name): boolean {
  const isCountry = end === name.last + 2;
  return line.isAny(name.last, end, ENDINGS) || (line.isAny(at, at + 3, WWW) && line.c(at + 3) === ".") || (isCountry && (name.before >= 3 || (name.before === 2 && name.third >= 2)));
}

/** "https://example.org/a", "www.example.org", "t.me/anna" */
export function matchLink(line: Line, at: number): number {
  const run = line.pass(at, isWordy);
  if (run >= at + 2 && line.c(run) === ":" && line.c(run + 1) === "/" && line.c(run + 2) === "/") {
    const end = toGap(line, run + 3);
    return end > run + 3 ? end : NONE;
  }
  const end = line.trim(at, run, "._%+-");
  const name = readName(line, at, end);
  if (name === null) {
    return NONE;
  }
  const path = line.c(end) === "/" ? toGap(line, end) : end;
  return path > end + 1 ? path : isNameOfHost(line, at, end, name) ? end : NONE;
}

/* As people spell them. */

const ATS = new Words(["at", "arroba", "arobase", "arrobase", "골뱅이", "앳", "艾特", "ات"]);
const DOTS = new Words(["dot", "punto", "point", "点", "點", "점", "닷", "نقطة", "دوت"]);
/** "un point com": said of other things, too. */
const POINT = new Words(["point"]);
/** In prose there are dots, too: behind one that is spoken, an ending has to be known. */
const SPOKEN_ENDINGS = new Words(["com", "org", "net", "edu", "gov", "xyz", "onion", "ar", "br", "ch", "cl", "cn", "co", "de", "es", "eu", "fr", "io", "jp", "kr", "mx", "pe", "ru", "tw", "uk", "ve"]);
const PLAIN_ENDINGS = new Words(["com", "org", "net"]);
/** Where people have mail, and no word of prose: "anna at gmail". */
const MAIL_HOSTS = new Words(["gmail", "googlemail", "hotmail", "hanmail", "protonmail", "gmx"]);
/** "the dot com years" */
const LITTLE_WORDS = new Words(["the", "this", "that", "and", "polka", "dot", "del", "con", "por"]);

/** Behind "[at]", " (At) ", "(@)". */
function matchBracketed(line: Line, at: number, words: Words, sign: string): number {
  const open = line.passBlanks(at);
  if (!isOneOf(line.c(open), "([{<")) {
    return NONE;
  }
  const from = line.passBlanks(open + 1);
  const end = line.c(from) === sign ? from + 1 : line.match(from, words);
  if (end === NONE) {
    return NONE;
  }
  const close = line.passBlanks(end);
  return isOneOf(line.c(close), ")]}>") ? line.passBlanks(close + 1) : NONE;
}

/** Behind " at "; only a word in Latin letters needs blanks around it. */
function matchBare(line: Line, at: number, words: Words): number {
  const from = line.passBlanks(at);
  const end = line.match(from, words);
  if (end === NONE) {
    return NONE;
  }
  const next = line.passBlanks(end);
  return !isLatin(line.c(from)) || (from > at && next > end) ? next : NONE;
}

/** How far " [dot] org", " dot com" go on behind a name that ends at `end`. */
function passDots(line: Line, from: number): number {
  let [end, known] = [from, from];
  for (let i = 0; i < DOTS_MAX; i++) {
    const sure = matchBracketed(line, end, DOTS, ".");
    const next = sure !== NONE ? sure : matchBare(line, end, DOTS);
    const to = next === NONE ? NONE : passHost(line, next);
    if (next === NONE || to < next + 2 || !isLatin(line.c(next))) {
      break;
    }
    end = to;
    known = sure !== NONE || line.isAny(next, to, SPOKEN_ENDINGS) ? to : known;
  }
  return known;
}

function isMailHost(line: Line, at: number, end: number): boolean {
  let label = at;
  while (label < end && line.c(label) !== ".") {
    label++;
  }
  return line.isAny(at, label, MAIL_HOSTS);
}

const isLittleWord = (line: Line, at: number, end: number): boolean => end < at + LABEL_MIN || line.isAny(at, end, LITTLE_WORDS);

function matchSpelledLink(line: Line, at: number, word: number): number {
  if (matchBracketed(line, word, DOTS, ".") === NONE) {
    const next = matchBare(line, word, POINT) === NONE ? matchBare(line, word, DOTS) : NONE;
    if (next === NONE || isLittleWord(line, at, word) || !line.isAny(next, passHost(line, next), PLAIN_ENDINGS)) {
      return NONE;
    }
  }
  const end = passDots(line, word);
  return end > word ? end : NONE;
}

/** "anna [at] example [dot] org", "anna at gmail dot com", "example (dot) org" */
export function matchSpelled(line: Line, at: number): { kind: ContactKind; end: number } {
  const word = passWord(line, at);
  const sure = matchBracketed(line, word, ATS, "@");
  const next = sure !== NONE ? sure : matchBare(line, word, ATS);
  const host = next === NONE ? NONE : matchHost(line, next);
  if (host !== NONE) {
    const end = passDots(line, host);
    if (sure !== NONE || ((end > host || isMailHost(line, next, host)) && !isLittleWord(line, next, host))) {
      return { kind: "email", end };
    }
  }
  return { kind: "link", end: matchSpelledLink(line, at, word) };
}

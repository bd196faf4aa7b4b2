// SPDX-License-Identifier: GPL-3.0-or-later
// A run of digits is read as groups; what is counted, paid, played or filed has a form of its own (desk/words_numbers.c).
import { BULLET, isCurrency, isDigit, isOneOf, type Line, NONE, Words } from "./line.ts";

const PHONE_DIGITS_MIN = 7;
/** Between two digits of one number: "+1 (555) …". */
const GAP_MAX = 3;
/** More are none of the forms below. */
const GROUPS_MAX = 16;
/** Signs and blanks between "case no." and its number. */
const LOOK_BACK = 4;

const MONEY = new Words(["eur", "euro", "euros", "usd", "dollars", "dólares", "dolares", "pesos", "fcfa", "francs", "won", "yuan", "元", "块", "원", "درهم", "دينار", "دولار", "ليرة", "جنيه"]);
const NUMBERS = new Words(["no", "nr", "n", "num", "number", "numero", "número", "numéro", "№", "番号", "编号", "번호", "رقم"]);
const FILES = new Words([
  "case", "file", "docket", "reference", "ref", "complaint", "warrant", "law", "decree",
  "caso", "causa", "expediente", "denuncia", "ley", "decreto", "referencia",
  "dossier", "affaire", "plainte", "loi", "décret", "référence",
  "案号", "案件", "案", "사건", "قضية", "القضية", "قانون",
]);

export const isGap = (c: string): boolean => isOneOf(c, " -./()_|*\r\n") || c === BULLET;

/** Where a run of digits and what stands between them ends: at its last digit. */
export function matchDigits(line: Line, at: number): number {
  let end = line.c(at) === "+" ? at + 1 : at;
  for (let gap = 0; gap <= GAP_MAX; ) {
    const c = line.c(end + gap);
    if (isDigit(c)) {
      end += gap + 1;
      gap = 0;
    } else if (isGap(c) || (c === "," && isDigit(line.c(end + gap + 1)))) {
      gap++;
    } else {
      break;
    }
  }
  return end;
}

interface Group {
  readonly from: number;
  readonly digits: string;
  /** Behind it: a blank, one sign with or without blanks, or "" for more. */
  readonly sign: string;
}

function signBetween(line: Line, from: number, to: number): string {
  let sign = " ";
  for (let at = from; at < to; at++) {
    const c = line.c(at);
    if (c !== " " && sign !== " ") {
      return "";
    }
    sign = c !== " " ? c : sign;
  }
  return sign;
}

function readRun(line: Line, at: number, end: number): Group[] {
  const groups: Group[] = [];
  for (let from = at; from < end; ) {
    const to = line.pass(from, isDigit);
    let next = to;
    while (next < end && !isDigit(line.c(next))) {
      next++;
    }
    if (to > from) {
      const digits = Array.from({ length: to - from }, (_, i) => line.c(from + i)).join("");
      groups.push({ from, digits, sign: signBetween(line, to, next) });
    }
    from = next;
  }
  return groups;
}

/* What is none. */

const digitsOf = (groups: readonly Group[]): string => groups.map(({ digits }) => digits).join("");

/** "2000", "15 000": one number, without a nought before it; a sign between thousands is the same everywhere. */
function isWhole(groups: readonly Group[]): boolean {
  const [first, ...others] = groups;
  if (first === undefined || first.digits.startsWith("0") || (others.length > 0 && first.digits.length > 3)) {
    return false;
  }
  return others.every(({ digits }) => digits.length === 3) && groups.slice(0, -1).every(({ sign }) => sign === first.sign && isOneOf(sign, " .,"));
}

/** "2 000 000", whatever stands between the groups. */
const isRound = (groups: readonly Group[]): boolean => groups.length > 1 && groups.slice(1).every(({ digits }) => digits.length === 3) && groups.at(-1)?.digits === "000";

/** "1,234,567" */
const isCounted = (groups: readonly Group[]): boolean =>
  groups.length > 1 && isWhole(groups) && groups.slice(0, -1).every(({ from, digits, sign }, i) => sign === "," && groups[i + 1]?.from === from + digits.length + 1);

/** "2019 / 2020 / 2021" */
const isYears = (groups: readonly Group[]): boolean =>
  groups.length > 1 && groups.every(({ digits }, i) => /^(?:19|20)\d\d$/.test(digits) && (i === 0 || digits > (groups[i - 1]?.digits ?? "")));

/** "6-4 6-3 6-7 7-5" */
const isScore = (groups: readonly Group[]): boolean =>
  groups.length >= 4 && groups.length % 2 === 0 && groups.every(({ digits, sign }, i) => digits.length === 1 && (i % 2 === 0 ? sign === "-" : i + 1 === groups.length || sign === " " || sign === ","));

/** "2000-3000 people", "10.000 - 15.000" */
function isRange(groups: readonly Group[]): boolean {
  const splits = groups.slice(0, -1).flatMap(({ sign }, i) => (sign === "-" || sign === "/" ? [i + 1] : []));
  const split = splits[0] ?? 0;
  const [left, right] = [groups.slice(0, split), groups.slice(split)];
  if (splits.length !== 1 || !isWhole(left) || !isWhole(right) || (left.length === 1) !== (right.length === 1)) {
    return false;
  }
  const [less, more] = [digitsOf(left), digitsOf(right)];
  return less.endsWith("00") && more.endsWith("00") && (less.length < more.length || (less.length === more.length && less < more));
}

/** "1920*1080" */
const isSize = (groups: readonly Group[]): boolean => groups.length === 2 && groups[0]?.sign === "*" && !groups[0].digits.startsWith("0");

/** "$ 1,250,500.20", "1.250.500 €", "1250000元" */
function isPaid(line: Line, groups: readonly Group[], at: number, end: number): boolean {
  const before = line.c(at - 1) === " " ? at - 1 : at;
  const behind = line.c(end) === " " ? end + 1 : end;
  if (!isCurrency(line.c(before - 1)) && !isCurrency(line.c(behind)) && line.match(behind, MONEY) === NONE) {
    return false;
  }
  const point = groups.at(-2)?.sign ?? "";
  const hasCents = isOneOf(point, ".,") && (groups.at(-1)?.digits.length ?? 0) <= 2 && (groups.length === 2 || point !== groups[0]?.sign);
  return isWhole(hasCents ? groups.slice(0, -1) : groups);
}

function lookBack(line: Line, at: number): number {
  let from = at;
  while (at - from < LOOK_BACK && isOneOf(line.c(from - 1), " .:#º°")) {
    from--;
  }
  return from;
}

/** "case no. 2026-004512", "expediente n.º 2026/004512" */
function isFiled(line: Line, groups: readonly Group[], at: number): boolean {
  if (groups.length > 3 || groups[0]?.digits.startsWith("0") === true) {
    return false;
  }
  const end = lookBack(line, at);
  const number = line.matchBefore(end, NUMBERS);
  return line.matchBefore(number !== NONE ? lookBack(line, number) : end, FILES) !== NONE;
}

/** Whether the run [at, end) may be a phone's. */
export function isPhone(line: Line, at: number, end: number): boolean {
  const groups = readRun(line, at, end);
  if (digitsOf(groups).length < PHONE_DIGITS_MIN) {
    return false;
  }
  if (line.c(at) === "+" || groups.length > GROUPS_MAX) {
    return true;
  }
  return !(isRound(groups) || isCounted(groups) || isYears(groups) || isScore(groups) || isRange(groups) || isSize(groups) || isPaid(line, groups, at, end) || isFiled(line, groups, at));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Dates, times and places on a map, as they are written in digits (desk/words_moments.c).
import { isDigit, isOneOf, type Line, NONE } from "./line.ts";

const HOUR_MAX = 24;
const MINUTE_MAX = 59;
const DAY_MAX = 31;
const DEGREES_MAX = 180;
const DECIMALS_MIN = 3;
const DECIMALS_MAX = 8;

const isDigitAt = (line: Line, at: number): boolean => isDigit(line.c(at));
const passBlank = (line: Line, at: number): number => (line.c(at) === " " ? at + 1 : at);

/** So many digits as a date has there: one or two, or the four of a year. */
const matchDay = (line: Line, at: number): number => (!isDigitAt(line, at) ? NONE : isDigitAt(line, at + 1) ? at + 2 : at + 1);

function matchYear(line: Line, at: number): number {
  const isCentury = (line.c(at) === "1" && line.c(at + 1) === "9") || (line.c(at) === "2" && line.c(at + 1) === "0");
  return isCentury && isDigitAt(line, at + 2) && isDigitAt(line, at + 3) ? at + 4 : NONE;
}

/** One or two digits that are no more than `max`, and no third. */
function matchUpto(line: Line, at: number, max: number): number {
  const end = matchDay(line, at);
  if (end === NONE || isDigitAt(line, end)) {
    return NONE;
  }
  return Number(end === at + 2 ? line.c(at) + line.c(at + 1) : line.c(at)) <= max ? end : NONE;
}

type Part = (line: Line, at: number) => number;

/** Three parts with the same sign between them; behind a dot may be a blank. */
function matchParts(line: Line, at: number, [first, second, third]: readonly [Part, Part, Part]): number {
  let end = first(line, at);
  const sign = end === NONE ? "" : line.c(end);
  for (const part of [second, third]) {
    if (end === NONE || !isOneOf(sign, "-./") || line.c(end) !== sign) {
      return NONE;
    }
    end = part(line, sign === "." ? passBlank(line, end + 1) : end + 1);
  }
  return end;
}

const matchDayFirst = (line: Line, at: number): number => matchParts(line, at, [matchDay, matchDay, matchYear]);

/** "-", " / ": behind it. */
function passUntil(line: Line, at: number): number {
  const sign = passBlank(line, at);
  return isOneOf(line.c(sign), "-/") ? passBlank(line, sign + 1) : NONE;
}

/** "2019-2021", "2019 / 2021" */
function matchYears(line: Line, at: number): number {
  const end = matchYear(line, at);
  const next = end === NONE ? NONE : passUntil(line, end);
  return next === NONE ? NONE : matchYear(line, next);
}

/** "23.-25.11.2026", "23.11.-25.11.2026" */
function matchDays(line: Line, at: number): number {
  let end = matchUpto(line, at, DAY_MAX);
  for (let i = 0; i < 2 && end !== NONE; i++) {
    const behind = line.c(end) === "." ? end + 1 : end;
    const next = passUntil(line, behind);
    const until = next === NONE ? NONE : matchDayFirst(line, next);
    if (until !== NONE) {
      return until;
    }
    end = behind > end ? matchUpto(line, behind, DAY_MAX) : NONE;
  }
  return NONE;
}

/** "2026-11-23", "23.11.2026", "2019-2021" */
function matchDate(line: Line, at: number): number {
  for (const end of [matchParts(line, at, [matchYear, matchDay, matchDay]), matchDayFirst(line, at), matchYears(line, at)]) {
    if (end !== NONE) {
      return end;
    }
  }
  return matchDays(line, at);
}

/** "18.30" */
function matchTime(line: Line, at: number): number {
  const hour = matchUpto(line, at, HOUR_MAX);
  const end = hour !== NONE && isOneOf(line.c(hour), ".:h") ? matchUpto(line, hour + 1, MINUTE_MAX) : NONE;
  return end === hour + 3 ? end : NONE;
}

/** "18.30-20.00" */
function matchTimes(line: Line, at: number): number {
  const end = matchTime(line, at);
  const next = end === NONE ? NONE : passUntil(line, end);
  return next === NONE ? NONE : matchTime(line, next);
}

/** "23.11. 18.30", "23/11/26 18.30": a date without its century is one before a time. */
function matchShortDate(line: Line, at: number): number {
  const day = matchUpto(line, at, DAY_MAX);
  const sign = day === NONE ? "" : line.c(day);
  let end = isOneOf(sign, "-./") ? matchUpto(line, day + 1, DAY_MAX) : NONE;
  if (end !== NONE && line.c(end) === sign && isDigitAt(line, end + 1)) {
    end = matchDay(line, end + 1) === end + 3 ? end + 3 : NONE;
  } else if (end !== NONE && line.c(end) === ".") {
    end++;
  }
  if (end === NONE || line.c(end) !== " ") {
    return NONE;
  }
  const times = matchTimes(line, end + 1);
  return times !== NONE ? times : matchTime(line, end + 1);
}

/** "8.5417", no more than a circle has. */
function matchDegrees(line: Line, at: number): number {
  let [dot, value] = [at, 0];
  for (; dot < at + 3 && isDigitAt(line, dot); dot++) {
    value = value * 10 + Number(line.c(dot));
  }
  if (dot === at || line.c(dot) !== "." || value > DEGREES_MAX) {
    return NONE;
  }
  let end = dot + 1;
  while (end <= dot + 1 + DECIMALS_MAX && isDigitAt(line, end)) {
    end++;
  }
  return end >= dot + 1 + DECIMALS_MIN && end <= dot + 1 + DECIMALS_MAX ? end : NONE;
}

/** "47.3769, 8.5417", "48.85837°" */
function matchMap(line: Line, at: number): number {
  const first = matchDegrees(line, at);
  if (first === NONE) {
    return NONE;
  }
  const hasSign = line.c(first) === "°";
  const blank = passBlank(line, hasSign ? first + 1 : first);
  const end = isOneOf(line.c(blank), "NSEWnsew") ? blank + 1 : blank;
  const isPair = isOneOf(line.c(end), ",;");
  const next = isPair ? passBlank(line, end + 1) : NONE;
  const second = isPair ? matchDegrees(line, line.c(next) === "-" ? next + 1 : next) : NONE;
  return second !== NONE ? second : hasSign ? first : NONE;
}

/** Whether digits go on behind `end`, as they do in a number that only begins like this. */
const goesOn = (line: Line, end: number, signs: string): boolean => isDigitAt(line, end) || (isOneOf(line.c(end), signs) && isDigitAt(line, end + 1));

/** What is surely no phone begins at `at`: a date, a time, a place on a map. */
export function matchMoment(line: Line, at: number): number {
  const date = matchDate(line, at);
  if (date !== NONE && !goesOn(line, date, "-./")) {
    return date;
  }
  for (const match of [matchShortDate, matchTimes, matchMap]) {
    const end = match(line, at);
    if (end !== NONE) {
      return goesOn(line, end, " -./") ? NONE : end;
    }
  }
  return NONE;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What in a text leads to a person: phone numbers, addresses of mail, handles, links. The server looks at what becomes public
// by the same rules (desk/words_check.h), in files of the same names; tests/web/words_check.json has the cases that both must find.
//
// It asks too often rather than too seldom: who writes may say it anyway. What has a form of its own (dates, prices, scores) is no
// phone number, so that the question is not clicked away.
import { type ContactKind, isDigit, isLatin, isLetter, isWordy, Line, NONE } from "./words_check/line.ts";
import { matchEmail, matchLink, matchSpelled } from "./words_check/mail.ts";
import { matchMoment } from "./words_check/moments.ts";
import { isGap, isPhone, matchDigits } from "./words_check/numbers.ts";
import { matchHandle, matchNamed } from "./words_check/places.ts";

export type { ContactKind } from "./words_check/line.ts";

export interface Contact {
  readonly kind: ContactKind;
  /** Code points before it. */
  readonly at: number;
  readonly text: string;
}

interface Match {
  readonly kind: ContactKind;
  readonly end: number;
}

/** Whether a place may begin: words in Latin letters are whole, others stand in others ("والواتساب"). */
const mayBeginPlace = (line: Line, at: number): boolean => isLetter(line.c(at)) && !(isLatin(line.c(at)) && isWordy(line.c(at - 1)));

/** The address or the name that begins at `at`. */
function matchWords(line: Line, at: number): Match | null {
  const c = line.c(at);
  const begins = !isWordy(line.c(at - 1));
  const tries: (() => Match)[] = [];
  if (begins && (isLatin(c) || isDigit(c))) {
    tries.push(() => ({ kind: "email", end: matchEmail(line, at) }), () => ({ kind: "link", end: matchLink(line, at) }), () => matchSpelled(line, at));
  } else if (begins && c === "@") {
    tries.push(() => ({ kind: "handle", end: matchHandle(line, at) }));
  }
  if (mayBeginPlace(line, at)) {
    tries.push(() => ({ kind: "handle", end: matchNamed(line, at) }));
  }
  for (const attempt of tries) {
    const match = attempt();
    if (match.end !== NONE) {
      return match;
    }
  }
  return null;
}

/** What begins at `at`, and where it ends; `next` is where to look on. */
function lookAt(line: Line, at: number): { kind: ContactKind | null; next: number } {
  const match = matchWords(line, at);
  if (match !== null) {
    return { kind: match.kind, next: match.end };
  }
  const [c, behind] = [line.c(at), line.c(at + 1)];
  if (!isDigit(c) && !(c === "+" && (isDigit(behind) || isGap(behind)))) {
    return { kind: null, next: at + 1 };
  }
  const moment = matchMoment(line, at);
  if (moment !== NONE) {
    return { kind: null, next: moment };
  }
  const end = matchDigits(line, at);
  return { kind: isPhone(line, at, end) ? "phone" : null, next: Math.max(end, at + 1) };
}

/** In the order in which they stand; none overlaps another. */
export function findContacts(text: string): Contact[] {
  const line = new Line(text);
  const found: Contact[] = [];
  for (let at = 0; at < line.length; ) {
    const { kind, next } = lookAt(line, at);
    if (kind !== null) {
      found.push({ kind, ...line.written(at, next) });
    }
    at = next;
  }
  return found;
}

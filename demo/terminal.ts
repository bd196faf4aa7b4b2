// SPDX-License-Identifier: GPL-3.0-or-later
// What the demonstration says: each line under the word DEMO, and one line that changes where a terminal can do that.
const isTerminal = process.stdout.isTTY === true;
const QUIET_MS = 5000;
/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;

const red = (text: string): string => (isTerminal ? `\u001b[1;97;41m${text}\u001b[0m` : text);
const bold = (text: string): string => (isTerminal ? `\u001b[1m${text}\u001b[0m` : text);
export const banner = red(" DEMO ");

let hasProgress = false;
let saidAt = 0;

export function say(text: string): void {
  process.stdout.write(`${hasProgress && isTerminal ? "\r\u001b[K" : ""}${banner} ${text}\n`);
  hasProgress = false;
}

export const sayStep = (text: string): void => say(bold(text));

/** As much of it as stands in one row: of a line that goes on in the next row only the last is replaced, and the rest scrolls. */
function inOneRow(text: string): string {
  /* " DEMO " and a blank stand before it; a terminal may go to the next row as soon as the last column is full. */
  const room = (process.stdout.columns || USUAL_COLUMNS) - " DEMO  ".length - 1;
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}

/** A line that the next one replaces; where that can't be, one every few seconds. ASCII: a column for each letter. */
export function sayProgress(text: string): void {
  if (isTerminal) {
    process.stdout.write(`\r\u001b[K${banner} ${inOneRow(text)}`);
    hasProgress = true;
  } else if (Date.now() - saidAt > QUIET_MS) {
    saidAt = Date.now();
    say(text);
  }
}

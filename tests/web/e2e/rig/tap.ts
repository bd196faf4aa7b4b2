// SPDX-License-Identifier: GPL-3.0-or-later
// A list of promises, run in lanes beside each other, told as TAP with a line of numbers at the end.
import { availableParallelism } from "node:os";

/** This machine cannot show it; the reason is told. */
export class Skip extends Error {}

interface Entry {
  name: string;
  run: () => Promise<void>;
  limitMs: number;
}

const entries: Entry[] = [];
const atEnd: (() => Promise<void>)[] = [];
const lastly: Entry[] = [];
/** A third lane on two processors was no faster. */
const MOST_LANES = 2;
const TEST_LIMIT_MS = Number(process.env["OILSKIN_E2E_LIMIT_MS"] ?? 180_000);

/** @param limitMs how long it may take; else what the machine's owner says, or three minutes. */
export function test(name: string, run: () => Promise<void>, limitMs = TEST_LIMIT_MS): void {
  entries.push({ name, run, limitMs });
}

/** What tests share is closed when the last has run. */
export function afterAll(close: () => Promise<void>): void {
  atEnd.push(close);
}

/** What is known only when the last test has run: what it throws is a failure of its own. */
export function checkAtEnd(promise: string, run: () => Promise<void>): void {
  lastly.push({ name: promise, run, limitMs: TEST_LIMIT_MS });
}

export function check(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

export function same(got: unknown, wanted: unknown, what: string): void {
  const [left, right] = [JSON.stringify(got), JSON.stringify(wanted)];
  check(left === right, `${what}: ${left} instead of ${right}`);
}

async function limited({ run, limitMs }: Entry): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`not done after ${limitMs / 1000} s`)), limitMs);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

const DAY_MS = 86_400_000;
/** A test that asks for the day more than once has this long, on a busy machine, too. */
const BEFORE_MIDNIGHT_MS = 120_000;

/** Done at once, but for the last two minutes of a day (UTC, as the server counts): then when the next one has begun. */
async function midnightIsOver(): Promise<void> {
  for (let left; (left = DAY_MS - (Date.now() % DAY_MS)) < BEFORE_MIDNIGHT_MS; ) {
    await new Promise((go) => setTimeout(go, left));
  }
}

const shown = (cause: unknown) => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));

/** As many tests at once as there are processors, unless the machine's owner says another number. */
function lanesHere(): number {
  return Number(process.env["OILSKIN_E2E_LANES"] ?? Math.min(MOST_LANES, availableParallelism()));
}

/**
 * Runs what was listed and has all of `words` in its name.
 *
 * @param lanes how many tests run at once; each takes the next of the list when it is done with one.
 * @return true if nothing failed.
 */
export async function runAll(words: string[], lanes: number = lanesHere()): Promise<boolean> {
  const chosen = entries.filter(({ name }) => words.every((word) => name.includes(word)));
  const count = { passed: 0, failed: 0, skipped: 0 };
  const told = () => count.passed + count.failed + count.skipped;
  const tell = async (entry: Entry) => {
    const { name } = entry;
    await midnightIsOver();
    const started = Date.now();
    try {
      await limited(entry);
      count.passed++;
      console.log(`ok ${told()} - ${name} (${Date.now() - started} ms)`);
    } catch (cause) {
      if (cause instanceof Skip) {
        count.skipped++;
        console.log(`ok ${told()} - ${name} # SKIP ${cause.message}`);
      } else {
        count.failed++;
        console.log(`not ok ${told()} - ${name} (${Date.now() - started} ms)\n${shown(cause).replace(/^/gm, "  # ")}`);
      }
    }
  };
  const left = chosen.values();
  const lane = async () => {
    for (const entry of left) await tell(entry);
  };
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
  if (chosen.length > 0) for (const entry of lastly) await tell(entry);
  for (const close of atEnd) await close().catch(() => undefined);
  console.log(`1..${told()}`);
  console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  return count.failed === 0 && count.passed + count.skipped > 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions, and taking them back, one after the other in the order in which they were made.
import { signal } from "@preact/signals";
import { Refusal } from "../api/ask.ts";
import { act, type Targets, undo } from "../api/desk.ts";
import { inCalls } from "../api/in_calls.ts";
import type { Deed, Done, Id, Reason } from "../api/types.ts";
import { faultText } from "../fault_text.ts";
import { sayCount, words } from "../speech.ts";
import { notice } from "./notice.ts";
import { onEnd } from "./session.ts";

/** As many steps back as somebody still knows what they were. */
const STEPS_MAX = 50;
/** Of each decision the operations that it took. */
let steps: readonly (readonly Id[])[] = [];

/** Grows with each change: who shows what was changed looks again. */
export const changes = signal(0);
export const acting = signal(false);

/* Of who decides: what waits behind a session that has ended is not done by the next one. */
let turn = 0;
let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** Behind what was begun before. */
function doing<T>(what: () => Promise<T>): Promise<T | null> {
  const mine = turn;
  const before = last;
  const run = async (): Promise<T | null> => {
    try {
      await before;
      return mine === turn ? await what() : null;
    } catch (cause) {
      notice.value = { text: faultText(cause), bad: true };
      return null;
    } finally {
      waiting--;
      acting.value = waiting > 0;
    }
  };
  waiting++;
  acting.value = true;
  const running = run();
  last = running;
  return running;
}

/** True when something was changed. What was done before a call failed can be taken back, too. */
export async function perform(deed: Deed, targets: Targets, reason?: Reason): Promise<boolean> {
  const { done } = words();
  const operations: Id[] = [];
  let changed = 0;
  await doing(async () => {
    try {
      for (const some of inCalls(targets)) {
        const result = await act(deed, some, reason);
        changed += result.changed;
        operations.push(...(result.operation === null ? [] : [result.operation]));
      }
      notice.value = operations.length === 0 ? { text: done.nothing } : { text: sayCount(done[deed], changed), undo: operations };
    } finally {
      if (operations.length > 0) {
        steps = [...steps, operations].slice(-STEPS_MAX);
      }
    }
  });
  changes.value++;
  return operations.length > 0;
}

/** What was undone elsewhere, or by a call whose answer was lost, is undone. */
async function undoOne(operation: Id): Promise<Pick<Done, "changed" | "skipped">> {
  try {
    return await undo(operation);
  } catch (cause) {
    if (cause instanceof Refusal && cause.status === 404) {
      return { changed: 0, skipped: 0 };
    }
    throw cause;
  }
}

/** The last decision of this visit, or that one. */
export async function takeBack(operations?: readonly Id[]): Promise<void> {
  const { done } = words();
  await doing(async () => {
    const wanted = operations ?? steps.at(-1);
    if (wanted === undefined) {
      notice.value = { text: done.nothingToUndo };
      return;
    }
    let changed = 0;
    let skipped = 0;
    for (const operation of [...wanted].reverse()) {
      const result = await undoOne(operation);
      changed += result.changed;
      skipped += result.skipped;
      steps = steps.map((step) => step.filter((one) => one !== operation)).filter((step) => step.length > 0);
    }
    notice.value = { text: skipped === 0 ? sayCount(done.undone, changed) : sayCount(done.undoneSome, skipped, { changed }) };
  });
  changes.value++;
}

onEnd(() => {
  steps = [];
  turn++;
});

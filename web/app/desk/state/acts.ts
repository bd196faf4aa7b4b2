// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions, and taking them back, one after the other in the order in which they were made.
import { signal } from "@preact/signals";
import { act, type Targets, undo } from "../api/desk.ts";
import { inCalls } from "../api/in_calls.ts";
import type { Deed, Id, Reason } from "../api/types.ts";
import { faultText } from "../parts/Fault.tsx";
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

async function doing<T>(what: () => Promise<T>): Promise<T | null> {
  if (acting.value) {
    return null;
  }
  acting.value = true;
  try {
    return await what();
  } catch (cause) {
    notice.value = { text: faultText(cause), bad: true };
    return null;
  } finally {
    acting.value = false;
  }
}

/** True when something was changed. What was done before a call failed can be taken back, too. */
export async function perform(deed: Deed, targets: Targets, reason?: Reason): Promise<boolean> {
  const { done } = words();
  const operations: Id[] = [];
  let changed = 0;
  const whole = await doing(async () => {
    for (const some of inCalls(targets)) {
      const result = await act(deed, some, reason);
      changed += result.changed;
      operations.push(...(result.operation === null ? [] : [result.operation]));
    }
    return true;
  });
  if (operations.length > 0) {
    steps = [...steps, operations].slice(-STEPS_MAX);
  }
  changes.value++;
  if (whole !== null) {
    notice.value = operations.length === 0 ? { text: done.nothing } : { text: sayCount(done[deed], changed), undo: operations };
  }
  return operations.length > 0;
}

/** The last decision of this visit, or that one. */
export async function takeBack(operations: readonly Id[] | undefined = steps.at(-1)): Promise<void> {
  const { done } = words();
  if (operations === undefined) {
    notice.value = { text: done.nothingToUndo };
    return;
  }
  let changed = 0;
  let skipped = 0;
  const whole = await doing(async () => {
    for (const operation of [...operations].reverse()) {
      const result = await undo(operation);
      changed += result.changed;
      skipped += result.skipped;
    }
    return true;
  });
  if (whole !== null) {
    steps = steps.filter((one) => one !== operations);
    notice.value = { text: skipped === 0 ? sayCount(done.undone, changed) : sayCount(done.undoneSome, skipped, { changed }) };
  }
  changes.value++;
}

onEnd(() => {
  steps = [];
});

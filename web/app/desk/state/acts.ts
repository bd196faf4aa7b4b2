// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions, and taking them back, one after the other in the order in which they were made.
import { signal } from "@preact/signals";
import { act, type Targets, undo } from "../api/desk.ts";
import type { Deed, Id, Reason } from "../api/types.ts";
import { faultText } from "../parts/Fault.tsx";
import { sayCount, words } from "../speech.ts";
import { notice } from "./notice.ts";
import { onEnd } from "./session.ts";

/** As many steps back as somebody still knows what they were. */
const STEPS_MAX = 50;
/** What one call takes; the server says the same. */
export const TARGETS_MAX = 500;

let steps: readonly Id[] = [];

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

/** True when something was changed. */
export async function perform(deed: Deed, targets: Targets, reason?: Reason): Promise<boolean> {
  const { done } = words();
  const result = await doing(() => act(deed, targets, reason));
  if (result === null) {
    return false;
  }
  changes.value++;
  if (result.operation === null) {
    notice.value = { text: done.nothing };
    return false;
  }
  steps = [...steps, result.operation].slice(-STEPS_MAX);
  notice.value = { text: sayCount(done[deed], result.changed), undo: result.operation };
  return true;
}

/** The last decision of this visit, or that one. */
export async function takeBack(operation: Id | undefined = steps.at(-1)): Promise<void> {
  const { done } = words();
  if (operation === undefined) {
    notice.value = { text: done.nothingToUndo };
    return;
  }
  const result = await doing(() => undo(operation));
  if (result !== null) {
    steps = steps.filter((one) => one !== operation);
    notice.value = { text: result.skipped === 0 ? sayCount(done.undone, result.changed) : sayCount(done.undoneSome, result.skipped, { changed: result.changed }) };
    changes.value++;
  }
}

onEnd(() => {
  steps = [];
});

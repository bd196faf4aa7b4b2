// SPDX-License-Identifier: GPL-3.0-or-later
// Words that somebody has begun and that nobody else has yet. They outlive the page that they are written on, and a session that
// ends by itself; who signs out leaves none, and nobody else sees them.
import { effect, signal } from "@preact/signals";
import { getMe } from "../api/desk.ts";
import type { Id } from "../api/types.ts";
import { me, onEnd } from "./session.ts";

export interface Unsent {
  readonly answer?: string;
  readonly note?: string;
  readonly tag?: string;
  readonly assigned?: string;
  /** An answer of which it is not known whether it was sent, and how many messages were there before it. */
  readonly tried?: { readonly text: string; readonly after: number };
}

/** Often enough that the server does not take somebody who writes for somebody who left. */
const TELL_EVERY_MS = 5 * 60_000;

const begun = signal<ReadonlyMap<Id, Unsent>>(new Map());
let whose: Id | null = null;
let isAsking = false;
let toldAt = Date.now();

/* The browser asks whether to leave. */
function beforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function set(after: ReadonlyMap<Id, Unsent>): void {
  begun.value = after;
  const isAnything = after.size > 0;
  if (isAnything !== isAsking) {
    isAsking = isAnything;
    (isAnything ? addEventListener : removeEventListener)("beforeunload", beforeLeaving);
  }
}

function tellThatSomebodyWrites(): void {
  const now = Date.now();
  if (now - toldAt >= TELL_EVERY_MS) {
    toldAt = now;
    /* Where the session is over, this ends it here, too. */
    getMe().catch(() => undefined);
  }
}

/** About a submission. */
export const unsentOf = (submission: Id): Unsent => begun.value.get(submission) ?? {};
export const isAnythingUnsent = (): boolean => begun.value.size > 0;

/** undefined: it is sent, or as it was before somebody wrote. Of who has signed out nothing is taken any more. */
export function keepUnsent<K extends keyof Unsent>(submission: Id, what: K, words: Unsent[K] | undefined): void {
  if (words !== undefined && me.peek()?.id !== whose) {
    return;
  }
  const before = begun.peek();
  const { [what]: _, ...others } = before.get(submission) ?? {};
  const mine: Unsent = words === undefined ? others : { ...others, [what]: words };
  const after = new Map(before);
  if (Object.keys(mine).length === 0) {
    after.delete(submission);
  } else {
    after.set(submission, mine);
  }
  set(after);
  if (words !== undefined) {
    tellThatSomebodyWrites();
  }
}

effect(() => {
  const id = me.value?.id;
  if (id !== undefined && id !== whose) {
    whose = id;
    set(new Map());
  }
});

onEnd((isSignOut) => {
  if (isSignOut) {
    set(new Map());
  }
});

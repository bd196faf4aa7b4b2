// SPDX-License-Identifier: GPL-3.0-or-later
// The one line at the foot of the page that says what was just done, and the way to take it back.
import { signal } from "@preact/signals";
import type { Id } from "../api/types.ts";
import { onEnd } from "./session.ts";

export interface Notice {
  readonly text: string;
  /** It did not work. */
  readonly bad?: boolean;
  /** What undo would take back. */
  readonly undo?: readonly Id[];
  /** What takes it back, where it was no decision about the queue. */
  readonly back?: () => void;
}

export const notice = signal<Notice | null>(null);

onEnd(() => {
  notice.value = null;
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The one line at the foot of the page that says what was just done, and the way to take it back.
import { signal } from "@preact/signals";
import type { Id } from "../api/types.ts";
import { place } from "../route.ts";
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

/** Long enough to be read. What can be undone stays. */
const SHOWN_MS = 10_000;

onEnd(() => {
  notice.value = null;
});

/** On other pages it would stand over what it says nothing about; decisions are taken back from where the next one is looked at. */
function endOnOtherPages(): void {
  let before = place.peek();
  place.subscribe((now) => {
    if ((now.page !== before.page || now.of !== before.of) && notice.peek()?.undo === undefined) {
      notice.value = null;
    }
    before = now;
  });
}

/** What went wrong stays: it may say what to do next. */
function endWithTime(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  notice.subscribe((said) => {
    clearTimeout(timer);
    if (said !== null && said.bad !== true && said.undo === undefined && said.back === undefined) {
      timer = setTimeout(() => (notice.value = null), SHOWN_MS);
    }
  });
}

endOnOtherPages();
endWithTime();

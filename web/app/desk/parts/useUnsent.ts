// SPDX-License-Identifier: GPL-3.0-or-later
// A field whose words are there again when somebody comes back to it.
import { useState } from "preact/hooks";
import type { Id } from "../api/types.ts";
import { keepUnsent, type Unsent, unsentOf } from "../state/unsent.ts";

export interface UnsentField {
  readonly text: string;
  readonly isTouched: boolean;
  write(text: string): void;
  /** What was written is sent, or kept; the field goes on with this. */
  settle(text: string): void;
}

/** @param base what the field holds before somebody writes. */
export function useUnsent(submission: Id, what: keyof Omit<Unsent, "tried">, base = ""): UnsentField {
  const [settled, settleWith] = useState(base);
  const { [what]: begun } = unsentOf(submission);
  const put = (text: string, unsent: string | undefined) => {
    keepUnsent(submission, what, unsent);
    settleWith(text);
  };
  return {
    text: begun ?? settled,
    isTouched: begun !== undefined,
    write: (text) => put(text, text === base ? undefined : text),
    settle: (text) => put(text, undefined),
  };
}

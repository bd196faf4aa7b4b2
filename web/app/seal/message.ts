/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page and a worker that seals say to each other: one file, then its end. */
import type { Fault } from "../core/types.ts";

export interface SealMessage {
  file: Blob;
  recipients: readonly string[];
  paddedSize: number;
  /** Compiled already; null: the script is what runs. */
  module: WebAssembly.Module | null;
  script: string;
}

export type SealWorkerMessage =
  | { kind: "progress"; done: number; total: number }
  | { kind: "done"; fault: Fault | null; blob: Blob | null };

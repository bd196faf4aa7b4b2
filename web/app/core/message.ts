/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page and a worker of the core say to each other: one job, then its end. */
import type { Answer } from "./answer.ts";
import type { Request } from "./request.ts";

export interface JobMessage {
  file: Blob;
  request: Request;
  /** Compiled already; null: the script is what runs. */
  module: WebAssembly.Module | null;
  script: string;
}

export type WorkerMessage =
  | { kind: "progress"; done: number; total: number }
  | { kind: "done"; answer: Answer; blob: Blob | null; sha256: string };

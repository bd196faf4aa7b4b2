/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file, sealed in one fresh instance. Nothing here knows of browsers, so that tests run the same
 * under Node. */
import type { Program } from "../core/machine.ts";
import type { Source } from "../core/pieces.ts";
import type { Fault } from "../core/types.ts";
import { faultOfError, runInstance } from "./instance.ts";

export interface SealJob {
  program: Program;
  /** "age1…", 1 to 64 of them. */
  recipients: readonly string[];
  /** The length that zeros fill the plaintext up to; 0 for none. */
  paddedSize?: number;
  input: Source;
  random(out: Uint8Array): boolean;
  /** The sealed bytes in order; lent until it returns. */
  write(bytes: Uint8Array): void;
  onRead?(position: number): void;
}

/** null: everything is written. Otherwise what was written is no file, and must be thrown away. */
export function runSealJob(job: SealJob): Fault | null {
  try {
    return runInstance({ ...job, request: { op: "seal", recipients: job.recipients, memory: job.paddedSize ?? 0 } })
      .fault;
  } catch (error) {
    return faultOfError(error, "sealing stopped");
  }
}

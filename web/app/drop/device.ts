// SPDX-License-Identifier: GPL-3.0-or-later
// The core, as the drop uses it: files are scrubbed before they leave the device. Only what takes hidden data out is
// loaded, and only once a file was chosen; pictures are covered in the studio.
import coreScript from "@wasm/core.js?url";
import coreModule from "@wasm/core.wasm?url";
import { faultOf } from "../core/answer.ts";
import type { JobMessage, WorkerMessage } from "../core/message.ts";
import { inOneWorker } from "../core/one_worker.ts";
import { Programs } from "../core/programs.ts";
import { CoreError, type Finding } from "../core/types.ts";
import workerUrl from "../core/worker.ts?worker&url";

/** A copy without hidden data, and what the file told. */
export interface Copy {
  readonly blob: Blob;
  readonly sha256: string;
  readonly findings: readonly Finding[];
}

type Done = Extract<WorkerMessage, { kind: "done" }>;

const STOPPED = faultOf("no-memory", "the browser stopped the work");

const programs = new Programs({ core: { module: coreModule, script: coreScript } });

/** Rejects with a CoreError where no promise can be made of a copy, with the signal's reason, or with the browser's where
 * the core can't be loaded. */
export async function scrubOnDevice(file: Blob, signal: AbortSignal): Promise<Copy> {
  const program = await programs.get("core");
  const job: JobMessage = { file, request: { op: "scrub", dropAudio: false, icc: "rebuild" }, ...program };
  const { answer, blob, sha256 } = await inOneWorker<WorkerMessage, Done>({
    url: workerUrl,
    name: "oilskin-core",
    job,
    signal,
    take: (told) => (told.kind === "done" ? told : undefined),
    failure: () => new CoreError(STOPPED),
  });
  if (answer.fault !== null || blob === null) {
    throw new CoreError(answer.fault ?? faultOf("bug", "the core wrote nothing"));
  }
  return { blob, sha256, findings: answer.findings };
}

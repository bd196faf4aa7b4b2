/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file: a fresh worker, a fresh instance, and both gone when it ends. */
import { faultOf } from "../core/answer.ts";
import { BlobSource } from "../core/blob_source.ts";
import type { Program, Script } from "../core/machine.ts";
import { Gathered } from "./gathered.ts";
import type { SealMessage, SealWorkerMessage } from "./message.ts";
import { systemRandom } from "./random.ts";
import { runSealJob } from "./seal_job.ts";

/* As often as a person can see it. */
const PROGRESS_MS = 100;

function tell(message: SealWorkerMessage): void {
  postMessage(message);
}

async function programOf(job: SealMessage): Promise<Program> {
  return job.module ?? ((await import(/* @vite-ignore */ job.script)) as { default: Script }).default;
}

async function serve(job: SealMessage): Promise<void> {
  try {
    let last = 0;
    const sealed = new Gathered();
    const fault = runSealJob({
      program: await programOf(job),
      recipients: job.recipients,
      paddedSize: job.paddedSize,
      input: new BlobSource(job.file),
      random: systemRandom,
      write: (bytes) => sealed.append(bytes),
      onRead(position) {
        const now = performance.now();
        if (now - last >= PROGRESS_MS) {
          last = now;
          tell({ kind: "progress", done: position, total: job.file.size });
        }
      },
    });
    tell({ kind: "done", fault, blob: fault === null ? sealed.toBlob() : null });
  } catch {
    tell({ kind: "done", fault: faultOf("io", "the file can't be sealed"), blob: null });
  }
}

addEventListener("message", (event: MessageEvent<SealMessage>) => {
  void serve(event.data);
});

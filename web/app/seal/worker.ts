/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file: a fresh worker, a fresh instance, and both gone when it ends. */
import { faultOf } from "../core/answer.ts";
import { BlobSource } from "../core/blob_source.ts";
import type { Program, Script } from "../core/machine.ts";
import type { SealMessage, SealWorkerMessage } from "./message.ts";
import { runSealJob } from "./seal_job.ts";

/** What is held before it becomes a Blob. */
const HELD_MAX = 1 << 23;
/* As often as a person can see it. */
const PROGRESS_MS = 100;

/** Sealed bytes on their way into one Blob. */
class Gathered {
  #held: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #parts: Blob[] = [];

  append(bytes: Uint8Array): void {
    this.#held.push(bytes.slice());
    this.#size += bytes.length;
    if (this.#size >= HELD_MAX) {
      this.#flush();
    }
  }

  #flush(): void {
    this.#parts.push(new Blob(this.#held));
    this.#held = [];
    this.#size = 0;
  }

  toBlob(): Blob {
    this.#flush();
    return new Blob(this.#parts, { type: "application/octet-stream" });
  }
}

function tell(message: SealWorkerMessage): void {
  postMessage(message);
}

function systemRandom(out: Uint8Array): boolean {
  /* Memory that an instance shares with nobody, but that the browser can't know. */
  const drawn = new Uint8Array(out.length);
  crypto.getRandomValues(drawn);
  out.set(drawn);
  drawn.fill(0);
  return true;
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

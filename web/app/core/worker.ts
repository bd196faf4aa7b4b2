/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One job: a fresh worker, a fresh instance, and both gone when it ends. */
import { failedAnswer, faultOf } from "./answer.ts";
import { BlobSource } from "./blob_source.ts";
import { digestOf } from "./digest.ts";
import { type Done, runJob } from "./job.ts";
import type { Program, Script } from "./machine.ts";
import type { JobMessage, WorkerMessage } from "./message.ts";

/* getRandomValues() gives no more at once. */
const RANDOM_MAX = 65536;
/* As often as a person can see it. */
const PROGRESS_MS = 100;

function systemRandom(out: Uint8Array): boolean {
  for (let at = 0; at < out.length; at += RANDOM_MAX) {
    /* Memory that an instance shares with nobody, but that the browser can't know. */
    const part = new Uint8Array(Math.min(RANDOM_MAX, out.length - at));
    crypto.getRandomValues(part);
    out.set(part, at);
  }
  return true;
}

function tell(message: WorkerMessage): void {
  postMessage(message);
}

/** Says how far a job is: it reads a file once or twice, roughly in order, and then the digest reads all of the copy. */
function progress({ file, request }: JobMessage): (position: number) => void {
  const total = request.op === "scrub" || request.op === "edit" ? 2 * file.size : file.size;
  let last = 0;
  let furthest = 0;
  return (position) => {
    furthest = Math.min(Math.max(furthest, position), total);
    const now = performance.now();
    if (now - last >= PROGRESS_MS) {
      last = now;
      tell({ kind: "progress", done: furthest, total });
    }
  };
}

async function programOf(job: JobMessage): Promise<Program> {
  return job.module ?? ((await import(/* @vite-ignore */ job.script)) as { default: Script }).default;
}

async function finish(job: JobMessage, done: Done, onRead: (position: number) => void): Promise<void> {
  const { answer, output } = done;
  if (output === null || output.size === 0) {
    tell({ kind: "done", answer, blob: null, sha256: "" });
    return;
  }
  const sha256 = await digestOf(output, (position) => onRead(job.file.size + position));
  tell({ kind: "done", answer, blob: output.toBlob(job.file, answer.mediaType), sha256 });
}

async function serve(job: JobMessage): Promise<void> {
  try {
    const program = await programOf(job);
    const onRead = progress(job);
    const input = new BlobSource(job.file);
    await finish(job, runJob({ program, request: job.request, input, random: systemRandom, onRead }), onRead);
  } catch (error) {
    const memory = error instanceof RangeError;
    const fault = memory ? faultOf("no-memory", "not enough memory") : faultOf("io", "the file can't be read");
    tell({ kind: "done", answer: failedAnswer(fault), blob: null, sha256: "" });
  }
}

addEventListener("message", (event: MessageEvent<JobMessage>) => {
  void serve(event.data);
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The core, as the drop uses it: files are scrubbed before they leave the device. Only what takes hidden data out is
// loaded, and only once a file was chosen; pictures are covered in the studio.
import coreScript from "@wasm/core.js?url";
import coreModule from "@wasm/core.wasm?url";
import { type Answer, faultOf } from "../core/answer.ts";
import { hasWebAssembly } from "../core/has_wasm.ts";
import type { JobMessage, WorkerMessage } from "../core/message.ts";
import { CoreError, type Finding } from "../core/types.ts";
import workerUrl from "../core/worker.ts?worker&url";
import { trustedScriptUrl } from "../trusted/script_url.ts";

/** A copy without hidden data, and what the file told. */
export interface Copy {
  readonly blob: Blob;
  readonly sha256: string;
  readonly findings: readonly Finding[];
}

interface Ended {
  readonly answer: Answer;
  readonly blob: Blob | null;
  readonly sha256: string;
}

let compiled: Promise<WebAssembly.Module> | null = null;

async function compile(): Promise<WebAssembly.Module> {
  const answer = await fetch(coreModule, { credentials: "omit" });
  if (!answer.ok) {
    throw new CoreError(faultOf("io", "the core could not be loaded", ""));
  }
  return WebAssembly.compile(await answer.arrayBuffer());
}

/** null where WebAssembly is switched off: the same code runs as plain JavaScript. */
async function program(): Promise<WebAssembly.Module | null> {
  if (!hasWebAssembly()) {
    return null;
  }
  compiled ??= compile();
  try {
    return await compiled;
  } catch (error) {
    compiled = null;
    if (error instanceof WebAssembly.CompileError) {
      return null;
    }
    throw error;
  }
}

function converse(job: JobMessage, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(trustedScriptUrl(workerUrl), { type: "module", name: "oilskin-core" });
    const end = () => {
      worker.terminate();
      signal.removeEventListener("abort", cancel);
    };
    const cancel = () => {
      end();
      reject(signal.reason);
    };
    signal.addEventListener("abort", cancel);
    worker.addEventListener("message", (event: MessageEvent<WorkerMessage>) => {
      if (event.data.kind !== "progress") {
        end();
        resolve(event.data);
      }
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      end();
      reject(new CoreError(faultOf("no-memory", "the browser stopped the work", "")));
    });
    worker.postMessage(job);
  });
}

/** Rejects with a CoreError where no promise can be made of a copy, or with the signal's reason. */
export async function scrubOnDevice(file: Blob, signal: AbortSignal): Promise<Copy> {
  const module = await program();
  signal.throwIfAborted();
  const script = new URL(coreScript, location.href).href;
  const job: JobMessage = { file, request: { op: "scrub", dropAudio: false, icc: "rebuild" }, module, script };
  const { answer, blob, sha256 } = await converse(job, signal);
  if (answer.fault !== null || blob === null) {
    throw new CoreError(answer.fault ?? faultOf("bug", "the core wrote nothing", ""));
  }
  return { blob, sha256, findings: answer.findings };
}

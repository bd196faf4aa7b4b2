/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing on the device, as a page uses it: each file in a worker of its own. */
import sealScript from "@wasm/seal.js?url";
import sealModule from "@wasm/seal.wasm?url";
import { faultOf } from "../core/answer.ts";
import { Programs } from "../core/programs.ts";
import { CoreError, type Progress } from "../core/types.ts";
import { trustedScriptUrl } from "../trusted/script_url.ts";
import type { SealMessage, SealWorkerMessage } from "./message.ts";
import workerUrl from "./worker.ts?worker&url";

export interface Sealing extends Progress {
  /** The length that zeros fill the plaintext up to, so that the sealed length says less. */
  paddedSize?: number;
}

const NOT_LOADED = faultOf("io", "the program that seals could not be loaded", "try it again");
const STOPPED = faultOf("no-memory", "the browser stopped the work", "close other pages, then try it again");

const programs = new Programs({ seal: { module: sealModule, script: sealScript } });

function converse(job: SealMessage, how: Sealing): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const { signal } = how;
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const worker = new Worker(trustedScriptUrl(workerUrl), { type: "module", name: "oilskin-seal" });
    const end = () => {
      worker.terminate();
      signal?.removeEventListener("abort", cancel);
    };
    const cancel = () => {
      end();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", cancel);
    worker.addEventListener("message", (event: MessageEvent<SealWorkerMessage>) => {
      if (event.data.kind === "progress") {
        how.onProgress?.(event.data.done, event.data.total);
        return;
      }
      end();
      const { blob, fault } = event.data;
      if (blob === null) {
        reject(new CoreError(fault ?? STOPPED));
      } else {
        resolve(blob);
      }
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      end();
      reject(new CoreError(event.message ? STOPPED : NOT_LOADED));
    });
    worker.postMessage(job);
  });
}

/** The file as an age file that each of `recipients` ("age1…") can open alone. Rejects with a CoreError, or with the
 * signal's reason; never with half a file. Each call seals to other bytes. */
export async function sealFile(file: Blob, recipients: readonly string[], how: Sealing = {}): Promise<Blob> {
  const program = await programs.get("seal").catch((): never => {
    throw new CoreError(NOT_LOADED);
  });
  return converse({ file, recipients, paddedSize: how.paddedSize ?? 0, ...program }, how);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing on the device, as a page uses it: each file in a worker of its own. */
import sealScript from "@wasm/seal.js?url";
import sealModule from "@wasm/seal.wasm?url";
import { faultOf } from "../core/answer.ts";
import { inOneWorker } from "../core/one_worker.ts";
import { Programs } from "../core/programs.ts";
import { CoreError, type Progress } from "../core/types.ts";
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
  return inOneWorker<SealWorkerMessage, Blob>({
    url: workerUrl,
    name: "oilskin-seal",
    job,
    signal: how.signal,
    take: (told) => {
      if (told.kind === "progress") {
        how.onProgress?.(told.done, told.total);
        return undefined;
      }
      if (told.blob === null) {
        throw new CoreError(told.fault ?? STOPPED);
      }
      return told.blob;
    },
    failure: (ran) => new CoreError(ran ? STOPPED : NOT_LOADED),
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HEIC, which no browser but Safari shows and no codec of ours decodes: libheif, loaded when a person
 * brings one. */
import { trustedScriptUrl } from "../trusted/script_url.ts";
import { faultOf } from "./answer.ts";
import type { HeicAnswer, HeicAsk } from "./heic_worker.ts";
import workerUrl from "./heic_worker.ts?worker&url";
import { CoreError, type Progress } from "./types.ts";

export interface Decoded {
  /** A BMP that only lives until it is written as something else. */
  picture: Blob;
  suits: "jpeg" | "png";
}

export function decodeHeic(file: Blob, wasm: boolean, how: Progress = {}): Promise<Decoded> {
  return new Promise((resolve, reject) => {
    const { signal } = how;
    const worker = new Worker(trustedScriptUrl(workerUrl), { type: "module", name: "oilskin-heic" });
    const end = () => {
      worker.terminate();
      signal?.removeEventListener("abort", cancel);
    };
    const cancel = () => {
      end();
      reject(signal?.reason);
    };
    const fail = (what: string) => {
      end();
      reject(new CoreError(faultOf("unsupported", what, "save it as a JPEG in your gallery, then open that")));
    };
    if (signal?.aborted) {
      cancel();
      return;
    }
    signal?.addEventListener("abort", cancel);
    worker.addEventListener("message", (event: MessageEvent<HeicAnswer>) => {
      if ("what" in event.data) {
        fail(event.data.what);
        return;
      }
      end();
      resolve({ picture: event.data.picture, suits: event.data.clear ? "png" : "jpeg" });
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      fail("the picture can't be decoded");
    });
    const ask: HeicAsk = { file, wasm };
    worker.postMessage(ask);
  });
}

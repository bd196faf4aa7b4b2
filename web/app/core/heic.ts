/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HEIC, which no browser but Safari shows and no codec of ours decodes: libheif, loaded when a person
 * brings one. */
import { faultOf } from "./answer.ts";
import type { HeicAnswer, HeicAsk } from "./heic_worker.ts";
import workerUrl from "./heic_worker.ts?worker&url";
import { inOneWorker } from "./one_worker.ts";
import { CoreError, type Progress } from "./types.ts";

export interface Decoded {
  /** A BMP that only lives until it is written as something else. */
  picture: Blob;
  suits: "jpeg" | "png";
}

function failure(what: string): CoreError {
  return new CoreError(faultOf("unsupported", what, "save it as a JPEG in your gallery, then open that"));
}

export function decodeHeic(file: Blob, wasm: boolean, how: Progress = {}): Promise<Decoded> {
  const job: HeicAsk = { file, wasm };
  return inOneWorker<HeicAnswer, Decoded>({
    url: workerUrl,
    name: "oilskin-heic",
    job,
    signal: how.signal,
    take: (told) => {
      if ("what" in told) {
        throw failure(told.what);
      }
      return { picture: told.picture, suits: told.clear ? "png" : "jpeg" };
    },
    failure: () => failure("the picture can't be decoded"),
  });
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One job in a worker of its own, which is gone when the job ends, fails, or is not wanted any more. */
import { trustedScriptUrl } from "../trusted/script_url.ts";

export interface Errand<Told, Result> {
  /** Of the worker's script, and a name for who debugs. */
  url: string;
  name: string;
  /** The one message that it gets. */
  job: unknown;
  signal: AbortSignal | undefined;
  /** What a message of the worker means; undefined: it goes on. What this throws is the job's failure. */
  take: (told: Told) => Result | undefined;
  /** Why it broke off by itself; `ran`: its script was there. */
  failure: (ran: boolean) => Error;
}

/** Rejects with the signal's reason when that comes first. */
export function inOneWorker<Told, Result>(errand: Errand<Told, Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const { signal } = errand;
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const worker = new Worker(trustedScriptUrl(errand.url), { type: "module", name: errand.name });
    const end = () => {
      worker.terminate();
      signal?.removeEventListener("abort", cancel);
    };
    const cancel = () => {
      end();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", cancel);
    worker.addEventListener("message", (event: MessageEvent<Told>) => {
      try {
        const result = errand.take(event.data);
        if (result === undefined) {
          return;
        }
        resolve(result);
      } catch (error) {
        reject(error);
      }
      end();
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      end();
      reject(errand.failure(Boolean(event.message)));
    });
    worker.postMessage(errand.job);
  });
}

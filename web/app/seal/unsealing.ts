/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening in the page. The secret key lives in one worker, from loadKeys() to forget(); it is never sent anywhere, and
 * the page that calls holds none of it. */
import sealScript from "@wasm/seal.js?url";
import sealModule from "@wasm/seal.wasm?url";
import unsealScript from "@wasm/unseal.js?url";
import unsealModule from "@wasm/unseal.wasm?url";
import { faultOf } from "../core/answer.ts";
import { Programs } from "../core/programs.ts";
import { CoreError, type Progress } from "../core/types.ts";
import { trustedScriptUrl } from "../trusted/script_url.ts";
import type { Expected } from "./expected.ts";
import type { Asked, FromWorker, Segment, ToWorker, Verb } from "./unsealing_message.ts";
import workerUrl from "./unsealing_worker.ts?worker&url";

export type { Segment } from "./unsealing_message.ts";

/** A loaded key. What fails rejects with a CoreError; what is cancelled with its signal's reason; what comes after
 * forget(), or was not done by then, with an AbortError. */
export interface Keyring {
  /** "age1…" of what was loaded. */
  readonly recipients: readonly string[];
  /** What is short: manifests, messages, notes. */
  open(sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** The same as text, without its padding. */
  openText(sealed: Uint8Array): Promise<string>;
  /** One file that was sealed in segments. Types that could hold a script become bytes. What is not as `expected` rejects with
   * a CoreError whose part is ANOTHER (expected.ts). */
  openBlob(segments: readonly Segment[], how?: Progress & { type?: string; expected?: Expected }): Promise<Blob>;
  /** Of a preview. */
  openBitmap(sealed: Blob, how?: BitmapWish): Promise<ImageBitmap>;
  /** Padded, so that the length says less: what openText() opens again. Each call seals to other bytes. */
  seal(plain: Uint8Array | string, recipients: readonly string[]): Promise<Uint8Array<ArrayBuffer>>;
  /** The header that gives a sealed file to `recipients` instead. Of the file what it begins with is enough: 64 KiB. */
  rewrap(file: Uint8Array, recipients: readonly string[]): Promise<Uint8Array<ArrayBuffer>>;
  /** Wipes the key and ends the worker. */
  forget(): void;
}

export interface BitmapWish {
  type?: string;
  plainLen?: number;
  /** The bitmap is made this wide. */
  width?: number;
  signal?: AbortSignal;
}

const NOT_LOADED = faultOf("io", "the program that opens could not be loaded", "try it again");
/* A worker that wipes does so at once, or never. */
const LAST_MS = 1000;

const programs = new Programs({
  seal: { module: sealModule, script: sealScript },
  unseal: { module: unsealModule, script: unsealScript },
});

interface Waiting {
  done(answer: Asked[Verb]["answer"]): void;
  failed(reason: unknown): void;
  onProgress: Progress["onProgress"];
}

/** A worker and what it was asked. */
class Conversation {
  #worker: Worker;
  #waiting = new Map<number, Waiting>();
  #next = 1;
  #over = false;

  constructor() {
    this.#worker = new Worker(trustedScriptUrl(workerUrl), { type: "module", name: "oilskin-unseal" });
    this.#worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.#hear(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.end(new CoreError(NOT_LOADED));
    });
  }

  async begin(): Promise<void> {
    const [seal, unseal] = await Promise.all([programs.get("seal"), programs.get("unseal")]).catch((): never => {
      throw new CoreError(NOT_LOADED);
    });
    this.#say({ verb: "begin", seal, unseal });
  }

  #say(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #hear(told: FromWorker): void {
    const waiting = this.#waiting.get(told.id);
    if (told.kind === "progress") {
      waiting?.onProgress?.(told.done, told.total);
      return;
    }
    this.#waiting.delete(told.id);
    if (told.kind === "done") {
      waiting?.done(told.answer);
    } else {
      waiting?.failed(new CoreError(told.fault));
    }
  }

  ask<V extends Verb>(verb: V, asks: Asked[V]["asks"], how: Progress = {}): Promise<Asked[V]["answer"]> {
    const { signal, onProgress } = how;
    return new Promise((resolve, reject) => {
      if (this.#over || signal?.aborted) {
        reject(signal?.aborted ? signal.reason : new DOMException("the key is forgotten", "AbortError"));
        return;
      }
      const id = this.#next++;
      const cancel = () => {
        this.#waiting.delete(id);
        this.#say({ verb: "cancel", id });
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", cancel, { once: true });
      this.#waiting.set(id, {
        done(answer) {
          signal?.removeEventListener("abort", cancel);
          resolve(answer as Asked[V]["answer"]);
        },
        failed(reason) {
          signal?.removeEventListener("abort", cancel);
          reject(reason);
        },
        onProgress,
      });
      this.#say({ verb, id, asks } as ToWorker);
    });
  }

  end(reason: unknown): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#say({ verb: "forget" });
    setTimeout(() => this.#worker.terminate(), LAST_MS);
    for (const { failed } of this.#waiting.values()) {
      failed(reason);
    }
    this.#waiting.clear();
  }
}

function forgotten(): DOMException {
  return new DOMException("the key is forgotten", "AbortError");
}

function keyringOf(talk: Conversation, recipients: readonly string[]): Keyring {
  return {
    recipients,
    open: (sealed) => talk.ask("open", { sealed }),
    openText: (sealed) => talk.ask("openText", { sealed }),
    openBlob: (segments, how = {}) => talk.ask("openBlob", { segments, type: how.type, expected: how.expected }, how),
    openBitmap: (sealed, { type, plainLen, width, signal } = {}) =>
      talk.ask("openBitmap", { sealed, type, plainLen, width }, signal === undefined ? {} : { signal }),
    seal: (plain, to) =>
      talk.ask("seal", { plain: typeof plain === "string" ? new TextEncoder().encode(plain) : plain, recipients: to }),
    rewrap: (file, to) => talk.ask("rewrap", { file, recipients: to }),
    forget: () => talk.end(forgotten()),
  };
}

/** Loads a key file as `oilskin keygen` and `age-keygen` make it. Where it is sealed it needs its passphrase: without one
 * this rejects with a fault whose part is "passphrase", with a wrong one with the status "auth". Once `signal` is aborted it
 * gives no key, however far it was, and the worker ends. */
export async function loadKeys(file: Blob, passphrase = "", signal?: AbortSignal): Promise<Keyring> {
  const talk = new Conversation();
  const cancel = () => talk.end(forgotten());
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    await talk.begin();
    const recipients = await talk.ask("load", { file, passphrase });
    signal?.throwIfAborted();
    return keyringOf(talk, recipients);
  } catch (error) {
    talk.end(forgotten());
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** A new key: its public half, and its file, which the passphrase opens. The secret half has been nowhere else. */
export async function makeKey(passphrase: string): Promise<{ recipient: string; file: Blob }> {
  const talk = new Conversation();
  try {
    await talk.begin();
    const { recipient, file } = await talk.ask("make", { passphrase });
    return { recipient, file: new Blob([file], { type: "application/octet-stream" }) };
  } finally {
    talk.end(forgotten());
  }
}

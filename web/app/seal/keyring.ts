/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds a reviewer's secret key, and what is done with it. Nothing here knows of browsers: the worker that holds it
 * does, and tests run the same under Node. */
import { faultOf } from "../core/answer.ts";
import type { Program } from "../core/machine.ts";
import type { Source } from "../core/pieces.ts";
import type { Request } from "../core/request.ts";
import { CoreError } from "../core/types.ts";
import { type InstanceJob, type SealAnswer, runInstance, stepInstance } from "./instance.ts";
import { paddedSize } from "./padding.ts";

export interface KeyringMeans {
  seal: Program;
  unseal: Program;
  random(out: Uint8Array): boolean;
}

/** Bytes of one sealed file, and where the plaintext goes. */
export interface Opening {
  input: Source;
  /** The bytes are lent until it returns. Until the job has ended well they are parts of nothing. */
  write(bytes: Uint8Array): void;
  /** Bytes of the plaintext that are no padding; without it all are given. */
  plainLen?: number | undefined;
  onRead?: ((position: number) => void) | undefined;
}

const NO_INPUT: Source = { size: 0, read: () => false };

/** Gathers what a job writes; wipe() when it is not given away. */
class Pieces {
  #held: Uint8Array<ArrayBuffer>[] = [];

  take(bytes: Uint8Array): void {
    this.#held.push(bytes.slice());
  }

  /** All of it in one piece; the pieces are wiped. */
  joined(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.#held.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.#held) {
      out.set(piece, at);
      at += piece.length;
    }
    this.wipe();
    return out;
  }

  wipe(): void {
    for (const piece of this.#held) {
      piece.fill(0);
    }
    this.#held = [];
  }
}

function sourceOf(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    read(offset, out) {
      const part = bytes.subarray(offset, offset + out.length);
      out.set(part);
      return part.length === out.length;
    },
  };
}

/** Of a plaintext, what comes before its padding. */
function cut(write: Opening["write"], plainLen: number): Opening["write"] {
  let left = plainLen;
  return (bytes) => {
    const part = bytes.subarray(0, Math.min(left, bytes.length));
    left -= part.length;
    if (part.length > 0) {
      write(part);
    }
  };
}

/** Text in JSON ends where its padding of zeros begins. */
function textOf(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) {
    end--;
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end));
}

export class Keyring {
  #means: KeyringMeans;
  /** Lines of "AGE-SECRET-KEY-1…"; empty: no key. */
  #keys: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #recipients: string[] = [];

  constructor(means: KeyringMeans) {
    this.#means = means;
  }

  get recipients(): readonly string[] {
    return this.#recipients;
  }

  #job(request: Request, input: Source, write: Opening["write"]): InstanceJob {
    const { unseal, random } = this.#means;
    return { program: unseal, request, input, random, write };
  }

  /** Runs to its end; a fault is thrown, and nothing of what was written is left. */
  #gather(request: Request, input: Source): { bytes: Uint8Array<ArrayBuffer>; answer: SealAnswer } {
    const pieces = new Pieces();
    try {
      const answer = runInstance(this.#job(request, input, (bytes) => pieces.take(bytes)));
      if (answer.fault !== null) {
        throw new CoreError(answer.fault);
      }
      return { bytes: pieces.joined(), answer };
    } finally {
      pieces.wipe();
    }
  }

  /** Takes the keys of a key file in place of those that were there. `passphrase` is wiped. */
  load(file: Uint8Array, passphrase: Uint8Array): readonly string[] {
    try {
      const { bytes, answer } = this.#gather({ op: "read-keys", secret: passphrase }, sourceOf(file));
      this.forget();
      this.#keys = bytes;
      this.#recipients = answer.recipients ?? [];
      return this.#recipients;
    } finally {
      passphrase.fill(0);
    }
  }

  /** A new key: its public half, and a key file that the passphrase opens. It is not taken. `passphrase` is wiped. */
  make(passphrase: Uint8Array): { recipient: string; file: Uint8Array<ArrayBuffer> } {
    try {
      const { bytes, answer } = this.#gather({ op: "make-key", secret: passphrase }, NO_INPUT);
      return { recipient: answer.recipients?.[0] ?? "", file: bytes };
    } finally {
      passphrase.fill(0);
    }
  }

  #asking(): Request {
    if (this.#keys.length === 0) {
      throw new CoreError(faultOf("misuse", "no key is loaded"));
    }
    return { op: "unseal", secret: this.#keys };
  }

  /** Opens a file piece by piece: each `next()` is one. Throws a CoreError; what was written is worth nothing then. */
  *opening({ input, write, plainLen, onRead }: Opening): Generator<void, void> {
    const job = this.#job(this.#asking(), input, plainLen === undefined ? write : cut(write, plainLen));
    const answer = yield* stepInstance(onRead === undefined ? job : { ...job, onRead });
    if (answer.fault !== null) {
      throw new CoreError(answer.fault);
    }
  }

  /** Opens what is short. */
  open(sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#gather(this.#asking(), sourceOf(sealed)).bytes;
  }

  openText(sealed: Uint8Array): string {
    const bytes = this.open(sealed);
    try {
      return textOf(bytes);
    } catch {
      throw new CoreError(faultOf("malformed", "what is in it is no text"));
    } finally {
      bytes.fill(0);
    }
  }

  /** Seals what is short, padded with zeros. */
  seal(plain: Uint8Array, recipients: readonly string[]): Uint8Array<ArrayBuffer> {
    const pieces = new Pieces();
    const { fault } = runInstance({
      program: this.#means.seal,
      request: { op: "seal", recipients, memory: paddedSize(plain.length) },
      input: sourceOf(plain),
      random: this.#means.random,
      write: (bytes) => pieces.take(bytes),
    });
    if (fault !== null) {
      throw new CoreError(fault);
    }
    return pieces.joined();
  }

  /** A header for `recipients`, in place of the one with which `file`, or what it begins with, begins. */
  rewrap(file: Uint8Array, recipients: readonly string[]): Uint8Array<ArrayBuffer> {
    const asks = this.#asking();
    const names = new TextEncoder().encode(recipients.join("\n"));
    const secret = new Uint8Array(this.#keys.length + names.length);
    secret.set(this.#keys);
    secret.set(names, this.#keys.length);
    try {
      return this.#gather({ ...asks, op: "rewrap", secret }, sourceOf(file)).bytes;
    } finally {
      secret.fill(0);
    }
  }

  /** Wipes the keys. */
  forget(): void {
    this.#keys.fill(0);
    this.#keys = new Uint8Array(0);
    this.#recipients = [];
  }
}

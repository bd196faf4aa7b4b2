/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of the person's, read at once and where it is asked for. Only a worker has such a reader. */
import type { Source } from "./pieces.ts";

/** Read ahead: parsers ask for a few bytes at a time, mostly in order. */
const AHEAD = 1 << 20;

export class BlobSource implements Source {
  readonly size: number;
  #blob: Blob;
  #reader = new FileReaderSync();
  #start = 0;
  #kept: Uint8Array = new Uint8Array(0);

  constructor(blob: Blob) {
    this.#blob = blob;
    this.size = blob.size;
  }

  #load(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.#reader.readAsArrayBuffer(this.#blob.slice(offset, offset + length)));
  }

  read(offset: number, out: Uint8Array): boolean {
    if (offset + out.length > this.size) {
      return false;
    }
    try {
      if (out.length >= AHEAD) {
        return this.#give(this.#load(offset, out.length), 0, out);
      }
      if (offset < this.#start || offset + out.length > this.#start + this.#kept.length) {
        this.#kept = this.#load(offset, AHEAD);
        this.#start = offset;
      }
      return this.#give(this.#kept, offset - this.#start, out);
    } catch {
      /* The file has changed or is gone since it was chosen: the browser refuses to read it. */
      return false;
    }
  }

  #give(bytes: Uint8Array, at: number, out: Uint8Array): boolean {
    if (bytes.length - at < out.length) {
      return false;
    }
    out.set(bytes.subarray(at, at + out.length));
    return true;
  }
}

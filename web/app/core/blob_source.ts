/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of the person's, read at once and where it is asked for. Only a worker has such a reader. */
import type { Source } from "./pieces.ts";

/** Read ahead: parsers ask for a few bytes at a time, mostly in order. */
const AHEAD = 1 << 20;
/** The most that is read at once, so that a long read needs little beside where it goes. */
const MOST = 1 << 22;

/** Gives the memory of a buffer back at once.
 *
 * A job is one long call: nothing is collected between its reads, and Chromium lets their buffers grow to more than the file.
 * What is transferred to a port that nobody listens at belongs to nobody, and is freed then and there. `transfer(0)` doesn't
 * do it: Chromium keeps the bytes as long as the empty buffer, and no longer counts them. The channel is a new one each time,
 * because browsers close the other end too, sooner or later, and a closed one takes nothing. */
function release(buffer: ArrayBuffer): void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.postMessage(null, [buffer]);
  port1.close();
}

export class BlobSource implements Source {
  readonly size: number;
  #blob: Blob;
  #reader = new FileReaderSync();
  #start = 0;
  #kept = new ArrayBuffer(0);

  constructor(blob: Blob) {
    this.#blob = blob;
    this.size = blob.size;
  }

  #load(offset: number, length: number): ArrayBuffer {
    return this.#reader.readAsArrayBuffer(this.#blob.slice(offset, offset + length));
  }

  read(offset: number, out: Uint8Array): boolean {
    if (offset + out.length > this.size) {
      return false;
    }
    try {
      return out.length < AHEAD ? this.#readKept(offset, out) : this.#readLong(offset, out);
    } catch {
      /* The file has changed or is gone since it was chosen: the browser refuses to read it. */
      return false;
    }
  }

  #readKept(offset: number, out: Uint8Array): boolean {
    if (offset < this.#start || offset + out.length > this.#start + this.#kept.byteLength) {
      release(this.#kept);
      this.#kept = new ArrayBuffer(0);
      this.#kept = this.#load(offset, AHEAD);
      this.#start = offset;
    }
    const at = offset - this.#start;
    if (this.#kept.byteLength - at < out.length) {
      return false;
    }
    out.set(new Uint8Array(this.#kept, at, out.length));
    return true;
  }

  #readLong(offset: number, out: Uint8Array): boolean {
    for (let done = 0; done < out.length; done += MOST) {
      const length = Math.min(MOST, out.length - done);
      const part = this.#load(offset + done, length);
      if (part.byteLength !== length) {
        return false;
      }
      out.set(new Uint8Array(part), done);
      release(part);
    }
    return true;
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that is being written: bytes of our own, and ranges of the input that nobody has to touch.
 * So a video of any length is never in memory, and on no disk but where it is. */

/** Bytes that can be read at any place, at once. */
export interface Source {
  readonly size: number;
  read(offset: number, out: Uint8Array): boolean;
}

type Piece = { start: number; length: number; bytes: Uint8Array } | { start: number; length: number; from: number };

/** Small writes are gathered up to this size. */
const GATHER = 1 << 16;

export class Pieces implements Source {
  #input: Source;
  #pieces: Piece[] = [];
  #size = 0;
  #open: Uint8Array | null = null;
  #used = 0;

  constructor(input: Source) {
    this.#input = input;
  }

  get size(): number {
    return this.#size;
  }

  #close(): void {
    if (this.#open !== null) {
      const bytes = this.#used === this.#open.length ? this.#open : this.#open.slice(0, this.#used);
      this.#pieces.push({ start: this.#size - this.#used, length: this.#used, bytes });
      this.#open = null;
      this.#used = 0;
    }
  }

  /** Takes a copy. */
  append(bytes: Uint8Array): void {
    if (bytes.length >= GATHER) {
      this.#close();
      this.#pieces.push({ start: this.#size, length: bytes.length, bytes: bytes.slice() });
      this.#size += bytes.length;
      return;
    }
    if (this.#open === null || this.#used + bytes.length > this.#open.length) {
      this.#close();
      this.#open = new Uint8Array(GATHER);
    }
    this.#open.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#size += bytes.length;
  }

  /** False for a range that the input does not have. */
  appendRange(from: number, length: number): boolean {
    if (from + length > this.#input.size) {
      return false;
    }
    this.#close();
    const last = this.#pieces.at(-1);
    if (last !== undefined && "from" in last && last.from + last.length === from) {
      last.length += length;
    } else {
      this.#pieces.push({ start: this.#size, length, from });
    }
    this.#size += length;
    return true;
  }

  /** The piece that holds `offset`. */
  #find(offset: number): number {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#pieces[middle] as Piece).start <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  read(offset: number, out: Uint8Array): boolean {
    this.#close();
    if (offset + out.length > this.#size) {
      return false;
    }
    let done = 0;
    for (let index = this.#find(offset); done < out.length; index++) {
      const piece = this.#pieces[index] as Piece;
      const inside = offset + done - piece.start;
      const length = Math.min(out.length - done, piece.length - inside);
      const into = out.subarray(done, done + length);
      if ("bytes" in piece) {
        into.set(piece.bytes.subarray(inside, inside + length));
      } else if (!this.#input.read(piece.from + inside, into)) {
        return false;
      }
      done += length;
    }
    return true;
  }

  /** What was written, without reading the input: its ranges become slices of `file`. */
  toBlob(file: Blob, type: string): Blob {
    this.#close();
    const parts = this.#pieces.map((piece) =>
      "bytes" in piece ? (piece.bytes as Uint8Array<ArrayBuffer>) : file.slice(piece.from, piece.from + piece.length),
    );
    return new Blob(parts, { type });
  }
}

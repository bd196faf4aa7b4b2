/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes on their way into one Blob, of which the browser may keep what comes first on its disk. */

/** What is held before it becomes a Blob. */
const HELD_MAX = 1 << 23;

export class Gathered {
  #held: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #parts: Blob[] = [];

  append(bytes: Uint8Array): void {
    this.#held.push(bytes.slice());
    this.#size += bytes.length;
    if (this.#size >= HELD_MAX) {
      this.#flush();
    }
  }

  #flush(): void {
    this.#parts.push(new Blob(this.#held));
    for (const piece of this.#held) {
      piece.fill(0);
    }
    this.#held = [];
    this.#size = 0;
  }

  toBlob(type = "application/octet-stream"): Blob {
    this.#flush();
    return new Blob(this.#parts, { type });
  }
}

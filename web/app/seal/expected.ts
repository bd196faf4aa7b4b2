/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that somebody described when it came, compared with that while it is opened. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { faultOf } from "../core/answer.ts";
import { CoreError } from "../core/types.ts";

/** What it was, without any padding. */
export interface Expected {
  len: number;
  /** 64 small hexadecimal digits. */
  sha256: string;
}

/** The part of a fault that says that a file is another one. */
export const ANOTHER = "digest";

export class Comparing {
  readonly #expected: Expected;
  readonly #hash = sha256.create();
  #len = 0;

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  take(bytes: Uint8Array): void {
    this.#len += bytes.length;
    this.#hash.update(bytes);
  }

  /** Throws a CoreError, unless what was taken is what was expected: nothing of it may be given away before. */
  end(): void {
    if (bytesToHex(this.#hash.digest()) !== this.#expected.sha256 || this.#len !== this.#expected.len) {
      throw new CoreError({ ...faultOf("malformed", "is not what was received: its digest is another"), part: ANOTHER });
    }
  }
}

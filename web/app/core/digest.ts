/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 of a file of any length, in hexadecimal. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Source } from "./pieces.ts";

/** The browser's own digest is faster and wants all of it at once. */
const WHOLE_MAX = 1 << 26;
const STEP = 1 << 22;

export async function digestOf(source: Source, onStep?: (done: number) => void): Promise<string> {
  const whole = source.size <= WHOLE_MAX && globalThis.crypto?.subtle !== undefined;
  const step = new Uint8Array(whole ? source.size : STEP);
  if (whole) {
    if (!source.read(0, step)) {
      throw new Error("the copy can't be read");
    }
    return bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", step)));
  }
  const hash = sha256.create();
  for (let at = 0; at < source.size; at += STEP) {
    const part = step.subarray(0, Math.min(STEP, source.size - at));
    if (!source.read(at, part)) {
      throw new Error("the copy can't be read");
    }
    hash.update(part);
    onStep?.(at);
  }
  return bytesToHex(hash.digest());
}

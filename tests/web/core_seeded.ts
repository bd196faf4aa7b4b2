/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same bytes for the same seed, as tests/tools/redact_jpeg.c draws them: for tests alone. */

export function seededRandom(seed: bigint): (out: Uint8Array) => boolean {
  let state = BigInt.asUintN(64, seed);
  return (out) => {
    for (let i = 0; i < out.length; i++) {
      state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
      out[i] = Number(state >> 56n);
    }
    return true;
  };
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lengths that say little. */

/** Padme: the length that hides most of `size`, at most 12 % longer. The same as osk_seal_padded_len(). */
export function paddedSize(size: number): number {
  if (size < 2) {
    return size;
  }
  const exponent = Math.floor(Math.log2(size));
  const mantissa = Math.floor(Math.log2(Math.max(1, exponent))) + 1;
  const step = 2 ** Math.max(0, exponent - mantissa);
  return Math.ceil(size / step) * step;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which module a file goes to, by its first bytes. A wrong guess costs time and nothing else: each
 * module knows every format, and decides for itself. */

export type ModuleName = "core" | "pixels";
export type Guess = "jpeg" | "pixels" | "heic" | "other";

export const HEAD_BYTES = 32;

/* Brands of pictures in ISO files that libheif reads and no codec of ours does. */
const HEIC = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "miaf", "avif", "avis"];

function starts(head: Uint8Array, offset: number, text: string): boolean {
  return [...text].every((letter, index) => head[offset + index] === letter.charCodeAt(0));
}

export function guess(head: Uint8Array): Guess {
  if (head[0] === 0xff && head[1] === 0xd8) {
    return "jpeg";
  }
  if (starts(head, 1, "PNG") || starts(head, 0, "BM") || (starts(head, 0, "RIFF") && starts(head, 8, "WEBP"))) {
    return "pixels";
  }
  return starts(head, 4, "ftyp") && HEIC.some((brand) => starts(head, 8, brand)) ? "heic" : "other";
}

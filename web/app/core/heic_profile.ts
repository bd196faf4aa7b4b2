/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colour profile of a HEIC, which libheif's build for pages does not give: phones store colours
 * that sRGB does not have, and without it they would look pale. */

/* It stands in the index, in front of the pictures. */
const SEARCHED = 1 << 20;
const KINDS = ["prof", "rICC"];

function word(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** The first `colr` box (ISO/IEC 23008-12, 6.5.5) with a profile in it; null for none. What it holds is read by the
 *  core afterwards, as any profile of a BMP: nothing here believes it. */
export function findProfile(file: Uint8Array): Uint8Array | null {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const end = Math.min(file.length, SEARCHED) - 16;
  for (let at = 4; at < end; at++) {
    if (file[at] !== 0x63 || word(file, at) !== "colr" || !KINDS.includes(word(file, at + 4))) {
      continue;
    }
    const length = view.getUint32(at - 4) - 12;
    const profile = file.subarray(at + 8, at + 8 + length);
    if (length >= 128 && profile.length === length && view.getUint32(at + 8) === length && word(profile, 36) === "acsp") {
      return profile;
    }
  }
  return null;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoded pixels as a file that the core reads: a BMP is a header and the pixels. So they go the way
 * of every other picture, and no canvas, which may add noise, is between. */

const FILE_HEADER = 14;
const V5_HEADER = 124;
const BITFIELDS = 3;
const SRGB = 0x73524742;
const EMBEDDED = 0x4d424544;

export interface Bitmap {
  width: number;
  height: number;
  /** Whether any pixel lets something shine through. */
  clear: boolean;
  /** Bytes of the colour profile that stands behind the pixels; 0 for none. */
  profileLength: number;
}

/** `rgba`: four bytes a pixel. */
export function isClear(rgba: Uint8Array | Uint8ClampedArray): boolean {
  for (let at = 3; at < rgba.length; at += 4) {
    if (rgba[at] !== 255) {
      return true;
    }
  }
  return false;
}

/** The header for rows from the top, four bytes a pixel: red, green, blue, and how opaque it is. */
export function bitmapHeader({ width, height, clear, profileLength }: Bitmap): Uint8Array<ArrayBuffer> {
  const start = FILE_HEADER + V5_HEADER;
  const view = new DataView(new ArrayBuffer(start));
  const pixels = width * height * 4;
  view.setUint16(0, 0x424d);
  view.setUint32(2, start + pixels + profileLength, true);
  view.setUint32(10, start, true);
  const info: [at: number, value: number][] = [
    [0, V5_HEADER],
    [4, width],
    [8, -height],
    [16, BITFIELDS],
    [20, pixels],
    [40, 0x000000ff],
    [44, 0x0000ff00],
    [48, 0x00ff0000],
    [52, clear ? 0xff000000 : 0],
    [56, profileLength > 0 ? EMBEDDED : SRGB],
    [112, profileLength > 0 ? V5_HEADER + pixels : 0],
    [116, profileLength],
  ];
  for (const [at, value] of info) {
    view.setUint32(FILE_HEADER + at, value >>> 0, true);
  }
  view.setUint16(FILE_HEADER + 12, 1, true);
  view.setUint16(FILE_HEADER + 14, 32, true);
  return new Uint8Array(view.buffer);
}

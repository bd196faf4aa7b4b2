// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a scrubbed picture says by itself which way is up. What is published says so by its pixels alone: such a picture is
// written anew.

const HEAD_BYTES = 1 << 16;
const JPEG_SCAN = 0xda;
const JPEG_EXIF = 0xe1;
const WEBP_EXIF = 0x08;

const ascii = (bytes: Uint8Array, at: number, len: number): string => String.fromCharCode(...bytes.subarray(at, at + len));
const wordOf = (bytes: Uint8Array, at: number, len: number): number => bytes.subarray(at, at + len).reduce((sum, byte) => sum * 256 + byte, 0);

function jpegTurns(bytes: Uint8Array): boolean {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== JPEG_SCAN; at += 2 + wordOf(bytes, at + 2, 2)) {
    if (bytes[at + 1] === JPEG_EXIF && ascii(bytes, at + 4, 4) === "Exif") {
      return true;
    }
  }
  return false;
}

function pngTurns(bytes: Uint8Array): boolean {
  for (let at = 8; at + 8 <= bytes.length; at += 12 + wordOf(bytes, at, 4)) {
    if (ascii(bytes, at + 4, 4) === "eXIf") {
      return true;
    }
  }
  return false;
}

/** In its first bytes, as `format` has them there. Of a scrubbed picture nothing else is left of Exif than which way is up. */
export function saysWhichWayIsUp(format: string, bytes: Uint8Array): boolean {
  switch (format) {
    case "jpeg":
      return jpegTurns(bytes);
    case "png":
      return pngTurns(bytes);
    case "webp":
      return ascii(bytes, 12, 4) === "VP8X" && ((bytes[20] ?? 0) & WEBP_EXIF) !== 0;
    default:
      return false;
  }
}

export async function isTurned(format: string, picture: Blob): Promise<boolean> {
  const head = format === "png" ? picture : picture.slice(0, HEAD_BYTES);
  return saysWhichWayIsUp(format, new Uint8Array(await head.arrayBuffer()));
}

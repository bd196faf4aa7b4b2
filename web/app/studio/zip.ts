// SPDX-License-Identifier: GPL-3.0-or-later
// Several copies as one zip, stored as they are (pictures and videos are compressed already). It is composed of the
// copies' own blobs between small records, so that a large video is never in memory; and as each sum is known before its
// record is written, no record needs a "data descriptor", which some readers refuse. Nothing tells when it was made.
// Format: APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end).

/** Zip64 is not spoken everywhere: what is larger is downloaded one by one. */
export const ZIP_MAX_BYTES = 0xf0000000;

export interface ZipEntry {
  /** ASCII. */
  name: string;
  blob: Blob;
}

const VERSION = 20;
/** 1 January 1980, midnight: the first moment that a zip can name. */
const NEUTRAL_DATE = (1 << 5) | 1;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

/** CRC-32 of what went before and of `bytes`; begins with 0. */
export function crc32(before: number, bytes: Uint8Array): number {
  let sum = ~before;
  for (const byte of bytes) {
    sum = (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  }
  return ~sum >>> 0;
}

async function sumOf(blob: Blob): Promise<number> {
  const reader = blob.stream().getReader();
  let sum = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    sum = crc32(sum, piece.value);
  }
  return sum;
}

/** Little-endian numbers, each with its width in bytes, then `tail`. */
function record(numbers: readonly (readonly [value: number, width: 2 | 4])[], tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = numbers.reduce((length, [, width]) => length + width, 0);
  const bytes = new Uint8Array(head + tail.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, width] of numbers) {
    if (width === 2) {
      view.setUint16(at, value, true);
    } else {
      view.setUint32(at, value, true);
    }
    at += width;
  }
  bytes.set(tail, head);
  return bytes;
}

/** What the local header and the directory say alike: flags, method, time, date, sum, sizes, lengths of name and extra. */
function shared(sum: number, size: number, name: Uint8Array): readonly (readonly [number, 2 | 4])[] {
  return [[0, 2], [0, 2], [0, 2], [NEUTRAL_DATE, 2], [sum, 4], [size, 4], [size, 4], [name.length, 2], [0, 2]];
}

/** @returns null where the copies are too large for a plain zip. */
export async function zipOf(entries: readonly ZipEntry[]): Promise<Blob | null> {
  const parts: BlobPart[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  const none = new Uint8Array(0);
  let offset = 0;
  if (entries.reduce((total, { blob }) => total + blob.size, 0) > ZIP_MAX_BYTES) {
    return null;
  }
  for (const { name, blob } of entries) {
    const title = new TextEncoder().encode(name);
    const both = shared(await sumOf(blob), blob.size, title);
    const local = record([[0x04034b50, 4], [VERSION, 2], ...both], title);
    directory.push(
      record([[0x02014b50, 4], [VERSION, 2], [VERSION, 2], ...both, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]], title),
    );
    parts.push(local, blob);
    offset += local.length + blob.size;
  }
  const length = directory.reduce((total, one) => total + one.length, 0);
  const count = entries.length;
  const end = record(
    [[0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [length, 4], [offset, 4], [0, 2]],
    none,
  );
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

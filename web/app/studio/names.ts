// SPDX-License-Identifier: GPL-3.0-or-later
// Names of copies: they say nothing of the original, of the time or of the order.

const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
const LENGTH = 12;

/** Twelve letters by chance and the extension of the format. */
export function neutralName(extension: string): string {
  const chance = crypto.getRandomValues(new Uint8Array(LENGTH));
  return `${Array.from(chance, (byte) => LETTERS[byte % LETTERS.length]).join("")}.${extension}`;
}

const FORMATS: Readonly<Record<string, string>> = {
  jpeg: "JPEG",
  png: "PNG",
  gif: "GIF",
  webp: "WebP",
  tiff: "TIFF",
  bmp: "BMP",
  heif: "HEIC",
  avif: "AVIF",
  jxl: "JPEG XL",
  mp4: "MP4",
  matroska: "Matroska",
  webm: "WebM",
};

/** What people call a format of the core's registry. */
export function formatTitle(format: string): string {
  return FORMATS[format] ?? format.toUpperCase();
}

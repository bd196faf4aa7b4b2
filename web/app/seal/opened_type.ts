/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The media type that an opened file gets. It decides what a browser does with the file's address, on the desk's own
 * origin: whatever could hold a script, or is not known, is only bytes. */

const SHOWN = /^(image\/(jpeg|png|gif|webp|avif|heic|heif|jxl|bmp|tiff)|video\/(mp4|webm|quicktime|x-matroska)|audio\/(mp4|mpeg|ogg|webm|wav))$/;

export function openedType(wanted: string | undefined): string {
  return wanted !== undefined && SHOWN.test(wanted) ? wanted : "application/octet-stream";
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes one HEIC in a worker of its own, which ends with it. The pixels leave as they were decoded. */
import type { HeifImage, Library, Pixels } from "libheif-js/libheif-wasm/libheif-bundle.mjs";
import { bitmapHeader, isClear } from "./bitmap.ts";
import { findProfile } from "./heic_profile.ts";

export interface HeicAsk {
  file: Blob;
  wasm: boolean;
}

export type HeicAnswer = { picture: Blob; clear: boolean } | { what: string };

/* The core's own limit of decoded pixels for a page of 4 GiB, less what it needs beside. */
const PIXELS_MAX = 120_000_000;

async function load(wasm: boolean): Promise<Library> {
  const library = wasm
    ? await import("libheif-js/libheif-wasm/libheif-bundle.mjs")
    : await import("libheif-js/libheif/libheif.js");
  return library.default();
}

function show(image: HeifImage, width: number, height: number): Promise<Pixels | null> {
  return new Promise((resolve) => {
    image.display({ data: new Uint8ClampedArray(width * height * 4), width, height }, resolve);
  });
}

async function decode({ file, wasm }: HeicAsk): Promise<HeicAnswer> {
  const library = await load(wasm);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const images = new library.HeifDecoder().decode(bytes);
  const image = images.find((one) => one.is_primary()) ?? images[0];
  if (image === undefined) {
    return { what: "the picture can't be decoded" };
  }
  const width = image.get_width();
  const height = image.get_height();
  if (!(width > 0 && height > 0 && width * height <= PIXELS_MAX)) {
    return { what: "the picture is too large to be decoded here" };
  }
  const pixels = await show(image, width, height);
  if (pixels === null) {
    return { what: "the picture can't be decoded" };
  }
  const clear = isClear(pixels.data);
  const profile = findProfile(bytes) ?? new Uint8Array(0);
  const header = bitmapHeader({ width, height, clear, profileLength: profile.length });
  const parts = [header, pixels.data, profile] as Uint8Array<ArrayBuffer>[];
  return { picture: new Blob(parts, { type: "image/bmp" }), clear };
}

addEventListener("message", (event: MessageEvent<HeicAsk>) => {
  decode(event.data).then(
    (answer) => postMessage(answer),
    () => postMessage({ what: "the picture can't be decoded" }),
  );
});

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As much of libheif-js as heic_worker.ts uses. */
declare module "libheif-js/libheif-wasm/libheif-bundle.mjs" {
  export interface Pixels {
    data: Uint8ClampedArray;
    width: number;
    height: number;
  }
  export interface HeifImage {
    get_width(): number;
    get_height(): number;
    is_primary(): boolean;
    display(into: Pixels, done: (pixels: Pixels | null) => void): void;
  }
  export interface Library {
    HeifDecoder: new () => { decode(file: Uint8Array): HeifImage[] };
  }
  const load: () => Library | Promise<Library>;
  export default load;
}

declare module "libheif-js/libheif/libheif.js" {
  import type { Library } from "libheif-js/libheif-wasm/libheif-bundle.mjs";
  const load: () => Library | Promise<Library>;
  export default load;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What public pages load: one style, and no script. The pages themselves are made by bundle/albums.ts.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("./app/albums"),
  base: "/a/look/",
  publicDir: false,
  cacheDir: here("../build/web/vite-albums"),
  build: {
    outDir: process.env["OILSKIN_ALBUMS"] ?? here("../build/web/albums"),
    emptyOutDir: true,
    target: ["chrome105", "firefox115", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { hashCharacters: "hex" } },
  },
});

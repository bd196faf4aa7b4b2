// SPDX-License-Identifier: GPL-3.0-or-later
// The desk's page: of its own, since reviewers' browsers load nothing of the drop's and nobody who sends loads this.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("./app/desk"),
  base: "/desk/",
  publicDir: false,
  cacheDir: here("../build/web/vite-desk"),
  resolve: { alias: { "@wasm": here("../build/web/wasm") } },
  worker: { format: "es", rolldownOptions: { output: { hashCharacters: "hex" } } },
  build: {
    outDir: process.env["OILSKIN_DESK"] ?? here("../build/web/desk"),
    emptyOutDir: true,
    target: ["chrome105", "firefox115", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { hashCharacters: "hex" } },
  },
  server: { fs: { allow: [here("..")] } },
});

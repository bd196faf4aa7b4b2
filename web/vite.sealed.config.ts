// SPDX-License-Identifier: GPL-3.0-or-later
// What the page of a sealed link loads: one style, one script. The page itself is made by bundle/sealed.ts.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { oneCore } from "./one_core.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const ofTheStudio = /^assets\/(core|seal|unseal)-[0-9a-f]{8}\.(js|wasm)$/;

export default defineConfig({
  root: here("./app/sealed"),
  base: "/sealed/",
  publicDir: false,
  cacheDir: here("../build/web/vite-sealed"),
  resolve: { alias: { "@wasm": here("../build/web/wasm") } },
  plugins: [oneCore(ofTheStudio)],
  experimental: { renderBuiltUrl: (name) => (ofTheStudio.test(name) ? `/studio/${name}` : undefined) },
  worker: { format: "es", rolldownOptions: { output: { hashCharacters: "hex" } } },
  build: {
    outDir: process.env["OILSKIN_SEALED"] ?? here("../build/web/sealed"),
    emptyOutDir: true,
    target: ["chrome105", "firefox115", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { hashCharacters: "hex" } },
  },
  server: { fs: { allow: [here("..")] } },
});

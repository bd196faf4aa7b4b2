// SPDX-License-Identifier: GPL-3.0-or-later
// What the drop's pages load: one style, one script. The pages themselves are made by bundle/intake.ts.
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The core is the studio's: a drop serves both, and holds what it serves in memory. bundle/intake.ts sees to it that the
 * studio has these files; their names carry the digest of what is in them. */
const ofTheStudio = /^assets\/core-[0-9a-f]{8}\.(js|wasm)$/;

function oneCore(): Plugin {
  return {
    name: "oilskin-one-core",
    generateBundle(_options, bundle) {
      for (const name of Object.keys(bundle).filter((each) => ofTheStudio.test(each))) {
        delete bundle[name];
      }
    },
  };
}

export default defineConfig({
  root: here("./app/drop"),
  base: "/drop/",
  publicDir: false,
  cacheDir: here("../build/web/vite-drop"),
  resolve: { alias: { "@wasm": here("../build/web/wasm") } },
  plugins: [oneCore()],
  experimental: { renderBuiltUrl: (name) => (ofTheStudio.test(name) ? `/studio/${name}` : undefined) },
  worker: { format: "es", rolldownOptions: { output: { hashCharacters: "hex" } } },
  build: {
    outDir: process.env["OILSKIN_DROP"] ?? here("../build/web/drop"),
    emptyOutDir: true,
    target: ["chrome105", "firefox115", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { hashCharacters: "hex" } },
  },
  server: { fs: { allow: [here("..")] } },
});

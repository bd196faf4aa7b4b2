// SPDX-License-Identifier: GPL-3.0-or-later
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { studioPolicy } from "./policy.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What every page of ours carries in its head, so that index.html holds only what is the studio's own. */
function head(): Plugin {
  return {
    name: "oilskin-head",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: studioPolicy },
        injectTo: "head-prepend",
      },
      { tag: "meta", attrs: { name: "referrer", content: "no-referrer" }, injectTo: "head" },
      { tag: "link", attrs: { rel: "manifest", href: "/studio/manifest.webmanifest" }, injectTo: "head" },
      { tag: "link", attrs: { rel: "icon", href: "/studio/icon.svg", type: "image/svg+xml" }, injectTo: "head" },
      { tag: "link", attrs: { rel: "apple-touch-icon", href: "/studio/icon-180.png" }, injectTo: "head" },
    ],
  };
}

export default defineConfig({
  root: here("./app/studio"),
  base: "/studio/",
  publicDir: false,
  cacheDir: here("../build/web/vite"),
  resolve: { alias: { "@wasm": here("../build/web/wasm") } },
  plugins: [head()],
  worker: { format: "es", rolldownOptions: { output: { hashCharacters: "hex" } } },
  build: {
    outDir: process.env["OILSKIN_DIST"] ?? here("../build/web/dist"),
    emptyOutDir: true,
    target: ["chrome105", "firefox115", "safari16.4"],
    // No script, style or picture stands inline: the policy would refuse it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What is imported with ?url is copied as it is, with a hashed name.
    rolldownOptions: { output: { hashCharacters: "hex" } },
  },
  server: { fs: { allow: [here("..")] } },
});

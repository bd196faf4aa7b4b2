// SPDX-License-Identifier: GPL-3.0-or-later
// How each page of ours is built. What differs from page to page stands in vite.*.config.ts.
import { fileURLToPath } from "node:url";
import type { UserConfig } from "vite";
import { oneCore } from "./one_core.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @param room below app/
 * @param base where its files are served
 * @param folder below build/web; OILSKIN_ and its name in capitals is another one
 */
export function pageBuild(room: string, base: string, folder = room): UserConfig {
  return {
    root: here(`./app/${room}`),
    base,
    publicDir: false,
    cacheDir: here(`../build/web/vite-${folder}`),
    resolve: { alias: { "@wasm": here("../build/web/wasm") } },
    worker: { format: "es", rolldownOptions: { output: { hashCharacters: "hex" } } },
    build: {
      outDir: process.env[`OILSKIN_${folder.toUpperCase()}`] ?? here(`../build/web/${folder}`),
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
  };
}

/** The same, with files that it asks the studio for: those whose address below /studio/ fits. */
export function besideStudio(room: string, base: string, ofTheStudio: RegExp): UserConfig {
  return {
    ...pageBuild(room, base),
    plugins: [oneCore(ofTheStudio)],
    experimental: { renderBuiltUrl: (name) => (ofTheStudio.test(name) ? `/studio/${name}` : undefined) },
  };
}

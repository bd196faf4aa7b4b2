// SPDX-License-Identifier: GPL-3.0-or-later
// The last step of the build: adds to the folder what is made of the rest of it: icons, the app's manifest, the service
// worker with its list, and the bundle's digest.
//   node bundle/make.ts DIST
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { termsName, type CachedFile } from "../app/offline/cached.ts";
import { bundleOf, listFiles } from "./digest.ts";
import { iconPng, iconSvg } from "./icons.ts";
import { iconSizes, manifest } from "./manifest.ts";
import { sharePage } from "./share_page.ts";

const dist = resolve(process.argv[2] ?? "");
const worker = join(dist, "sw.js");
const list = join(dist, "bundle.json");

function cached(path: string, sha256: string): CachedFile {
  // libheif carries its WebAssembly within a script.
  if (/^assets\/(.*\.wasm|libheif-bundle-[0-9a-f]{8}\.js)$/.test(path)) {
    return { path, sha256, when: "wasm" };
  }
  // The same modules as plain JavaScript, for browsers without WebAssembly.
  if (/^assets\/(core|pixels|libheif|seal|unseal)-[0-9a-f]{8}\.js$/.test(path)) {
    return { path, sha256, when: "js" };
  }
  return { path, sha256 };
}

async function makeWorker(files: CachedFile[], version: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    define: { OILSKIN_FILES: JSON.stringify(files), OILSKIN_VERSION: JSON.stringify(version) },
    build: {
      outDir: dist,
      emptyOutDir: false,
      reportCompressedSize: false,
      lib: {
        entry: fileURLToPath(new URL("../app/offline/sw.ts", import.meta.url)),
        formats: ["es"],
        fileName: () => "sw.js",
      },
    },
  });
}

rmSync(worker, { force: true });
rmSync(list, { force: true });
writeFileSync(join(dist, "icon.svg"), iconSvg());
for (const size of iconSizes) {
  writeFileSync(join(dist, `icon-${size}.png`), iconPng(size));
}
writeFileSync(join(dist, "manifest.webmanifest"), `${JSON.stringify(manifest, null, 1)}\n`);
const style = /<link rel="stylesheet"[^>]* href="([^"]+)"/.exec(readFileSync(join(dist, "index.html"), "utf8"))?.[1];
if (style === undefined) {
  throw new Error("index.html names no style");
}
writeFileSync(join(dist, "share.html"), sharePage(style));
writeFileSync(join(dist, termsName), "null\n");
const files = listFiles(dist).filter(({ path }) => path !== termsName).map((file) => cached(file.path, file.sha256));
// The version is that of the list and of the worker's own code, so that two workers never share a cache.
await makeWorker(files, "");
await makeWorker(files, createHash("sha256").update(readFileSync(worker)).digest("hex").slice(0, 16));
const bundle = bundleOf(listFiles(dist));
writeFileSync(list, `${JSON.stringify(bundle, null, 1)}\n`);
console.log(`${bundle.files.length} files, bundle ${bundle.digest}`);

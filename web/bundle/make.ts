// SPDX-License-Identifier: GPL-3.0-or-later
// The last step of the build: adds to the folder what is made of the rest of it.
//   node bundle/make.ts DIST
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleOf, listFiles } from "./digest.ts";

const dist = resolve(process.argv[2] ?? "");
rmSync(join(dist, "bundle.json"), { force: true });
const bundle = bundleOf(listFiles(dist));
writeFileSync(join(dist, "bundle.json"), `${JSON.stringify(bundle, null, 1)}\n`);
console.log(`${bundle.files.length} files, bundle ${bundle.digest}`);

// SPDX-License-Identifier: GPL-3.0-or-later
// Adds to the desk's folder what vite has not made: its icon, and the list of all files with their digest, so that reviewers
// can compare what they were served.
//   node bundle/desk.ts DESK
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleOf, listFiles } from "./digest.ts";
import { iconSvg } from "./icons.ts";

const desk = resolve(process.argv[2] ?? "");
const list = join(desk, "bundle.json");
rmSync(list, { force: true });
writeFileSync(join(desk, "icon.svg"), iconSvg());
const bundle = bundleOf(listFiles(desk));
writeFileSync(list, `${JSON.stringify(bundle, null, 1)}\n`);
console.log(`${bundle.files.length} files of the desk, bundle ${bundle.digest}`);

// SPDX-License-Identifier: GPL-3.0-or-later
// The digest of a bundle: what the page's footer shows and an auditor computes again with sha256sum.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface BundleFile {
  path: string;
  size: number;
  sha256: string;
}

export interface Bundle {
  schema: "oilskin/bundle/1";
  files: BundleFile[];
  digest: string;
}

const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Every file below a folder, by path with forward slashes, in the order of its bytes. */
export function listFiles(folder: string): BundleFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => {
      const bytes = readFileSync(file);
      return { path: file.slice(folder.length + 1), size: bytes.length, sha256: sha256(bytes) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What `sha256sum` prints of the files, one line each, digested once more. */
export function bundleOf(files: BundleFile[]): Bundle {
  const lines = files.map((file) => `${file.sha256}  ${file.path}\n`).join("");
  return { schema: "oilskin/bundle/1", files, digest: sha256(lines) };
}

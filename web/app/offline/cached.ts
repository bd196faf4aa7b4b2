// SPDX-License-Identifier: GPL-3.0-or-later
// What the service worker keeps, as plain functions of names: no cache and no network here.

export interface CachedFile {
  path: string;
  sha256: string;
  /** Where the browser must lack or have WebAssembly for this file to be of use. */
  when?: "js" | "wasm";
}

/** What a server says of links (studio/state/linking.ts), and so in no cache: a build says `null`, and a server that takes
 * sealed copies answers in its place. */
export const termsName = "sharing.json";

/** All caches of ours begin with this, so that those of old versions are found. */
export const cachePrefix = "oilskin-studio-";

/** The files that this browser needs to work without a network. */
export function neededFiles(files: readonly CachedFile[], hasWasm: boolean): CachedFile[] {
  return files.filter((file) => file.when === undefined || file.when === (hasWasm ? "wasm" : "js"));
}

/** "sha256-…" of the `integrity` of a request, from hexadecimal digits. */
export function integrityOf(sha256: string): string {
  const bytes = sha256.match(/../g) ?? [];
  return `sha256-${btoa(String.fromCharCode(...bytes.map((pair) => parseInt(pair, 16))))}`;
}

/** The name of a file below the worker's scope, without what stands behind `?` and `#`; null for all else. */
export function nameBelow(address: string, scope: string): string | null {
  const url = new URL(address);
  const base = new URL(scope);
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) {
    return null;
  }
  const name = url.pathname.slice(base.pathname.length);
  return name === "" ? "index.html" : name;
}

/** Where a file is asked for. A host may answer index.html with a redirect, which no navigation may be answered with. */
export function addressOf(path: string, scope: string): string {
  return new URL(path === "index.html" ? "./" : path, scope).href;
}

interface Listed {
  files: { path: string; sha256: string }[];
}

/** True when the published list is that of this very version: each file of ours stands in it with its digest. */
export function listAgrees(list: Listed, files: readonly CachedFile[]): boolean {
  const known = new Map(list.files.map((file) => [file.path, file.sha256]));
  return files.every((file) => known.get(file.path) === file.sha256);
}

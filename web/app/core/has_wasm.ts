/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the two programs this browser can run: asked by the page, which runs it, and by the service worker, which
 * keeps only that one. */

/** The eight bytes of a module that holds nothing: some browsers have the name and refuse every module. */
export function hasWebAssembly(): boolean {
  try {
    return new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/** Fills `out`, which is memory of an instance: the browser can't know that it is shared with nobody. */
export function systemRandom(out: Uint8Array): boolean {
  const drawn = new Uint8Array(out.length);
  crypto.getRandomValues(drawn);
  out.set(drawn);
  drawn.fill(0);
  return true;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a file to the browser's downloads.
import { onEnd } from "./state/session.ts";

/** How long a download may take to begin before its address is given up, in ms. */
const BEGIN_MS = 60_000;

const given = new Set<string>();

function giveUp(address: string): void {
  given.delete(address);
  URL.revokeObjectURL(address);
}

export function saveFile(name: string, blob: Blob): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(blob);
  given.add(address);
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => giveUp(address), BEGIN_MS);
}

onEnd(() => given.forEach(giveUp));

// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a file to the browser's downloads.

/** How long a download may take to begin before its address is given up, in ms. */
const BEGIN_MS = 60_000;

export function saveFile(name: string, blob: Blob): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(blob);
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), BEGIN_MS);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Hands copies over: to the browser's downloads, or to another app by the share sheet.

export interface NamedBlob {
  name: string;
  blob: Blob;
}

/** How long a download may take to begin before its address is given up, in ms. */
const ADDRESS_LIFE_MS = 60_000;

export function download({ name, blob }: NamedBlob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), ADDRESS_LIFE_MS);
}

/** The time of the file is neutral: a share sheet may pass it on. */
function filesOf(copies: readonly NamedBlob[]): File[] {
  return copies.map(({ name, blob }) => new File([blob], name, { type: blob.type, lastModified: 0 }));
}

export function canShare(copies: readonly NamedBlob[]): boolean {
  return (
    typeof navigator.share === "function" &&
    typeof navigator.canShare === "function" &&
    navigator.canShare({ files: filesOf(copies) })
  );
}

/** @returns false when the person thought better of it. */
export async function share(copies: readonly NamedBlob[]): Promise<boolean> {
  try {
    await navigator.share({ files: filesOf(copies) });
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      return false;
    }
    throw error;
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file for a sealed link: sealed on the device to a key that is drawn for it alone. */
import { keyFileOf, secretLetters, SECRET_BYTES, withHead } from "./link.ts";
import { paddedSize } from "./padding.ts";
import { sealFile } from "./sealing.ts";
import { loadKeys } from "./unsealing.ts";

export interface SealedForLink {
  sealed: Blob;
  /** What the address carries behind "#"; it is nowhere else. */
  letters: string;
}

/** Rejects as sealFile() does. */
export async function sealForLink(file: Blob, signal?: AbortSignal): Promise<SealedForLink> {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  try {
    const keys = await loadKeys(keyFileOf(secret), "", signal);
    keys.forget();
    const plain = withHead(file);
    const how = { paddedSize: paddedSize(plain.size), ...(signal === undefined ? {} : { signal }) };
    return { sealed: await sealFile(plain, keys.recipients, how), letters: secretLetters(secret) };
  } finally {
    secret.fill(0);
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The reviewer's key, while it is loaded: in a worker's memory, gone with the session or the page.
import { signal } from "@preact/signals";
import { loadKeys, type Keyring } from "../../seal/unsealing.ts";
import { onEnd } from "./session.ts";

export const keyring = signal<Keyring | null>(null);

/** Rejects with a CoreError: part "passphrase", where the file asks for one; status "auth", where it is a wrong one. */
export async function loadKey(file: Blob, passphrase: string): Promise<void> {
  const loaded = await loadKeys(file, passphrase);
  forgetKey();
  keyring.value = loaded;
}

export function forgetKey(): void {
  keyring.peek()?.forget();
  keyring.value = null;
}

onEnd(forgetKey);

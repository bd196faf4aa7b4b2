// SPDX-License-Identifier: GPL-3.0-or-later
// The reviewer's key, while it is loaded: in a worker's memory, gone with the session or the page.
import { signal } from "@preact/signals";
import { loadKeys, type Keyring } from "../../seal/unsealing.ts";
import { me, onEnd } from "./session.ts";

export const keyring = signal<Keyring | null>(null);
let loading: AbortController | null = null;

/** Rejects with a CoreError: part "passphrase", where the file asks for one; status "auth", where it is a wrong one. */
export async function loadKey(file: Blob, passphrase: string): Promise<void> {
  if (!me.peek()) {
    throw new DOMException("nobody is signed in", "AbortError");
  }
  loading?.abort();
  const mine = new AbortController();
  loading = mine;
  const loaded = await loadKeys(file, passphrase, mine.signal);
  if (mine.signal.aborted) {
    loaded.forget();
    throw mine.signal.reason;
  }
  keyring.peek()?.forget();
  keyring.value = loaded;
}

/** Also what is on its way: it takes seconds, and must not arrive behind the session for which it was loaded. */
export function forgetKey(): void {
  loading?.abort();
  keyring.peek()?.forget();
  keyring.value = null;
}

onEnd(forgetKey);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the address to the file: asks for the sealed bytes, which is what counts as a view, and opens them with the key of the
 * address, which is sent nowhere. */
import { CoreError } from "../core/types.ts";
import { keyFileOf, withoutHead } from "../seal/link.ts";
import { type Keyring, loadKeys } from "../seal/unsealing.ts";
import type { Verdict } from "./verdict.ts";

/** Why nothing is shown: the address has no key; it opens nothing here (any more); the way there failed; the key is another
 * one's; and what the verdict says. */
export type Why = "key" | "gone" | "network" | "wrong" | Extract<Verdict, { clean: false }>["why"];

export type Opened = { file: Blob } | { file: null; why: Why; again: boolean };

export interface How {
  /** Where the sealed bytes are asked for. */
  address: string;
  /** What must be there before they are: they may be given a few times only. */
  ready(): Promise<void>;
  onProgress(part: number): void;
}

const failed = (why: Why, again = false): Opened => ({ file: null, why, again });

/** Reads it by pieces, so that progress can be told. */
async function bytesOf(answer: Response, onProgress: How["onProgress"]): Promise<Blob> {
  const total = Number(answer.headers.get("Content-Length") ?? 0);
  const reader = answer.body?.getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
    pieces.push(piece.value);
    done += piece.value.length;
    onProgress(total > 0 ? Math.min(done / total, 1) : 0);
  }
  if (total > 0 && done !== total) {
    throw new TypeError("the answer ended early");
  }
  return new Blob(pieces);
}

async function fetchSealed({ address, onProgress }: How): Promise<{ sealed: Blob } | Opened> {
  try {
    const answer = await fetch(address, { method: "POST", credentials: "omit", cache: "no-store" });
    if (answer.status === 404) {
      return failed("gone");
    }
    return answer.ok ? { sealed: await bytesOf(answer, onProgress) } : failed("network", true);
  } catch {
    return failed("network", true);
  }
}

async function unseal(keys: Keyring, sealed: Blob): Promise<Opened> {
  try {
    const file = await withoutHead(await keys.openBlob([{ sealed }]));
    return file === null ? failed("format") : { file };
  } catch (error) {
    const status = error instanceof CoreError ? error.fault.status : "";
    return failed(status === "no-memory" || status === "io" ? "unread" : "wrong");
  }
}

export async function open(secret: Uint8Array, how: How): Promise<Opened> {
  let keys: Keyring;
  try {
    await how.ready();
    keys = await loadKeys(keyFileOf(secret));
  } catch {
    return failed("network", true);
  }
  try {
    const asked = await fetchSealed(how);
    return "sealed" in asked ? await unseal(keys, asked.sealed) : asked;
  } finally {
    keys.forget();
  }
}

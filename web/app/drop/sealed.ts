// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing before sending, where the operator chose that. The program that seals is loaded only then.
import type { Parcel } from "./item.ts";
import { Refused } from "./tus.ts";

/** The public keys of the readers; null where the server seals on arrival. */
export async function readersOf(signal: AbortSignal): Promise<readonly string[] | null> {
  const answer = await fetch("/api/drop", { credentials: "omit", cache: "no-store", signal });
  if (!answer.ok) {
    throw new Refused(answer.status, String(answer.status));
  }
  const drop = (await answer.json()) as { sealing?: string; recipients?: { age: string }[] };
  if (drop.sealing !== "device") {
    return null;
  }
  /* Nobody to seal to is no reason to send in the clear: sealing to nobody is refused. */
  return (drop.recipients ?? []).map(({ age }) => age);
}

/** The same parcel, sealed. Its fingerprint is that of nothing else: what is sealed again has other bytes, and must not go
 * on where an earlier sending stopped. */
export async function seal(parcel: Parcel, readers: readonly string[], signal: AbortSignal): Promise<Parcel> {
  const { sealFile } = await import("../seal/sealing.ts");
  const blob = await sealFile(parcel.blob, readers, { signal });
  const drawn = crypto.getRandomValues(new Uint8Array(32));
  const fingerprint = Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { ...parcel, blob, fingerprint, isSealed: true };
}

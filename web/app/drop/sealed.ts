// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing before sending, where the operator chose that. The program that seals is loaded only then.
import type { Parcel } from "./item.ts";
import { drawHex } from "./say.ts";
import { Refused } from "./tus.ts";

/** The public keys of the readers; null where the server seals on arrival. */
export async function readersOf(signal: AbortSignal): Promise<readonly string[] | null> {
  const answer = await fetch("/api/drop", { credentials: "omit", cache: "no-store", signal });
  if (!answer.ok) {
    throw new Refused(answer.status, "submission", String(answer.status));
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
  return { ...parcel, blob, fingerprint: drawHex(32), isSealed: true };
}

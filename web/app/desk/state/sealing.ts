// SPDX-License-Identifier: GPL-3.0-or-later
// What is written here goes to the server sealed to everybody of the desk, as it is today.
import { toBase64 } from "../../seal/base64.ts";
import type { Keyring } from "../../seal/unsealing.ts";
import { Refusal } from "../api/ask.ts";
import { getMe } from "../api/desk.ts";
import type { Sealed } from "../api/types.ts";
import { me, renew } from "./session.ts";

const deskNow = (): readonly string[] => me.peek()?.recipients.map(({ age }) => age) ?? [];

/** Whether people came or left since it was `before`; what is sealed next is for those of now. */
async function hasChanged(before: readonly string[]): Promise<boolean> {
  const now = await getMe();
  /* Whoever signed out meanwhile stays out. */
  if (me.peek()?.id !== now.id) {
    return false;
  }
  renew(now);
  return deskNow().join() !== before.join();
}

/** Sealed to the desk and to who else is named, then given away. A server that refuses it because people came or left since
 * gets it once more, sealed to those of now. */
export async function giveSealed<T>(keys: Keyring, value: object, give: (sealed: Sealed) => Promise<T>, also: readonly string[] = []): Promise<T> {
  const sealTo = async (desk: readonly string[]) => toBase64(await keys.seal(JSON.stringify(value), [...also, ...desk]));
  const before = deskNow();
  try {
    return await give(await sealTo(before));
  } catch (cause) {
    if (!(cause instanceof Refusal && cause.status === 400 && (await hasChanged(before)))) {
      throw cause;
    }
    return give(await sealTo(deskNow()));
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that lies at the desk, given to the keys of today: page by page, with headers that this browser makes. What a
// page needs of the server and of the key comes from outside, so that tests run it under Node.
import { CoreError } from "../core/types.ts";
import { fromBase64, toBase64 } from "../seal/base64.ts";
import type { WrapItem, Wraps } from "./api/people.ts";

export interface WrapMeans {
  readonly recipients: readonly string[];
  list(after: string | null): Promise<Wraps>;
  give(wraps: readonly { readonly item: string; readonly header: string }[]): Promise<{ readonly done: number; readonly kept: number }>;
  rewrap(header: Uint8Array, recipients: readonly string[]): Promise<Uint8Array>;
  /** Throws when it is not wanted any more. */
  onProgress(part: number): void;
}

export interface Wrapped {
  readonly done: number;
  /** What this key does not open stays as it is. */
  readonly closed: number;
  /** Old headers that could not be taken off the disk. */
  readonly kept: number;
}

/** null: the key does not open it, or nobody's does: reviewers seal what they write, and one can seal it so that it stops here. */
async function wrap({ item, header, also }: WrapItem, means: WrapMeans): Promise<{ item: string; header: string } | null> {
  const to = also === undefined ? means.recipients : [...means.recipients, also];
  try {
    return { item, header: toBase64(await means.rewrap(fromBase64(header), to)) };
  } catch (error) {
    if (error instanceof CoreError && (error.fault.status === "auth" || error.fault.status === "malformed")) {
      return null;
    }
    throw error;
  }
}

export async function wrapAll(means: WrapMeans): Promise<Wrapped> {
  const closed = new Set<string>();
  let done = 0;
  let kept = 0;
  let after: string | null = null;
  for (;;) {
    const page = await means.list(after);
    means.onProgress(page.total === 0 ? 1 : (page.total - page.left) / page.total);
    const made = await Promise.all(page.items.map((one) => wrap(one, means)));
    page.items.forEach(({ item }, at) => made[at] === null && closed.add(item));
    const wraps = made.filter((one) => one !== null);
    const said = wraps.length === 0 ? { done: 0, kept: 0 } : await means.give(wraps);
    done += said.done;
    kept += said.kept;
    if (page.next === null) {
      return { done, closed: closed.size, kept };
    }
    if (page.next === after) {
      throw new Error("the desk leads nowhere");
    }
    after = page.next;
  }
}

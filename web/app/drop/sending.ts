// SPDX-License-Identifier: GPL-3.0-or-later
// From what was chosen and written to "received": uploads that were begun with the receipt go on, the others are created,
// then one request makes a submission of all of it. It answers when everything is durable.
import type { Item, Parcel } from "./item.ts";
import type { Say } from "./say.ts";
import { readersOf } from "./sealed.ts";
import { append, ask, create, type How, Refused } from "./tus.ts";

export interface Letter {
  readonly receipt: string;
  readonly message: string;
  readonly place: string;
  readonly time: string;
  readonly category: string;
  readonly once: string;
}

/** What the server has of a receipt. */
export interface Draft {
  readonly state: "none" | "begun" | "received" | "withdrawn";
  readonly uploads: readonly { readonly url: string; readonly len: number | null; readonly fingerprint: string | null }[];
}

export type Outcome = "scrubbed" | "original-chosen" | "original-kept" | "device";

export async function draftOf(receipt: string, how: How): Promise<Draft> {
  const { answer } = await ask("/api/drafts", { receipt }, how);
  return { state: answer["state"] as Draft["state"], uploads: (answer["uploads"] as Draft["uploads"] | undefined) ?? [] };
}

function howOf(item: Item, parcel: Parcel, signal: AbortSignal, say: Say): How {
  return {
    signal,
    onProgress: (sent) => item.progress(sent, parcel.blob.size),
    onOffline: (isOffline) => {
      if (isOffline) {
        item.say(say.words.live.offline);
      }
    },
    onBusy: () => item.say(say.words.waiting.heading),
  };
}

async function sendOne(item: Item, parcel: Parcel, draft: Draft, letter: Letter, used: Set<string>, say: Say, signal: AbortSignal): Promise<string> {
  const how = howOf(item, parcel, signal, say);
  const begun = draft.uploads.find(
    ({ url, len, fingerprint }) => fingerprint === parcel.fingerprint && len === parcel.blob.size && !used.has(url),
  );
  if (begun !== undefined) {
    item.say(say.words.live.resumes);
  }
  const { kind, fingerprint, isSealed } = parcel;
  const wish = { receipt: letter.receipt, kind, category: letter.category, fingerprint, isSealed };
  const url = begun?.url ?? (await create(parcel.blob.size, wish, how));
  used.add(url);
  await append(url, parcel.blob, how);
  item.say(say.words.live.sent);
  return url;
}

/** Rejects with Refused, or with the signal's reason. */
export async function sendAll(
  items: readonly { readonly item: Item; readonly parcel: Parcel }[],
  letter: Letter,
  say: Say,
  how: How,
): Promise<readonly Outcome[]> {
  const draft = await draftOf(letter.receipt, how);
  if (draft.state === "withdrawn") {
    throw new Refused(409, "receipt", "withdrawn");
  }
  const readers = items.length === 0 ? null : await readersOf(how.signal);
  const uploads: string[] = [];
  const used = new Set<string>();
  for (const { item, parcel } of items) {
    const handed = await item.handOver(parcel, readers, how.signal);
    uploads.push(await sendOne(item, handed, draft, letter, used, say, how.signal));
  }
  const { message, place, time, category, once } = letter;
  const words = Object.fromEntries(Object.entries({ message, place, time, category }).filter(([, text]) => text !== ""));
  /* What was uploaded stands first: it has waited, and opens the door. */
  const { answer } = await ask("/api/submissions", { uploads, receipt: letter.receipt, ...words, once }, how);
  if (answer["received"] !== true) {
    throw new Refused(500, "submission", "not received");
  }
  return (answer["files"] as { outcome: Outcome }[]).map(({ outcome }) => outcome);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// One submission, as it came and opened. Who shows it loads it, and loads it again after each change.
import type { Keyring } from "../../seal/unsealing.ts";
import { getSubmission, type SeenCluster, type SeenSubmission, writeRecord } from "../api/desk.ts";
import type { DeskFile, Id, RecordRow, Space, Submission } from "../api/types.ts";
import { isRecord, type Note, openSealed, readName, readNote, readTags, readText, readWords, type SentFile, type Words } from "./opened.ts";
import { giveSealed } from "./sealing.ts";
import { me } from "./session.ts";

/** What a decision about it, or about a file of it, is about. */
export const seenOf = ({ submission: id, messages }: Submission): SeenSubmission => ({ id, messages: messages.filter(({ from_desk }) => !from_desk).length });
export const seenFile = ({ cluster: id, uncaught, samples }: DeskFile): SeenCluster => ({ id, uncaught, samples });

export interface Said extends Words {
  readonly number: number;
  readonly fromDesk: boolean;
  readonly day: string;
  /** It can't be opened with this key. */
  readonly closed: boolean;
}

interface Versioned<T> {
  readonly version: number;
  readonly value: T;
  /** It can't be opened with this key: what it says is not known, and nothing may take its place. */
  readonly closed: boolean;
}

export interface OpenedNote extends Note {
  readonly closed: boolean;
}

export interface Opened {
  readonly sent: Submission;
  /** null without a key. */
  readonly said: readonly Said[] | null;
  readonly notes: readonly OpenedNote[];
  readonly tags: Versioned<readonly string[]>;
  readonly assigned: Versioned<string>;
  readonly draft: Versioned<string>;
}

/** What its sender's manifest says of a file. */
export const sentOf = ({ said }: Opened, { number }: DeskFile): SentFile | undefined => said?.flatMap(({ files }) => files).find((one) => one.number === number);

const EMPTY: Words = { text: "", place: "", time: "", files: [] };

/** null: not with this key. */
async function tryToOpen(keys: Keyring, sealed: string): Promise<string | null> {
  try {
    return await openSealed(keys, sealed);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") {
      throw cause;
    }
    return null;
  }
}

async function openSaid(keys: Keyring, sent: Submission): Promise<Said[]> {
  const all = [{ number: -1, from_desk: false, day: sent.day, sealed: sent.manifest }, ...sent.messages];
  return Promise.all(
    all.map(async ({ number, from_desk, day, sealed }) => {
      const opened = await tryToOpen(keys, sealed);
      return { number, fromDesk: from_desk, day, closed: opened === null, ...(opened === null ? EMPTY : readWords(opened)) };
    }),
  );
}

/** null, too, for what another page wrote, of which this one does not know what it says. */
async function openRecord(keys: Keyring, { space, sealed }: RecordRow): Promise<string | null> {
  const json = await tryToOpen(keys, sealed);
  return json !== null && isRecord(space, json) ? json : null;
}

async function openRecords(keys: Keyring, sent: Submission): Promise<Omit<Opened, "sent" | "said">> {
  const opened = await Promise.all(sent.records.map(async (row) => ({ row, json: await openRecord(keys, row) })));
  const only = <T>(space: Space, id: Id | undefined, read: (json: string) => T): Versioned<T> => {
    const found = opened.find(({ row }) => row.space === space && (id === undefined || row.id === id));
    return { version: found?.row.version ?? 0, value: read(found?.json ?? ""), closed: found?.json === null };
  };
  return {
    notes: opened.filter(({ row }) => row.space === "note").map(({ row, json }) => ({ ...readNote(row, json ?? ""), closed: json === null })),
    tags: only("tags", undefined, readTags),
    assigned: only("assignment", undefined, readName),
    draft: only("draft", me.value?.id, readText),
  };
}

const NONE = { version: 0, value: "", closed: false } as const;
const NOTHING = { notes: [], tags: { ...NONE, value: [] }, assigned: NONE, draft: NONE } as const;

export async function loadSubmission(id: Id, keys: Keyring | null, signal: AbortSignal): Promise<Opened> {
  const sent = await getSubmission(id, signal);
  return keys === null
    ? { sent, said: null, ...NOTHING }
    : { sent, said: await openSaid(keys, sent), ...(await openRecords(keys, sent)) };
}

/* ---- what reviewers write ---- */

async function write(keys: Keyring, space: Space, owner: Id, follows: { id?: Id; version: number }, value: object | null): Promise<void> {
  const { id, version } = follows;
  const give = (sealed: string | null) => writeRecord({ space, owner, version, sealed, ...(id === undefined ? {} : { id }) });
  await (value === null ? give(null) : giveSealed(keys, value, give));
}

export const addNote = (keys: Keyring, owner: Id, text: string): Promise<void> =>
  write(keys, "note", owner, { version: 0 }, { schema: "oilskin/note/1", text, by: me.value?.name ?? "" });
export const removeNote = (keys: Keyring, owner: Id, { id, version }: Note): Promise<void> => write(keys, "note", owner, { id, version }, null);
export const setTags = (keys: Keyring, { sent, tags }: Opened, wanted: readonly string[]): Promise<void> =>
  write(keys, "tags", sent.submission, tags, wanted.length === 0 ? null : { schema: "oilskin/tags/1", tags: wanted });
export const setAssigned = (keys: Keyring, { sent, assigned }: Opened, to: string): Promise<void> =>
  write(keys, "assignment", sent.submission, assigned, to === "" ? null : { schema: "oilskin/assignment/1", to });
export const setDraft = (keys: Keyring, { sent, draft }: Opened, text: string): Promise<void> =>
  write(keys, "draft", sent.submission, draft, text === "" ? null : { schema: "oilskin/draft/1", text });

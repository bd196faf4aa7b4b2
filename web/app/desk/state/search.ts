// SPDX-License-Identifier: GPL-3.0-or-later
// Looking through words: all of them are opened here and looked through here, so that the server never learns what for.
import { signal } from "@preact/signals";
import type { Keyring } from "../../seal/unsealing.ts";
import { Refusal } from "../api/ask.ts";
import { getCluster, getQueue, getRecords } from "../api/desk.ts";
import type { Id, Row, Space } from "../api/types.ts";
import { shortId } from "../speech.ts";
import { openSealed, readName, readNote, readTags } from "./opened.ts";
import { categories } from "./queue.ts";
import { onEnd } from "./session.ts";
import { loadSubmission, seenOf } from "./submission.ts";

export interface Entry {
  readonly submission: Id;
  readonly day: string;
  readonly category: string | null;
  /** As the queue's filter names them. */
  readonly kinds: readonly string[];
  /** How many its sender had written when it was opened. */
  readonly messages: number;
  /** What sender and desk said. */
  readonly words: string;
}

/** What reviewers wrote, by submission. */
interface Written {
  tags: readonly string[];
  assigned: string;
  notes: string[];
}

export const entries = signal<ReadonlyMap<Id, Entry>>(new Map());
export const written = signal<ReadonlyMap<Id, Readonly<Written>>>(new Map());
/** How many of how many have been opened; null: nothing is going on. */
export const progress = signal<{ readonly done: number; readonly total: number } | null>(null);
/** What could not be fetched or opened, and so is not looked through. */
export const missed = signal(0);
export const searchFault = signal<unknown>(null);

/** Requests at a time. */
const LANES = 4;
/* As often as a person can see it: a signal for each of thousands would keep the page busy. */
const TELL_EVERY = 20;

let gathering: AbortController | null = null;

export function stopGathering(): void {
  gathering?.abort();
  gathering = null;
  progress.value = null;
}

async function readRecords(keys: Keyring, space: Space, take: (owner: Id, json: string) => void, signal: AbortSignal): Promise<void> {
  let after: string | undefined;
  do {
    const page = await getRecords(space, after, signal);
    for (const row of page.records) {
      const json = await openSealed(keys, row.sealed).catch(() => null);
      if (json === null) {
        missed.value++;
      } else {
        take(row.owner, json);
      }
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
}

async function gatherWritten(keys: Keyring, signal: AbortSignal): Promise<void> {
  const all = new Map<Id, Written>();
  const of = (owner: Id): Written => {
    const there = all.get(owner) ?? { tags: [], assigned: "", notes: [] };
    all.set(owner, there);
    return there;
  };
  await readRecords(keys, "tags", (owner, json) => (of(owner).tags = readTags(json)), signal);
  await readRecords(keys, "assignment", (owner, json) => (of(owner).assigned = readName(json)), signal);
  await readRecords(keys, "note", (owner, json) => of(owner).notes.push(readNote({ space: "note", owner, id: "", version: 0, day: "", sealed: "" }, json).text), signal);
  written.value = all;
}

/** With how many messages there are of each by now. */
type Listed = readonly (readonly [Id, number])[];

/** null for what was folded away, withdrawn or deleted since it was listed. */
function orGone(cause: unknown): null {
  if (cause instanceof Refusal && cause.status === 404) {
    return null;
  }
  throw cause;
}

/** Of a row: its own submission, and those of all its copies. */
async function submissionsOf(row: Row, signal: AbortSignal): Promise<Listed> {
  if (row.cluster === null || row.submissions <= 1) {
    return [[row.representative.submission, row.messages]];
  }
  const found: [Id, number][] = [];
  let after: string | undefined;
  do {
    const page = await getCluster(row.cluster, after, signal).catch(orGone);
    if (page === null) {
      break;
    }
    found.push(...page.members.map(({ submission, messages }): [Id, number] => [submission, messages]));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return found;
}

async function listAll(signal: AbortSignal): Promise<Listed> {
  /* Of what is written about alone nothing new is known. */
  const found = new Map<Id, number>([...written.value.keys()].map((id) => [id, entries.value.get(id)?.messages ?? 0]));
  let after: string | undefined;
  do {
    const page = await getQueue({ view: "all", ...(after === undefined ? {} : { after }) }, signal);
    categories.value = [...page.categories].sort();
    for (const row of page.rows) {
      for (const [id, messages] of await submissionsOf(row, signal)) {
        found.set(id, messages);
      }
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  return [...found];
}

/** Of these, not everything could be opened: the next time it may. */
const partly = new Set<Id>();

async function openOne(keys: Keyring, id: Id, signal: AbortSignal): Promise<Entry> {
  const { sent, said } = await loadSubmission(id, keys, signal);
  const closed = (said ?? []).filter((one) => one.closed).length;
  missed.value += closed;
  if (closed > 0) {
    partly.add(id);
  } else {
    partly.delete(id);
  }
  const words = (said ?? []).flatMap(({ text, place, time }) => [text, place, time]).filter((text) => text !== "");
  const kinds = sent.files.length === 0 ? ["words"] : sent.files.flatMap(({ kind, media }) => (media === null ? [kind] : [kind, media]));
  return { submission: id, day: sent.day, category: sent.category, kinds, messages: seenOf(sent).messages, words: words.join("\n") };
}

/** It is opened again the next time: there is more to it. */
export function openAgain(id: Id): void {
  partly.add(id);
}

/** Opens what is there and was not opened yet, or has more words since. What is gone meanwhile is left out. */
export async function gather(keys: Keyring): Promise<void> {
  stopGathering();
  const mine = new AbortController();
  gathering = mine;
  const { signal } = mine;
  searchFault.value = null;
  missed.value = 0;
  progress.value = { done: 0, total: 0 };
  try {
    await gatherWritten(keys, signal);
    const ids = await listAll(signal);
    const after = new Map(entries.value);
    const wanted = ids.filter(([id, messages]) => after.get(id)?.messages !== messages || partly.has(id));
    const left = wanted.values();
    let done = ids.length - wanted.length;
    const lane = async () => {
      for (const [id] of left) {
        const entry = await openOne(keys, id, signal).catch((cause: unknown) => {
          if (signal.aborted) {
            throw cause;
          }
          missed.value++;
          return null;
        });
        if (entry !== null) {
          after.set(id, entry);
        }
        done++;
        if (done % TELL_EVERY === 0) {
          entries.value = new Map(after);
          progress.value = { done, total: ids.length };
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    entries.value = after;
  } catch (cause) {
    if (!signal.aborted) {
      searchFault.value = cause;
    }
  }
  if (gathering === mine) {
    gathering = null;
    progress.value = null;
  }
}

/* ---- looking ---- */

export interface Found {
  readonly submission: Id;
  readonly day: string;
  readonly category: string | null;
  readonly tags: readonly string[];
  readonly assigned: string;
  /** Where the first word stands: what is before it, it, and what is behind it. */
  readonly around: readonly [string, string, string];
}

const folded = (text: string): string => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
/** Letters before and behind what was found. */
const AROUND = 60;

function aroundOf(text: string, word: string): readonly [string, string, string] {
  /* Lengths differ once accents are folded: then the text is shown from its start. */
  const plain = text.toLowerCase();
  const at = word === "" ? -1 : plain.indexOf(word.toLowerCase());
  if (at < 0 || plain.length !== text.length) {
    return [text.slice(0, 2 * AROUND), "", ""];
  }
  const from = Math.max(0, at - AROUND);
  return [(from > 0 ? "…" : "") + text.slice(from, at), text.slice(at, at + word.length), text.slice(at + word.length, at + word.length + AROUND)];
}

/** What else is asked for; "" for anything. */
export interface Wanted {
  readonly tag: string;
  readonly assigned: string;
  readonly category: string;
  readonly kind: string;
  readonly first: string;
  readonly last: string;
}

export const anything: Wanted = { tag: "", assigned: "", category: "", kind: "", first: "", last: "" };

function isOfThat(entry: Entry | undefined, { category, kind, first, last }: Wanted): boolean {
  if (entry === undefined) {
    return [category, kind, first, last].every((one) => one === "");
  }
  const { day } = entry;
  return (category === "" || entry.category === category) && (kind === "" || entry.kinds.includes(kind)) && day >= first && (last === "" || day <= last);
}

/** By the first digits of its id, as many as a row shows: fewer stand in it by chance. */
const isNamed = (id: Id, word: string): boolean => word.length >= shortId(id).length && id.startsWith(word.toLowerCase());

/** Those that hold all words, and are of what is asked for; newest day first. */
export function find(text: string, asked: Partial<Wanted> = {}): Found[] {
  const of = { ...anything, ...asked };
  const wanted = text.split(/\s+/).filter((word) => word !== "");
  const found: Found[] = [];
  const ids = new Set([...entries.value.keys(), ...written.value.keys()]);
  for (const id of ids) {
    const entry = entries.value.get(id);
    const { tags, assigned, notes } = written.value.get(id) ?? { tags: [], assigned: "", notes: [] };
    const all = [entry?.words ?? "", ...notes, ...tags, assigned].filter((one) => one !== "").join("\n");
    const search = folded(all);
    const isWritten = (of.tag === "" || tags.includes(of.tag)) && (of.assigned === "" || assigned === of.assigned);
    if (isWritten && isOfThat(entry, of) && wanted.every((word) => isNamed(id, word) || search.includes(folded(word)))) {
      found.push({ submission: id, day: entry?.day ?? "", category: entry?.category ?? null, tags, assigned, around: aroundOf(all, wanted[0] ?? "") });
    }
  }
  return found.sort((a, b) => (a.day < b.day ? 1 : -1));
}

export function allTags(): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { tags } of written.value.values()) {
    for (const tag of tags) {
      counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

/** Who sees to something. */
export function allAssigned(): readonly string[] {
  return [...new Set([...written.value.values()].map(({ assigned }) => assigned))].filter((name) => name !== "").sort();
}

/** What was opened, with the key that opened it. */
export function forgetOpened(): void {
  stopGathering();
  entries.value = new Map();
  written.value = new Map();
  partly.clear();
  missed.value = 0;
}

onEnd(forgetOpened);

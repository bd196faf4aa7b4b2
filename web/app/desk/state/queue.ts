// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the queue as the server gives them, page by page, for what was asked; which one is looked at, which are chosen.
import { computed, signal } from "@preact/signals";
import { getQueue, type SeenCluster, type SeenSubmission } from "../api/desk.ts";
import { type Asked, type Counts, type Queue, type Row, type View, views } from "../api/types.ts";
import { onEnd } from "./session.ts";

export const rows = signal<readonly Row[]>([]);
export const counts = signal<Counts | null>(null);
/** Names of all that something was sent under. */
export const categories = signal<readonly string[]>([]);
export const next = signal<string | null>(null);
export const loading = signal(false);
export const queueFault = signal<unknown>(null);
/** By name. */
export const chosen = signal<ReadonlySet<string>>(new Set());

/** A row's own name: its cluster, or its submission where only words are left. */
export const nameOf = (row: Row): string => row.cluster ?? `words-${row.representative.submission}`;

const currentName = signal<string | null>(null);
/* Where the current row was, for when it has gone: the one that took its place is next. */
let lastIndex = 0;

export const currentIndex = computed(() => {
  const found = rows.value.findIndex((row) => nameOf(row) === currentName.value);
  return found >= 0 ? found : Math.min(lastIndex, rows.value.length - 1);
});
export const current = computed<Row | null>(() => rows.value[currentIndex.value] ?? null);

export function moveTo(index: number): void {
  const row = rows.value[Math.max(0, Math.min(index, rows.value.length - 1))];
  if (row !== undefined) {
    currentName.value = nameOf(row);
    lastIndex = rows.value.indexOf(row);
  }
}

export function choose(row: Row, wanted: boolean): void {
  const after = new Set(chosen.value);
  if (wanted) {
    after.add(nameOf(row));
  } else {
    after.delete(nameOf(row));
  }
  chosen.value = after;
}

export function chooseAll(wanted: boolean): void {
  chosen.value = new Set(wanted ? rows.value.map(nameOf) : []);
}

/** What a decision is about: the chosen rows, or else the one that is looked at. */
export function targetRows(): readonly Row[] {
  const some = rows.value.filter((row) => chosen.value.has(nameOf(row)));
  return some.length > 0 ? some : current.value === null ? [] : [current.value];
}

/** What a decision about rows is about, with what they show of it. */
export const clustersOf = (some: readonly Row[]): SeenCluster[] =>
  some.flatMap(({ cluster, uncaught, samples }) => (cluster === null ? [] : [{ id: cluster, uncaught, samples }]));
export const submissionsOf = (some: readonly Row[]): SeenSubmission[] => [
  ...new Map(some.map(({ representative: { submission: id }, messages }) => [id, { id, messages }])).values(),
];

export function viewOf(text: string | undefined): View {
  return views.find((view) => view === text) ?? "new";
}

/* ---- asking ---- */

let asking: AbortController | null = null;
let asked: Asked = {};

async function ask(load: (signal: AbortSignal) => Promise<readonly Queue[]>, before: readonly Row[]): Promise<void> {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  loading.value = true;
  queueFault.value = null;
  try {
    const pages = await load(mine.signal);
    const last = pages.at(-1);
    lastIndex = Math.max(0, currentIndex.value);
    rows.value = [...before, ...pages.flatMap((page) => page.rows)];
    next.value = last?.next ?? null;
    counts.value = last?.counts ?? counts.value;
    categories.value = [...(last?.categories ?? categories.value)].sort();
    const there = new Set(rows.value.map(nameOf));
    chosen.value = new Set([...chosen.value].filter((name) => there.has(name)));
    if (current.value !== null) {
      currentName.value = nameOf(current.value);
    }
  } catch (cause) {
    if (!mine.signal.aborted) {
      queueFault.value = cause;
    }
  }
  if (asking === mine) {
    asking = null;
    loading.value = false;
  }
}

/** From the start, for what is wanted. */
export function loadQueue(wanted: Asked): Promise<void> {
  if (JSON.stringify(wanted) !== JSON.stringify(asked)) {
    rows.value = [];
    chosen.value = new Set();
    next.value = null;
    lastIndex = 0;
  }
  asked = wanted;
  return lookAgain();
}

/** As much as was there before, as it is now. */
export function lookAgain(): Promise<void> {
  const enough = rows.value.length;
  return ask(async (signal) => {
    const pages = [await getQueue(asked, signal)];
    for (let last = pages[0]; last?.next && pages.reduce((sum, page) => sum + page.rows.length, 0) < enough; last = pages.at(-1)) {
      pages.push(await getQueue({ ...asked, after: last.next }, signal));
    }
    return pages;
  }, []);
}

export function loadMore(): Promise<void> {
  const after = next.value;
  return after === null ? Promise.resolve() : ask(async (signal) => [await getQueue({ ...asked, after }, signal)], rows.value);
}

onEnd(() => {
  asking?.abort();
  rows.value = [];
  counts.value = null;
  categories.value = [];
  next.value = null;
  chosen.value = new Set();
  currentName.value = null;
});

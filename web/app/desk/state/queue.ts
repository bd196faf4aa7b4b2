// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the queue as the server gives them, page by page, for what was asked.
import { signal } from "@preact/signals";
import { getQueue } from "../api/desk.ts";
import { type Asked, type Counts, type Row, type View, views } from "../api/types.ts";
import { onEnd } from "./session.ts";

export const rows = signal<readonly Row[]>([]);
export const counts = signal<Counts | null>(null);
export const next = signal<string | null>(null);
export const loading = signal(false);
export const queueFault = signal<unknown>(null);

let asking: AbortController | null = null;
let asked: Asked = {};

/** A row's own name, for lists and marks: its cluster, or its submission where only words are left. */
export const nameOf = (row: Row): string => row.cluster ?? `words-${row.representative.submission}`;

export function viewOf(text: string | undefined): View {
  return views.find((view) => view === text) ?? "new";
}

async function ask(after: string | null): Promise<void> {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  loading.value = true;
  queueFault.value = null;
  try {
    const page = await getQueue(after === null ? asked : { ...asked, after }, mine.signal);
    rows.value = after === null ? page.rows : [...rows.value, ...page.rows];
    counts.value = page.counts;
    next.value = page.next;
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

export function loadQueue(wanted: Asked = asked): Promise<void> {
  asked = wanted;
  return ask(null);
}

export function loadMore(): Promise<void> {
  return ask(next.value);
}

onEnd(() => {
  asking?.abort();
  rows.value = [];
  counts.value = null;
  next.value = null;
});

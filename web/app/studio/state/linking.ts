// SPDX-License-Identifier: GPL-3.0-or-later
// "Share as a link", where the server that this page comes from takes sealed copies: what it says, and one link at a time.
import { signal } from "@preact/signals";
import { sealForLink } from "../../seal/link_sealing.ts";
import type { Item } from "./item.ts";

/** What a server says that takes them. */
export interface Terms {
  /** Of a file, in bytes. */
  readonly fileMax: number;
  readonly daysMax: number;
}

export interface Made {
  /** With the key behind "#": it is in no other place. */
  readonly address: string;
  /** Its last day, in UTC. */
  readonly lastDay: Date;
}

/** null: it takes none, as most do. */
export const terms = signal<Terms | null>(null);
/** The server that serves the page is a demonstration. */
export const isDemo = signal(false);
/** The copy that a link is asked for. */
export const linking = signal<Item | null>(null);
export const making = signal(false);
export const made = signal<Made | null>(null);
export const failure = signal<"full" | "failed" | null>(null);

let stop = new AbortController();

/** Asked when the page is loaded, so that nobody learns from it when a copy was made. */
export async function readTerms(): Promise<void> {
  const answer = await fetch(`${import.meta.env.BASE_URL}sharing.json`, { credentials: "omit", cache: "no-store" });
  const said: unknown = answer.ok ? await answer.json() : null;
  if (typeof said === "object" && said !== null && "demo" in said) {
    isDemo.value = said.demo === true;
  }
  if (typeof said === "object" && said !== null && "sealed_links" in said) {
    const { file_max: fileMax, days_max: daysMax } = said.sealed_links as Record<string, unknown>;
    terms.value = typeof fileMax === "number" && typeof daysMax === "number" ? { fileMax, daysMax } : null;
  }
}

export function askForLink(item: Item): void {
  made.value = null;
  failure.value = null;
  linking.value = item;
}

/** The address is gone with it. */
export function closeLink(): void {
  stop.abort();
  linking.value = null;
  made.value = null;
}

interface Answered {
  address: string;
  last_day: string;
}

function isAnswer(said: unknown): said is Answered {
  const { address, last_day: lastDay } = (said ?? {}) as Partial<Record<keyof Answered, unknown>>;
  return typeof address === "string" && /^\/s\/x\/[\w-]{22}$/.test(address) && typeof lastDay === "string";
}

async function send(sealed: Blob, asked: Asked, signal: AbortSignal): Promise<Answered | "full" | "failed"> {
  const views = asked.views === null ? "" : `&views=${asked.views}`;
  const answer = await fetch(`/s/x?days=${asked.days}${views}`, {
    method: "POST",
    body: sealed,
    headers: { "Content-Type": "application/octet-stream" },
    credentials: "omit",
    signal,
  });
  const said: unknown = answer.ok ? await answer.json() : null;
  return isAnswer(said) ? said : answer.status === 503 || answer.status === 507 ? "full" : "failed";
}

/** What the person chose. */
export interface Asked {
  readonly days: number;
  /** null: as often as wanted. */
  readonly views: number | null;
}

export async function makeLink(item: Item, asked: Asked): Promise<void> {
  const copy = item.copy.value;
  if (copy === null || making.value) {
    return;
  }
  stop = new AbortController();
  const { signal } = stop;
  making.value = true;
  failure.value = null;
  try {
    const { sealed, letters } = await sealForLink(copy.saved.blob, signal);
    const answered = await send(sealed, asked, signal);
    if (typeof answered === "string") {
      failure.value = answered;
    } else {
      item.handed.value ??= "link";
      made.value = { address: `${location.origin}${answered.address}#${letters}`, lastDay: new Date(answered.last_day) };
    }
  } catch {
    failure.value = signal.aborted ? null : "failed";
  } finally {
    making.value = false;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The one file that somebody is about to publish: its original, what is covered of it, the copy that the server holds. It stays
// while they look elsewhere, until another one is opened or the session ends.
import { signal } from "@preact/signals";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Saved } from "../../core/types.ts";
import type { Keyring } from "../../seal/unsealing.ts";
import { type Change, changeOf, makeItem, type Item } from "../../studio/state/item.ts";
import { selected } from "../../studio/state/settings.ts";
import { forget, prepare } from "../../studio/state/work.ts";
import { type Copy, getCopy, getRendition, giveCopy, isFilm, type Published } from "../api/copies.ts";
import type { DeskFile, Id } from "../api/types.ts";
import { makePublic, type Provenance, provenanceOf } from "../publishing/made.ts";
import type { SentFile } from "./opened.ts";
import { openOriginal } from "./originals.ts";
import { onEnd } from "./session.ts";

export interface Working {
  readonly file: Id;
  readonly submission: Id;
  /** Of the file, in its submission. */
  readonly number: number;
  /** Of what arrived. */
  readonly originalDigest: string;
  readonly item: Item;
}

/** A copy as the server gave it back. */
export interface Given {
  readonly copy: Copy;
  readonly made: Saved;
  readonly bytes: Blob;
  /** What stands there before a video plays. */
  readonly poster: Blob | null;
  readonly provenance: Provenance;
  /** What was covered of it when it was made. */
  readonly change: Change;
}

/** What stands beside it in public. */
export interface Texts {
  readonly album: Id | null;
  readonly caption: string;
  readonly alt: string;
  readonly warning: string;
}

const NO_TEXTS: Texts = { album: null, caption: "", alt: "", warning: "" };

export const working = signal<Working | null>(null);
export const given = signal<Given | null>(null);
export const texts = signal<Texts>(NO_TEXTS);
/** What became of the last one, of which nothing else is here any more. */
export const done = signal<{ readonly file: Id; readonly published: Published } | null>(null);
let stop = new AbortController();
/** Of the copy that is on its way: a newer one ends it. */
let copying = new AbortController();

/** It holds all that is covered by now. */
export const isNewest = ({ change }: Given, { item }: Working): boolean => change === changeOf(item);

/** What is given back is another file than the one that was given. */
export class AnotherCopy extends Error {
  constructor() {
    super("the server gave back other bytes");
    this.name = "AnotherCopy";
  }
}

export function leave(): void {
  stop.abort();
  stop = new AbortController();
  copying.abort();
  const before = working.peek();
  if (before !== null) {
    forget(before.item);
  }
  working.value = null;
  given.value = null;
  texts.value = NO_TEXTS;
  done.value = null;
  selected.value = null;
}

onEnd(leave);

/** Fetches and unseals it, which goes into the log, and reads it. */
export async function begin(keys: Keyring, { file, submission }: { file: DeskFile; submission: Id }, sent: SentFile | undefined, onProgress: (done: number, total: number) => void): Promise<void> {
  leave();
  const { signal: mine } = stop;
  const { blob, sha256: originalDigest } = await openOriginal(keys, file, sent, "publish", { signal: mine, onProgress });
  mine.throwIfAborted();
  const item = makeItem(blob);
  working.value = { file: file.file, submission, number: file.number, originalDigest, item };
  await prepare(item);
}

/** Scrubbed and verified here, then verified and given back there. What was not changed since is given once. Whoever asks ends
 * it with `mine`, and the next one ends it, too: an older copy never takes the place of a newer one. */
export async function makeCopy({ item, file, originalDigest }: Working, mine: AbortController, onMade: () => void): Promise<void> {
  copying.abort();
  copying = mine;
  const { signal } = mine;
  const change = changeOf(item);
  const made = await makePublic(item, signal);
  if (change !== changeOf(item)) {
    mine.abort();
    signal.throwIfAborted();
  }
  const provenance = provenanceOf(item, file, originalDigest, made.sha256);
  const before = given.peek();
  if (before?.made.sha256 === made.sha256) {
    given.value = { ...before, provenance, change };
    return;
  }
  given.value = null;
  onMade();
  const copy = await giveCopy(made.blob, signal);
  const bytes = new Uint8Array(await getCopy(copy.copy, signal));
  if (copy.sha256 !== made.sha256 || bytesToHex(sha256(bytes)) !== made.sha256) {
    throw new AnotherCopy();
  }
  const poster = isFilm(copy) && copy.renditions > 0 ? new Blob([await getRendition(copy.copy, copy.renditions, signal)], { type: "image/jpeg" }) : null;
  signal.throwIfAborted();
  given.value = { copy, made, bytes: new Blob([bytes], { type: made.mediaType }), poster, provenance, change };
}

/** It is published: its original is forgotten here. Another one that was opened meanwhile stays. */
export function finish(of: Working, published: Published): void {
  if (working.peek() === of) {
    leave();
  }
  done.value = { file: of.file, published };
}

/** The server holds it no more. */
export function loseCopy(): void {
  given.value = null;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Originals: fetched for a reason that the audit chain keeps, then opened here or carried away as they are sealed.
import type { Keyring, Segment } from "../../seal/unsealing.ts";
import { fetchSegments, open } from "../api/desk.ts";
import type { DeskFile, Id, Why } from "../api/types.ts";
import type { SentFile } from "./opened.ts";

/** What a browser may show by itself. Everything else is for a program on a machine without a network. */
const SHOWN = /^(image\/(jpeg|png|gif|webp|avif)|video\/(mp4|webm|quicktime))$/;

export interface Fetching {
  readonly signal: AbortSignal;
  onProgress(done: number, total: number): void;
}

async function fetchAll(file: Id, why: Why, { signal, onProgress }: Fetching): Promise<Segment[]> {
  const opening = await open(file, why);
  const total = opening.segments.reduce((sum, { sealed_len }) => sum + sealed_len, 0);
  const segments: Segment[] = [];
  let before = 0;
  for await (const segment of fetchSegments(opening, signal, (done) => onProgress(before + done, total))) {
    segments.push(segment);
    before += segment.sealed.size;
  }
  return segments;
}

export interface Original {
  readonly blob: Blob;
  /** Whether a browser shows it. */
  readonly shown: boolean;
}

export async function openOriginal(keys: Keyring, file: DeskFile, sent: SentFile | undefined, why: Why, how: Fetching): Promise<Original> {
  const type = sent?.mediaType ?? "application/octet-stream";
  const { signal } = how;
  let blob = await keys.openBlob(await fetchAll(file.file, why, how), { type, signal });
  if (sent?.len != null) {
    blob = blob.slice(0, sent.len, blob.type);
  }
  if (file.kind === "device") {
    /* Sealed once more, by the sender's browser. */
    blob = await keys.openBlob([{ sealed: blob }], { type, signal });
  }
  return { blob, shown: SHOWN.test(blob.type) };
}

/** The sealed segments, to be opened elsewhere. */
export async function carryAway(file: Id, why: Why, how: Fetching): Promise<readonly Blob[]> {
  return (await fetchAll(file, why, how)).map(({ sealed }) => sealed);
}

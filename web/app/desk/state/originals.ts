// SPDX-License-Identifier: GPL-3.0-or-later
// Originals: fetched for a reason that the audit chain keeps, then opened here or carried away as they are sealed.
import type { Keyring, Segment } from "../../seal/unsealing.ts";
import { fetchSegments, open } from "../api/desk.ts";
import type { DeskFile, Id, Why } from "../api/types.ts";
import { pieceLens, type SentFile } from "./opened.ts";

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

/** Nothing that can be read says what the file was when it came. */
export class Undescribed extends Error {
  constructor() {
    super("no manifest says what it is");
    this.name = "Undescribed";
  }
}

export interface Original {
  readonly blob: Blob;
  /** Of what arrived, with which it was compared. */
  readonly sha256: string;
  /** Whether a browser shows it. */
  readonly shown: boolean;
}

/** Which parts a file has, in which order and how long, says the manifest, which was sealed when it came: the server names them
 * again, and what it gives is nothing but bytes until their digest is that of the manifest. */
export async function openOriginal(keys: Keyring, file: DeskFile, sent: SentFile | undefined, why: Why, how: Fetching): Promise<Original> {
  const { len = null, sha256 = null } = sent ?? {};
  const lens = sent === undefined ? null : pieceLens(sent, file.segments);
  if (len === null || sha256 === null || lens === null) {
    throw new Undescribed();
  }
  const type = sent?.mediaType ?? "application/octet-stream";
  const { signal } = how;
  const segments = (await fetchAll(file.file, why, how)).map(({ sealed }, index) => ({ sealed, plainLen: lens[index] ?? 0 }));
  let blob = await keys.openBlob(segments, { type, signal, expected: { len, sha256 } });
  if (file.kind === "device") {
    /* Sealed once more, by the sender's browser: what was compared is that. */
    blob = await keys.openBlob([{ sealed: blob }], { type, signal });
  }
  return { blob, sha256, shown: SHOWN.test(blob.type) };
}

/** The sealed segments, to be opened elsewhere. */
export async function carryAway(file: Id, why: Why, how: Fetching): Promise<readonly Blob[]> {
  return (await fetchAll(file, why, how)).map(({ sealed }) => sealed);
}

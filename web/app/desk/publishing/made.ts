// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves the page: a copy of a format that every browser shows, with its right way up in its pixels, scrubbed, and read
// again by the core's second reader. What it was made of and how stands in its provenance, which is sealed to the desk.
import { CoreError, type Edit, type Saved } from "../../core/types.ts";
import { withCore } from "../../studio/state/core.ts";
import { areasOf, changeOf, type Item } from "../../studio/state/item.ts";
import { editOf, resultOf } from "../../studio/state/work.ts";
import type { Id } from "../api/types.ts";
import { isTurned } from "./upright.ts";

const STILLS: ReadonlySet<string> = new Set(["jpeg", "png", "webp", "gif"]);
/** Of a still; others are written anew before they are published. */
export const isShownEverywhere = (format: string): boolean => STILLS.has(format);

const anew: Edit = { regions: null, crop: null, turn: 0, mirror: false, resize: 0, flatten: true, outputFormat: null };

/** Rejects with a CoreError where nothing can be made of it that may be published. */
export async function makePublic(item: Item, signal: AbortSignal): Promise<Saved> {
  const saved = await resultOf(item, signal);
  const isVideo = item.inspected.value?.video === true;
  const asItIs = isVideo || (isShownEverywhere(saved.format) && !(await isTurned(saved.format, saved.blob)));
  const made = asItIs ? saved : await withCore(signal, (core) => core.edit(saved.blob, anew, { signal }));
  const fault = await withCore(signal, (core) => core.verify(made.blob));
  signal.throwIfAborted();
  if (fault !== null) {
    throw new CoreError(fault);
  }
  return made;
}

/** Which copy came of which original, and what was covered in between: enough to make it again. */
export interface Provenance {
  readonly schema: "oilskin/provenance/1";
  readonly file: Id;
  readonly original_sha256: string;
  /** As displayed before turning and cropping. */
  readonly regions: Edit["regions"];
  readonly crop: Edit["crop"];
  readonly turn: Edit["turn"];
  readonly mirror: boolean;
  readonly copy_sha256: string;
  readonly areas: number;
}

export function provenanceOf(item: Item, file: Id, originalDigest: string, copyDigest: string): Provenance {
  const edit = editOf(item, changeOf(item), 0) ?? anew;
  return {
    schema: "oilskin/provenance/1",
    file,
    original_sha256: originalDigest,
    regions: edit.regions ?? { version: 1, regions: [] },
    crop: edit.crop,
    turn: edit.turn,
    mirror: edit.mirror,
    copy_sha256: copyDigest,
    areas: areasOf(item),
  };
}

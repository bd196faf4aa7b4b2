// SPDX-License-Identifier: GPL-3.0-or-later
// Previews, sealed as they came, and which of them somebody has asked to see. Opened ones are made where they are shown.
import { computed, signal } from "@preact/signals";
import { getPreview } from "../api/desk.ts";
import type { Id } from "../api/types.ts";
import { place } from "../route.ts";
import { onEnd } from "./session.ts";

/** At most 200 KiB each: what a few screens of a queue need. */
const KEPT_MAX = 200;

const kept = new Map<Id, Promise<Blob>>();

export function sealedPreview(file: Id): Promise<Blob> {
  const there = kept.get(file);
  if (there !== undefined) {
    /* Used last. */
    kept.delete(file);
    kept.set(file, there);
    return there;
  }
  const coming = getPreview(file).then((bytes) => new Blob([bytes]));
  coming.catch(() => kept.delete(file));
  kept.set(file, coming);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) {
    kept.delete(oldest);
  }
  return coming;
}

/** One that is shown by a button of its own, and not with others of the same file. */
export const apartOf = (file: Id): Id => `${file}/apart`;

/** Files that are not blurred any more. */
export const unblurred = signal<ReadonlySet<Id>>(new Set());

export function toggleBlur(file: Id): void {
  const after = new Set(unblurred.value);
  if (!after.delete(file)) {
    after.add(file);
  }
  unblurred.value = after;
}

/* What was shown in one place was not asked for in the next. */
const where = computed(() => `${place.value.page}/${place.value.of}`);
where.subscribe(() => {
  unblurred.value = new Set();
});

onEnd(() => {
  kept.clear();
  unblurred.value = new Set();
});

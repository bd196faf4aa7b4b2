// SPDX-License-Identifier: GPL-3.0-or-later
// The files of this visit, the one that is looked at, and the step that the person is at.
import { computed, signal } from "@preact/signals";
import { canCover, isChanged, makeItem, type Item } from "./item.ts";
import { nothingPasted } from "./notices.ts";
import { forget, prepare } from "./work.ts";

export type Step = "open" | "cover" | "save";

export const items = signal<readonly Item[]>([]);
const currentId = signal(0);
export const step = signal<Step>("open");
/** How many came by the share sheet, until the person goes on. */
export const sharedCount = signal(0);

export const current = computed(() => items.value.find(({ id }) => id === currentId.value) ?? items.value[0] ?? null);

/** Those of which a copy can be made. */
export const usable = computed(() => items.value.filter((item) => item.fault.value === null));

export const isReading = computed(() => usable.value.some((item) => !item.prepared.value));

/** Those of which no copy could be made when the person asked for one. */
export const uncopied = computed(() => usable.value.filter((item) => item.copy.value === null && item.changeFault.value !== null));

/** Nothing is left to try, and there is something to hand over: one that fails holds no other back. */
export const allCopied = computed(
  () => usable.value.some((item) => item.copy.value !== null) && usable.value.every((item) => item.copy.value !== null || item.changeFault.value !== null),
);

/** Nobody is sent on to a file of which nothing can be made, while there is another. */
export function goTo(next: Step): void {
  if (next !== "open" && current.value?.fault.value != null) {
    const other = usable.value.find(canCover) ?? usable.value[0];
    currentId.value = other?.id ?? currentId.value;
  }
  step.value = next;
}

/** Work on it that nobody has been given yet. */
function isUnsaved(item: Item): boolean {
  return item.fault.value === null && item.handed.value === null && (isChanged(item) || item.copy.value !== null);
}

/** Work that closing the page would lose. */
export const hasUnsaved = computed(() => items.value.some(isUnsaved));

/** What the person wants to take out and has not saved: they are asked first. */
export const dropping = signal<readonly Item[]>([]);

export function addFiles(files: Iterable<Blob>): number {
  const added = Array.from(files, makeItem);
  const first = added[0];
  if (first === undefined) {
    return 0;
  }
  items.value = [...items.value, ...added];
  currentId.value = first.id;
  step.value = "open";
  nothingPasted.value = false;
  added.forEach((item) => void prepare(item));
  return added.length;
}

export function look(item: Item): void {
  currentId.value = item.id;
}

function takeOut(item: Item): void {
  const index = items.value.indexOf(item);
  items.value = items.value.filter((one) => one !== item);
  const neighbour = items.value[Math.min(index, items.value.length - 1)];
  currentId.value = neighbour?.id ?? 0;
  forget(item);
  if (neighbour === undefined) {
    step.value = "open";
    sharedCount.value = 0;
  }
}

/** Takes them out of the list at once, or asks where work would be lost. */
export function drop(wanted: readonly Item[]): void {
  if (wanted.some(isUnsaved)) {
    dropping.value = wanted;
  } else {
    wanted.forEach(takeOut);
  }
}

export function dropAnyway(): void {
  const wanted = dropping.value;
  dropping.value = [];
  wanted.forEach(takeOut);
}

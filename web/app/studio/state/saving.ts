// SPDX-License-Identifier: GPL-3.0-or-later
// The last step: asks once where nothing is covered, makes the copies one after the other, hands them over.
import { computed, effect, signal } from "@preact/signals";
import { canShare, download, share, type NamedBlob } from "../handing.ts";
import { neutralName } from "../names.ts";
import { zipOf } from "../zip.ts";
import { areasOf, canCover, type Copy, type Item } from "./item.ts";
import { current, goTo, isReading, look, step, usable } from "./items.ts";
import { copyOf } from "./work.ts";

export const saving = signal<{ at: number; total: number } | null>(null);
export const asking = signal(false);
export const shareFailed = signal(false);
export const zipping = signal(false);
/** An original went away after its copy was made: copies of videos are ranges of it. */
export const unread = signal(false);

const asked = new WeakSet<Item>();
let stop = new AbortController();

/* Who goes back may cover more, and a copy on its way has none of that. */
effect(() => {
  if (step.value !== "save") {
    stop.abort();
  }
});

/** Pictures that could be covered and are not. */
export const bare = computed(() =>
  usable.value.filter((item) => canCover(item) && areasOf(item) === 0),
);

export const copied = computed(() => usable.value.filter((item) => item.copy.value !== null));

export const canSave = computed(() => usable.value.length > 0 && !isReading.value);

/** Goes on to making copies, or asks first. */
export function save(): void {
  if (bare.value.some((item) => !asked.has(item))) {
    asking.value = true;
    return;
  }
  void makeCopies();
}

export function saveAnyway(): void {
  bare.value.forEach((item) => asked.add(item));
  asking.value = false;
  void makeCopies();
}

export function coverFirst(): void {
  const first = bare.value[0];
  asking.value = false;
  if (first !== undefined && (current.value === null || !bare.value.includes(current.value))) {
    look(first);
  }
  goTo("cover");
}

export function stopSaving(): void {
  stop.abort();
}

async function makeCopies(): Promise<void> {
  const wanted = usable.value.filter((item) => item.copy.value === null);
  stop = new AbortController();
  try {
    for (const [index, item] of wanted.entries()) {
      saving.value = { at: index + 1, total: wanted.length };
      await copyOf(item, stop.signal);
    }
  } catch {
    // Stopped by the person: what is made stays made.
    return;
  } finally {
    saving.value = null;
  }
  const only = copied.value.length === 1 ? copied.value[0] : undefined;
  if (only !== undefined && usable.value.length === 1) {
    downloadCopy(only);
  }
}

function named(copy: Copy): NamedBlob {
  return { name: copy.name, blob: copy.saved.blob };
}

export function copies(): NamedBlob[] {
  return copied.value.flatMap((item) => (item.copy.value === null ? [] : [named(item.copy.value)]));
}

export const sharable = computed(() => copied.value.length > 0 && canShare(copies()));

export function downloadCopy(item: Item): void {
  if (item.copy.value !== null) {
    download(named(item.copy.value));
    item.handed.value = "downloads";
  }
}

export async function downloadAll(): Promise<void> {
  const all = copied.value;
  zipping.value = true;
  unread.value = false;
  try {
    const zip = await zipOf(copies());
    if (zip === null) {
      all.forEach(downloadCopy);
      return;
    }
    download({ name: neutralName("zip"), blob: zip });
    all.forEach((item) => (item.handed.value = "downloads"));
  } catch {
    unread.value = true;
  } finally {
    zipping.value = false;
  }
}

export async function shareAll(): Promise<void> {
  shareFailed.value = false;
  try {
    if (await share(copies())) {
      copied.value.forEach((item) => (item.handed.value = "app"));
    }
  } catch {
    shareFailed.value = true;
  }
}

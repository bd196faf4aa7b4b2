// SPDX-License-Identifier: GPL-3.0-or-later
// The last step: asks once where nothing is covered, makes the copies one after the other, hands them over.
import { computed, effect, signal } from "@preact/signals";
import { canShare, download, share, type NamedBlob } from "../handing.ts";
import { neutralName } from "../names.ts";
import { zipOf } from "../zip.ts";
import { areasOf, canCover, type Copy, type Item } from "./item.ts";
import { current, goTo, isReading, look, step, usable } from "./items.ts";
import { askForLink, terms } from "./linking.ts";
import { copyOf } from "./work.ts";

/** What a single copy is made for: what is to become a link lies in no folder of the device, unless somebody asks for that, too. */
export type Aim = "file" | "link";

export const saving = signal<{ at: number; total: number } | null>(null);
/** Whether it may be that nothing is covered, of copies for this; null: nothing is asked. */
export const asking = signal<Aim | null>(null);
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

/** A link is of one copy: of several each is offered one when they are made. */
export const canLink = computed(() => canSave.value && terms.value !== null && usable.value.length === 1);

/** Goes on to making copies, or asks first. */
export function save(aim: Aim): void {
  if (bare.value.some((item) => !asked.has(item))) {
    asking.value = aim;
    return;
  }
  void makeCopies(aim);
}

export function saveAnyway(): void {
  const aim = asking.value ?? "file";
  bare.value.forEach((item) => asked.add(item));
  asking.value = null;
  void makeCopies(aim);
}

export function coverFirst(): void {
  const first = bare.value[0];
  asking.value = null;
  if (first !== undefined && (current.value === null || !bare.value.includes(current.value))) {
    look(first);
  }
  goTo("cover");
}

export function stopSaving(): void {
  stop.abort();
}

async function makeCopies(aim: Aim): Promise<void> {
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
  if (only === undefined || usable.value.length !== 1) {
    return;
  }
  if (aim === "link") {
    askForLink(only);
  } else {
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

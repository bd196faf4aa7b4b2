// SPDX-License-Identifier: GPL-3.0-or-later
// One file that was opened: what it reveals, what the person changed, what would be saved.
import { signal, type Signal } from "@preact/signals";
import type { Box, Fault, Inspected, PictureInfo, Saved } from "../../core/types.ts";
import type { Regions } from "../../editor/regions.ts";
import { startHistory, type History } from "../../editor/history.ts";
import { turnBox, turnedSize, turnRegions, turnRight, type Size, type Turned } from "../turning.ts";

/** What the person asked for; places are as seen, after turning and before crop. */
export interface Change extends Turned {
  readonly regions: Regions;
  readonly crop: Box | null;
}

export const unchanged: Change = {
  regions: { version: 1, regions: [] },
  crop: null,
  turn: 0,
  mirror: false,
};

/** What is on the stage, and what of the person's changes it already holds. */
export interface Shown {
  readonly url: string;
  readonly change: Change;
  /** The crop is cut away already. */
  readonly cropped: boolean;
}

/** Where a copy went. */
export type Handed = "downloads" | "app" | "link";

/** A copy that was made, under the name that it is handed over by. */
export interface Copy {
  readonly name: string;
  readonly saved: Saved;
  readonly url: string;
  /** The browser can show it; else what was on the stage stands for it. */
  readonly visible: boolean;
}

/** What the pixels are taken from where the file itself can't be written again: a fresh picture of what is seen. */
export interface Base {
  readonly saved: Saved;
  readonly picture: PictureInfo;
}

export interface Item {
  readonly id: number;
  readonly file: Blob;
  readonly inspected: Signal<Inspected | null>;
  /** It is known what can be done with it: read, and decoded where only that tells. */
  readonly prepared: Signal<boolean>;
  /** null: the file itself. */
  readonly base: Signal<Base | null>;
  /** Why no copy can be made of it. */
  readonly fault: Signal<Fault | null>;
  /** Why the last change could not be made. */
  readonly changeFault: Signal<Fault | null>;
  readonly history: Signal<History<Change>>;
  readonly dropSound: Signal<boolean>;
  /** The longest side at most; 0: as it is. */
  readonly resize: Signal<number>;
  /** What a picture becomes that can't be written in its own format. */
  readonly outputFormat: Signal<"jpeg" | "png">;
  /** What Save would hand over, but for its size; null until it is made. */
  readonly result: Signal<Saved | null>;
  /** null where the browser can't show it. */
  readonly shown: Signal<Shown | null>;
  /** While the crop is being chosen, the stage shows what it cuts away. */
  readonly choosingCrop: Signal<boolean>;
  /** A part of the whole, while a job runs. */
  readonly progress: Signal<number | null>;
  readonly copy: Signal<Copy | null>;
  /** The copy went to the downloads or to another app. */
  readonly handed: Signal<Handed | null>;
  /** Ends the job that runs. */
  stop: AbortController;
}

let nextId = 1;

export function makeItem(file: Blob): Item {
  return {
    id: nextId++,
    file,
    inspected: signal(null),
    prepared: signal(false),
    base: signal(null),
    fault: signal(null),
    changeFault: signal(null),
    history: signal(startHistory(unchanged)),
    dropSound: signal(false),
    resize: signal(0),
    outputFormat: signal("jpeg"),
    result: signal(null),
    shown: signal(null),
    choosingCrop: signal(false),
    progress: signal(0),
    copy: signal(null),
    handed: signal(null),
    stop: new AbortController(),
  };
}

export function changeOf(item: Item): Change {
  return item.history.value.present;
}

/** How many of the findings a copy won't have. */
export function goingOf(item: Item): number {
  return item.inspected.value?.findings.filter(({ stays }) => !stays).length ?? 0;
}

export function areasOf(item: Item): number {
  return changeOf(item).regions.regions.length;
}

/** null where its pixels can't be reached here. */
export function pictureOf(item: Item): PictureInfo | null {
  return item.base.value?.picture ?? item.inspected.value?.picture ?? null;
}

export function canCover(item: Item): boolean {
  return item.prepared.value && pictureOf(item) !== null && item.fault.value === null;
}

/** What is saved is not the format that was opened. */
export function isConverted(item: Item): boolean {
  const saved = item.result.value;
  return item.base.value !== null && saved !== null && saved.format !== item.inspected.value?.format;
}

/** As displayed, before turning. */
export function sizeOf(item: Item): Size {
  const picture = pictureOf(item);
  return { width: picture?.width ?? 0, height: picture?.height ?? 0 };
}

/** What is on the stage is turned, and everything on it. */
export function turned(item: Item, how: "right" | "mirror"): Change {
  const before = changeOf(item);
  const seen = turnedSize(sizeOf(item), before);
  const by: Turned = how === "right" ? { turn: 90, mirror: false } : { turn: 0, mirror: true };
  return {
    ...(how === "right" ? turnRight(before) : { turn: before.turn, mirror: !before.mirror }),
    regions: turnRegions(before.regions, seen, by),
    crop: before.crop === null ? null : turnBox(before.crop, seen, by),
  };
}

export function isChanged(item: Item): boolean {
  return item.history.value.present !== unchanged || item.dropSound.value || item.resize.value > 0;
}

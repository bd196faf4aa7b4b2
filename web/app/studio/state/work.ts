// SPDX-License-Identifier: GPL-3.0-or-later
// What the core is asked for, and when. What is shown of a picture is what Save hands over: after each change the whole
// result is made again from the original, and the newest change wins.
import { CoreError, type Edit, type Fault, type Inspected, type Saved } from "../../core/types.ts";
import { neutralName } from "../names.ts";
import { withCore } from "./core.ts";
import { pushHistory, redo, startHistory, undo, type History } from "../../editor/history.ts";
import { unturnBox, unturnRegions } from "../turning.ts";
import { changeOf, sizeOf, turned, unchanged, type Change, type Item } from "./item.ts";
import { canShow } from "./showing.ts";

/** What browsers say of a file that is gone, has changed since it was chosen, or is a folder. */
const UNREAD: ReadonlySet<string> = new Set(["NotReadableError", "NotFoundError"]);

function faultOf(error: unknown): Fault {
  if (error instanceof CoreError) {
    return error.fault;
  }
  const unread = error instanceof DOMException && UNREAD.has(error.name);
  const status = unread ? "io" : "bug";
  return { status, part: "", what: error instanceof Error ? error.message : "", offset: null, next: "" };
}

function wasStopped(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (error instanceof DOMException && error.name === "AbortError");
}

function watch(item: Item, signal: AbortSignal) {
  return {
    signal,
    onProgress: (done: number, total: number) => {
      item.progress.value = total > 0 ? done / total : 0;
    },
  };
}

/** What can only be decoded, by a library that is loaded for it: what is covered of it becomes another format. */
const CONVERTED: ReadonlySet<string> = new Set(["heif"]);

function isConverted(inspected: Inspected): boolean {
  return !inspected.video && inspected.picture === null && CONVERTED.has(inspected.format ?? "");
}

/** It can't be scrubbed as it is, but what is seen of it can be written anew. */
function mustFlatten(inspected: Inspected): boolean {
  return inspected.fault?.status === "unsupported" && (inspected.picture !== null || isConverted(inspected));
}

/** null: nothing of the pixels changes, so that they can be copied as they are. */
export function editOf(item: Item, change: Change, resize: number): Edit | null {
  const size = sizeOf(item);
  const covers = change.regions.regions.length > 0;
  const crop = change.crop === null ? null : unturnBox(change.crop, size, change);
  if (!covers && crop === null && change.turn === 0 && !change.mirror && resize === 0) {
    return null;
  }
  return {
    regions: covers ? unturnRegions(change.regions, size, change) : null,
    crop,
    turn: change.turn,
    mirror: change.mirror,
    resize,
    flatten: false,
    outputFormat: null,
  };
}

async function make(item: Item, change: Change, resize: number, signal: AbortSignal): Promise<Saved> {
  const edit = editOf(item, change, resize);
  const how = watch(item, signal);
  const base = item.base.value?.saved ?? null;
  const inspected = item.inspected.value;
  if (edit === null) {
    return base !== null && inspected !== null && mustFlatten(inspected)
      ? base
      : withCore(signal, (core) => core.scrub(item.file, { dropAudio: item.dropSound.value, icc: "rebuild" }, how));
  }
  const saved = await withCore(signal, (core) => core.edit(base?.blob ?? item.file, edit, how));
  return base === null ? saved : { ...saved, changes: [...new Set([...base.changes, ...saved.changes])] };
}

const asItIs: Edit = {
  regions: null,
  crop: null,
  turn: 0,
  mirror: false,
  resize: 0,
  flatten: true,
  outputFormat: null,
};

/** Writes what is seen of the file as a fresh picture, on which everything else is done. */
async function makeBase(item: Item, format: "jpeg" | "png" | null, signal: AbortSignal): Promise<void> {
  const edit: Edit = { ...asItIs, outputFormat: format };
  const saved = await withCore(signal, (core) => core.edit(item.file, edit, watch(item, signal)));
  const { picture } = await withCore(signal, (core) => core.inspect(saved.blob, { signal }));
  if (picture !== null) {
    item.base.value = { saved, picture };
    item.outputFormat.value = saved.format === "png" ? "png" : "jpeg";
  }
}

/** @param change what the blob holds of the person's changes. */
function show(item: Item, blob: Blob, change: Change): void {
  const before = item.shown.value;
  item.shown.value = { url: URL.createObjectURL(blob), change, cropped: change.crop !== null };
  if (before !== null) {
    URL.revokeObjectURL(before.url);
  }
}

function hide(item: Item): void {
  if (item.shown.value !== null) {
    URL.revokeObjectURL(item.shown.value.url);
    item.shown.value = null;
  }
}

/** What the browser can't show is shown as the fresh picture; what is saved stays what it is. */
async function showResult(item: Item, change: Change, saved: Saved, signal: AbortSignal): Promise<void> {
  const video = item.inspected.value?.video ?? false;
  const base = item.base.value;
  if (video || (await canShow(saved.format, saved.blob))) {
    signal.throwIfAborted();
    show(item, saved.blob, change);
  } else if (base !== null) {
    show(item, base.saved.blob, unchanged);
  }
}

function restart(item: Item): AbortSignal {
  item.stop.abort();
  item.stop = new AbortController();
  item.progress.value = 0;
  return item.stop.signal;
}

async function prepareBase(item: Item, inspected: Inspected, signal: AbortSignal): Promise<void> {
  try {
    await makeBase(item, null, signal);
  } catch (error) {
    if (wasStopped(error, signal)) {
      throw error;
    }
    // What can't be decoded can't be covered; it may be scrubbed all the same.
    item.fault.value = inspected.fault;
  }
}

export async function prepare(item: Item): Promise<void> {
  const signal = restart(item);
  try {
    const inspected = await withCore(signal, (core) => core.inspect(item.file, watch(item, signal)));
    item.inspected.value = inspected;
    if (inspected.fault !== null && !mustFlatten(inspected)) {
      item.fault.value = inspected.fault;
    } else if (mustFlatten(inspected) || isConverted(inspected)) {
      await prepareBase(item, inspected, signal);
    }
    // A copy that is made before would be dropped when the picture is there.
    item.prepared.value = true;
    if (item.fault.value === null) {
      await refresh(item);
    } else {
      item.progress.value = null;
    }
  } catch (error) {
    if (!wasStopped(error, signal)) {
      item.fault.value = faultOf(error);
      item.progress.value = null;
    }
  }
}

function dropCopy(item: Item): void {
  const copy = item.copy.value;
  item.copy.value = null;
  item.handed.value = null;
  if (copy !== null) {
    URL.revokeObjectURL(copy.url);
  }
}

/** The last change that was made, so that one that can't be is taken back. */
const lastGood = new WeakMap<Item, History<Change>>();

/** What is being made of each. It never fails: the item holds what went wrong. */
const making = new WeakMap<Item, Promise<void>>();

/** Makes what would be saved, anew. */
export function refresh(item: Item): Promise<void> {
  const made = remake(item);
  making.set(item, made);
  return made;
}

async function remake(item: Item): Promise<void> {
  const signal = restart(item);
  const history = item.history.value;
  const asked = history.present;
  const uncut = item.choosingCrop.value && asked.crop !== null;
  const wanted = uncut ? { ...asked, crop: null } : asked;
  dropCopy(item);
  item.result.value = null;
  try {
    const saved = await make(item, wanted, 0, signal);
    signal.throwIfAborted();
    item.result.value = uncut ? null : saved;
    item.changeFault.value = null;
    lastGood.set(item, history);
    await showResult(item, wanted, saved, signal);
    item.progress.value = null;
  } catch (error) {
    if (!wasStopped(error, signal)) {
      item.progress.value = null;
      takeBack(item, faultOf(error));
    }
  }
}

function takeBack(item: Item, fault: Fault): void {
  const good = lastGood.get(item);
  if (good === undefined || good === item.history.value) {
    item.fault.value = fault;
    return;
  }
  item.changeFault.value = fault;
  item.history.value = good;
  void refresh(item).then(() => {
    item.changeFault.value = fault;
  });
}

function move(item: Item, history: History<Change>): void {
  const before = changeOf(item);
  item.history.value = history;
  if (history.present !== before) {
    void refresh(item);
  }
}

export function change(item: Item, part: Partial<Change>): void {
  move(item, pushHistory(item.history.value, { ...changeOf(item), ...part }));
}

export function turn(item: Item, how: "right" | "mirror"): void {
  change(item, turned(item, how));
}

export function chooseCrop(item: Item, choosing: boolean): void {
  if (item.choosingCrop.value !== choosing) {
    item.choosingCrop.value = choosing;
    if (changeOf(item).crop !== null) {
      void refresh(item);
    }
  }
}

export function undoChange(item: Item): void {
  move(item, undo(item.history.value));
}

export function redoChange(item: Item): void {
  move(item, redo(item.history.value));
}

export function setSound(item: Item, drop: boolean): void {
  item.dropSound.value = drop;
  void refresh(item);
}

export async function setOutputFormat(item: Item, format: "jpeg" | "png"): Promise<void> {
  const signal = restart(item);
  const before = item.outputFormat.value;
  item.outputFormat.value = format;
  item.result.value = null;
  try {
    await makeBase(item, format, signal);
    await refresh(item);
  } catch (error) {
    if (!wasStopped(error, signal)) {
      item.outputFormat.value = before;
      item.changeFault.value = faultOf(error);
      await refresh(item);
    }
  }
}

export function setResize(item: Item, longest: number): void {
  item.resize.value = longest;
  dropCopy(item);
}

/** Waits for the work or for the signal, and fails with the latter's reason. */
async function orStopped(work: Promise<void> | undefined, stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  let stopped = () => {};
  const signalled = new Promise<void>((resolve) => (stopped = resolve));
  stop.addEventListener("abort", stopped);
  await Promise.race([work, signalled]);
  stop.removeEventListener("abort", stopped);
  stop.throwIfAborted();
}

/** What is shown already or soon, or else what only a saved file has: its size. */
export async function resultOf(item: Item, stop: AbortSignal): Promise<Saved> {
  const change = changeOf(item);
  if (item.resize.value === 0) {
    await orStopped(making.get(item), stop);
    const ready = item.result.value;
    if (ready !== null) {
      return ready;
    }
  }
  item.progress.value = 0;
  try {
    return await make(item, change, item.resize.value, stop);
  } finally {
    item.progress.value = null;
  }
}

/** Makes the copy of one file; a file that fails keeps its fault and the others go on. */
export async function copyOf(item: Item, stop: AbortSignal): Promise<void> {
  try {
    const saved = await resultOf(item, stop);
    const visible = item.inspected.value?.video === true || (await canShow(saved.format, saved.blob));
    stop.throwIfAborted();
    dropCopy(item);
    item.copy.value = { name: neutralName(saved.extension), saved, url: URL.createObjectURL(saved.blob), visible };
  } catch (error) {
    if (wasStopped(error, stop)) {
      throw error;
    }
    item.changeFault.value = faultOf(error);
  }
}

/** Ends its job and gives back its memory. */
export function forget(item: Item): void {
  item.stop.abort();
  dropCopy(item);
  hide(item);
  item.result.value = null;
  item.history.value = startHistory(changeOf(item));
}

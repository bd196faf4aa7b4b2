/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyboard alone does everything that a hand can. */
import { useEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import { percent } from "../words/speak.ts";
import type { Bench } from "./bench.ts";
import { clamp, moveInto, whole } from "./box.ts";
import { duplicate, remove } from "./change.ts";
import { close, type Draft, placed, release, addCorner } from "./draft.ts";
import { bounds, moveWithin, stretch } from "./geometry.ts";
import { type Command, commandOf } from "./keys.ts";
import type { Region } from "./regions.ts";
import { brushSizes } from "./types.ts";
import { fullScale, middleOf, panBy, zoomAt } from "./view.ts";

/** CSS pixels that an arrow moves a region, and the picture. */
const step = { region: 8, picture: 80 };
/** How long after the last arrow a move counts as done: one step to undo, one result to make. */
const settleMs = 450;

type Arrow = Command & { do: "arrow" };

export function useKeys(bench: RefObject<Bench | null>, space: RefObject<boolean>) {
  const timer = useRef<number | null>(null);

  /** What arrows did becomes a change. */
  const flush = () => {
    if (timer.current === null) return;
    window.clearTimeout(timer.current);
    timer.current = null;
    const now = bench.current;
    const draft = now?.draft();
    if (now != null && (draft?.kind === "change" || draft?.kind === "crop")) now.apply(release(draft, now.scene()));
  };
  const later = () => {
    if (timer.current !== null) window.clearTimeout(timer.current);
    timer.current = window.setTimeout(flush, settleMs);
  };
  useEffect(() => flush, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const now = bench.current;
    const command = commandOf(event);
    if (event.key === " ") space.current = true;
    if (now === null || command === null) return;
    if (command.do !== "arrow") flush();
    if (!run(now, command, later)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onKeyUp = (event: KeyboardEvent) => {
    if (event.key === " ") space.current = false;
  };
  const onBlur = () => {
    space.current = false;
    flush();
  };
  return { flush, onKeyDown, onKeyUp, onBlur };
}

/** Returns whether the key was ours. */
function run(now: Bench, command: Command, later: () => void): boolean {
  const { props } = now;
  switch (command.do) {
    case "arrow":
      return arrow(now, command, later);
    case "place":
    case "corner":
      return place(now, command.do === "corner");
    case "escape":
      return escape(now);
    case "remove":
      return erase(now);
    case "duplicate":
      return copy(now);
    case "undo":
    case "redo":
      // Of an outline that is not closed, the last corner.
      if (command.do === "undo" && now.draft()?.kind === "polygon") return erase(now);
      now.setDraft(null);
      // What has the focus may be gone after it.
      now.focusStage();
      if (command.do === "undo") props.onUndo();
      else props.onRedo();
      now.say(command.do === "undo" ? props.words.said.undone : props.words.said.redone);
      return true;
    case "tool":
      now.setDraft(null);
      props.onTool(command.tool);
      now.say(props.words.hints[command.tool]);
      return true;
    case "larger":
    case "smaller": {
      const by = command.do === "larger" ? 1.25 : 0.8;
      props.onBrush(Math.round(clamp(props.brush * by, brushSizes.least, brushSizes.most)));
      return true;
    }
    default:
      return zoom(now, command);
  }
}

export function zoom(now: Bench, command: Command): boolean {
  const { frame, size } = now;
  const center: [number, number] = [size.width / 2, size.height / 2];
  const view = now.view();
  if (command.do === "fit") now.setView(null);
  if (command.do === "full") {
    now.setView(zoomAt(view, fullScale(window.devicePixelRatio) / view.scale, center, frame, size));
  }
  if (command.do === "zoom") now.setView(zoomAt(view, command.by, center, frame, size));
  const scale = now.view().scale * window.devicePixelRatio;
  now.say(now.props.words.said.zoom.replace("{percent}", percent(scale, now.props.locale)));
  return true;
}

function chosen(now: Bench): { index: number; region: Region } | null {
  const { selected, regions } = now.props;
  const region = selected === null ? undefined : regions.regions[selected];
  return selected === null || region === undefined ? null : { index: selected, region };
}

/** An arrow moves what is at hand: the next corner, the crop, the chosen region, else the picture. */
function arrow(now: Bench, command: Arrow, later: () => void): boolean {
  const draft = now.draft();
  const scene = now.scene();
  const by = Math.max(step.region / now.view().scale, 1);
  const [dx, dy] = [command.x * by, command.y * by];
  if (draft?.kind === "polygon") {
    const at = draft.at ?? draft.points.at(-1) ?? middleOf(now.view(), now.frame, now.size);
    const { width, height } = scene.grid;
    now.setDraft({ ...draft, at: [clamp(at[0] + dx, 0, width), clamp(at[1] + dy, 0, height)] });
    return true;
  }
  if (scene.tool === "crop" && scene.crop !== null) {
    const frame = whole(scene.grid);
    const was = scene.crop;
    const box = draft?.kind === "crop" ? draft.now : was;
    const moved = command.resize
      ? {
          ...box,
          width: clamp(box.width + dx, 1, frame.width - box.x),
          height: clamp(box.height + dy, 1, frame.height - box.y),
        }
      : moveInto({ ...box, x: box.x + dx, y: box.y + dy }, frame);
    now.setDraft({ kind: "crop", was, now: moved, from: [0, 0], handle: "move" });
    later();
    return true;
  }
  const region = chosen(now);
  if (region === null || scene.tool === "crop") {
    const { frame, size } = now;
    now.setView(panBy(now.view(), -command.x * step.picture, -command.y * step.picture, frame, size));
    return true;
  }
  now.setDraft(nudge(draft, region.index, region.region, (old) => {
    if (!command.resize) return moveWithin(old, dx, dy, scene.grid);
    const box = bounds(old);
    return stretch(old, { ...box, width: Math.max(box.width + dx, 1), height: Math.max(box.height + dy, 1) });
  }));
  later();
  return true;
}

function nudge(draft: Draft | null, index: number, region: Region, change: (old: Region) => Region): Draft {
  const same = draft?.kind === "change" && draft.index === index;
  return {
    kind: "change",
    index,
    was: region,
    now: change(same ? draft.now : region),
    from: [0, 0],
    handle: null,
  };
}

/** Enter puts a region into the middle of what is seen. In an outline it sets the next corner, and so does
 *  the space bar; on the first corner that closes it. */
function place(now: Bench, corner: boolean): boolean {
  const draft = now.draft();
  if (draft?.kind === "polygon") {
    if (draft.at === null) now.apply(close(draft, now.scene()));
    else {
      const { at } = draft;
      const outcome = addCorner(draft, at, now.scene());
      now.apply(outcome);
      if (outcome.draft?.kind === "polygon") now.setDraft({ ...outcome.draft, at });
    }
    return true;
  }
  // The space bar held down moves the picture with the mouse.
  if (corner) return true;
  if (now.props.tool === "select") return true;
  const side = Math.min(now.size.width, now.size.height) / 4 / now.view().scale;
  now.apply(placed(now.scene(), middleOf(now.view(), now.frame, now.size), side));
  return true;
}

/** The draft, then the choice; then the key is the page's. */
function escape(now: Bench): boolean {
  if (now.draft() !== null) now.setDraft(null);
  else if (now.props.selected !== null) {
    now.props.onSelect(null);
    now.focusStage();
  } else return false;
  return true;
}

export function erase(now: Bench): boolean {
  const { props } = now;
  const draft = now.draft();
  if (draft?.kind === "polygon") {
    const points = draft.points.slice(0, -1);
    now.setDraft(draft.points.length === 0 ? null : { ...draft, points });
    return true;
  }
  now.setDraft(null);
  if (props.tool === "crop") {
    if (props.crop !== null) now.apply({ draft: null, crop: null });
    return true;
  }
  const region = chosen(now);
  if (region === null) return true;
  props.onChange(remove(props.regions, region.index));
  props.onSelect(null);
  now.say(props.words.said.removed);
  now.focusStage();
  return true;
}

export function copy(now: Bench): boolean {
  const region = chosen(now);
  if (region === null) return false;
  now.props.onChange(duplicate(now.props.regions, region.index, 24 / now.view().scale));
  now.props.onSelect(now.props.regions.regions.length);
  now.say(now.props.words.said.copied);
  return true;
}

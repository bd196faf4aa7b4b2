/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyboard alone does everything that a hand can. */
import { useEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import { percent } from "../words/speak.ts";
import { type Bench, sayCorner } from "./bench.ts";
import { clamp, intersect, moveInto, whole } from "./box.ts";
import { duplicate, remove, replace } from "./change.ts";
import { addCornerAt, moveCorner, removeCorner } from "./corners.ts";
import { close, placed, release, addCorner } from "./draft.ts";
import { bounds, moveWithin, stretch } from "./geometry.ts";
import { pushEdges } from "./handles.ts";
import { areaTo, type Command, commandOf } from "./keys.ts";
import type { PolygonRegion, Region } from "./regions.ts";
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
    case "area":
      return toArea(now, command.to);
    case "to-corner":
      return toCorner(now, command.by);
    case "add-corner":
      return addToOutline(now);
    case "place":
    case "corner":
      return place(now, command.do === "corner");
    case "escape":
      return escape(now);
    case "remove":
      return eraseCorner(now) || erase(now);
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
      now.focusStage();
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
  const { selected, regions } = now.scene();
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
    const moved =
      command.edge === 0
        ? moveInto({ ...box, x: box.x + dx, y: box.y + dy }, frame)
        : (intersect(pushEdges(box, command.edge, dx, dy, 1), frame) ?? box);
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
  const { edge } = command;
  const old = draft?.kind === "change" && draft.index === region.index ? draft.now : region.region;
  const corner = edge === 0 && old.shape === "polygon" ? scene.corner : null;
  const moved =
    old.shape === "polygon" && corner !== null
      ? moveCorner(old, corner, dx, dy, scene.grid)
      : edge === 0
        ? moveWithin(old, dx, dy, scene.grid)
        : stretch(old, pushEdges(bounds(old), edge, dx, dy, 1));
  const was = region.region;
  now.setDraft({ kind: "change", index: region.index, was, base: was, now: moved, from: [0, 0], grip: corner });
  later();
  return true;
}

/** Areas are one stop of the Tab key, however many: these keys go from one to another. */
function toArea(now: Bench, to: (Command & { do: "area" })["to"]): boolean {
  const { regions, selected, tool } = now.scene();
  const index = areaTo(to, selected, regions.regions.length);
  if (index === null || tool === "crop" || now.draft() !== null) return false;
  now.apply({ draft: null, selected: index, corner: null });
  return true;
}

function outline(now: Bench): { index: number; region: PolygonRegion } | null {
  const found = now.props.tool === "crop" ? null : chosen(now);
  return found?.region.shape === "polygon" ? { index: found.index, region: found.region } : null;
}

function toCorner(now: Bench, by: -1 | 1): boolean {
  const found = outline(now);
  if (found === null) return false;
  const { length } = found.region.points;
  const from = now.scene().corner ?? (by > 0 ? -1 : length);
  const corner = (from + by + length) % length;
  now.apply({ draft: null, corner });
  now.say(sayCorner(found.region, corner, now.props.words.said.corner, now.props.locale) ?? "");
  return true;
}

/** Halfway to the corner that comes next. */
export function addToOutline(now: Bench): boolean {
  const found = outline(now);
  if (found === null) return false;
  const index = (now.scene().corner ?? found.region.points.length - 1) + 1;
  const regions = replace(now.scene().regions, found.index, addCornerAt(found.region, index));
  now.apply({ draft: null, regions, corner: index });
  return true;
}

/** Returns whether a corner was chosen. */
export function eraseCorner(now: Bench): boolean {
  const found = outline(now);
  const { corner } = now.scene();
  if (found === null || corner === null) return false;
  const region = removeCorner(found.region, corner);
  if (region === null) {
    now.say(now.props.words.said.cornersLeast);
    return true;
  }
  const regions = replace(now.scene().regions, found.index, region);
  now.apply({ draft: null, regions, corner: corner % region.points.length });
  return true;
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
  else if (now.scene().corner !== null) now.apply({ draft: null, corner: null });
  else if (now.scene().selected !== null) {
    now.apply({ draft: null, selected: null });
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
  now.apply({ draft: null, regions: remove(now.scene().regions, region.index), selected: null, corner: null });
  now.say(props.words.said.removed);
  now.focusStage();
  return true;
}

export function copy(now: Bench): boolean {
  const region = chosen(now);
  if (region === null) return false;
  const { regions } = now.scene();
  const copied = duplicate(regions, region.index, 24 / now.view().scale);
  now.apply({ draft: null, regions: copied, selected: regions.regions.length, corner: null });
  now.say(now.props.words.said.copied);
  return true;
}

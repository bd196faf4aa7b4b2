/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finger or the mouse is about to do: pressed, dragged, released. Places are those of the picture. */
import type { Box } from "../core/types.ts";
import { boxOfCorners, center, holds, intersect, moveInto, whole, wholePixels } from "./box.ts";
import { add, look, replace } from "./change.ts";
import { addCornerAt, cornerAt, moveCorner } from "./corners.ts";
import { bounds, moveWithin, polygonArea, regionAt, settle, stretch } from "./geometry.ts";
import { atLeast, type Handle, handleAt, pull } from "./handles.ts";
import type { Point, Region, Regions, Style } from "./regions.ts";
import { simplify } from "./simplify.ts";
import type { Grid, Tool } from "./types.ts";

export interface Scene {
  tool: Tool;
  regions: Regions;
  selected: number | null;
  /** The chosen corner of the chosen outline. */
  corner: number | null;
  crop: Box | null;
  grid: Grid;
  style: Style;
  color: string;
  /** Of the brush. */
  radius: number;
  /** How far a finger may miss; half a target. */
  reach: number;
}

export type Draft =
  | { kind: "stroke"; points: Point[] }
  | { kind: "tap"; at: Point }
  | { kind: "box"; shape: "rect" | "ellipse"; from: Point; to: Point; square: boolean }
  /** `at` is the corner that comes next. */
  | { kind: "polygon"; points: Point[]; at: Point | null }
  /** A region that is moved or pulled: as it was, as it is now, and what a hand pulls from. */
  | { kind: "change"; index: number; was: Region; base: Region; now: Region; from: Point; grip: Grip }
  | { kind: "crop"; was: Box; now: Box; from: Point; handle: Handle | "move" | "new" }
  | { kind: "pan" };

/** By what a region is held: an edge or two, a corner of an outline by its number, or as a whole. */
export type Grip = Handle | number | null;

/** What a gesture came to. Keys that are not there stay as they are. */
export interface Outcome {
  draft: Draft | null;
  regions?: Regions;
  selected?: number | null;
  corner?: number | null;
  crop?: Box | null;
}

export function press(scene: Scene, at: Point, draft: Draft | null = null): Draft {
  switch (scene.tool) {
    case "brush":
      return { kind: "stroke", points: [at] };
    case "tap":
      return { kind: "tap", at };
    case "polygon":
      if (draft?.kind === "polygon") return { ...draft, at };
      return pressCorner(scene, at) ?? { kind: "polygon", points: [], at };
    case "crop":
      return pressCrop(scene, at);
    case "box":
    case "ellipse":
      return (
        pressSelected(scene, at) ?? {
          kind: "box",
          shape: scene.tool === "box" ? "rect" : "ellipse",
          from: at,
          to: at,
          square: false,
        }
      );
    case "select": {
      const chosen = pressSelected(scene, at);
      if (chosen !== null) return chosen;
      const index = regionAt(scene.regions.regions, at, scene.reach / 4);
      return index === null ? { kind: "pan" } : grab(scene, index, at, null);
    }
  }
}

/** The handles of the chosen region lie above all others, and so does what is inside them. */
function pressSelected(scene: Scene, at: Point): Draft | null {
  const region = scene.selected === null ? undefined : scene.regions.regions[scene.selected];
  if (scene.selected === null || region === undefined) return null;
  const box = bounds(region);
  // An outline is pulled by its corners; the handles of its box would lie among them.
  const handle = region.shape === "polygon" ? null : handleAt(box, at, scene.reach);
  return pressCorner(scene, at) ?? (handle !== null || holds(box, at) ? grab(scene, scene.selected, at, handle) : null);
}

/** A corner of the chosen outline, or a new one out of the middle of an edge. */
function pressCorner(scene: Scene, from: Point): Draft | null {
  const was = scene.selected === null ? undefined : scene.regions.regions[scene.selected];
  if (scene.selected === null || was?.shape !== "polygon") return null;
  const corner = cornerAt(was, from, scene.reach);
  if (corner === null) return null;
  const base = corner.added ? addCornerAt(was, corner.index) : was;
  return { kind: "change", index: scene.selected, was, base, now: base, from, grip: corner.index };
}

function grab(scene: Scene, index: number, from: Point, grip: Handle | null): Draft {
  const was = scene.regions.regions[index];
  return was === undefined ? { kind: "pan" } : { kind: "change", index, was, base: was, now: was, from, grip };
}

function pressCrop(scene: Scene, at: Point): Draft {
  const was = scene.crop ?? whole(scene.grid);
  const handle =
    handleAt(was, at, scene.reach) ?? (scene.crop !== null && holds(was, at) ? ("move" as const) : ("new" as const));
  return { kind: "crop", was, now: was, from: at, handle };
}

/** @param square both sides alike, or in proportion: while Shift is held. */
export function drag(draft: Draft, to: Point, scene: Scene, square = false): Draft {
  switch (draft.kind) {
    case "stroke":
      return isNew(draft.points, to, scene.radius / 16) ? { ...draft, points: [...draft.points, to] } : draft;
    case "tap":
    case "polygon":
      return { ...draft, at: to };
    case "box":
      return { ...draft, to: square ? squareCorner(draft.from, to) : to, square };
    case "change": {
      const [dx, dy] = [to[0] - draft.from[0], to[1] - draft.from[1]];
      return { ...draft, now: changed(draft, dx, dy, scene, square) };
    }
    case "crop":
      return { ...draft, now: dragCrop(draft, to, scene.grid, square) };
    case "pan":
      return draft;
  }
}

function changed({ base, grip }: Draft & { kind: "change" }, dx: number, dy: number, scene: Scene, square: boolean): Region {
  if (grip === null) return moveWithin(base, dx, dy, scene.grid);
  if (typeof grip === "number") return base.shape === "polygon" ? moveCorner(base, grip, dx, dy, scene.grid) : base;
  return stretch(base, atLeast(pull(bounds(base), grip, dx, dy, square), 1, grip));
}

function isNew(points: readonly Point[], [x, y]: Point, least: number): boolean {
  const last = points.at(-1);
  return last === undefined || Math.hypot(x - last[0], y - last[1]) > least;
}

function squareCorner(from: Point, to: Point): Point {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const side = Math.max(Math.abs(dx), Math.abs(dy));
  return [from[0] + (dx < 0 ? -side : side), from[1] + (dy < 0 ? -side : side)];
}

function dragCrop(draft: Draft & { kind: "crop" }, to: Point, grid: Grid, square: boolean): Box {
  const [dx, dy] = [to[0] - draft.from[0], to[1] - draft.from[1]];
  const frame = whole(grid);
  if (draft.handle === "move") {
    return moveInto({ ...draft.was, x: draft.was.x + dx, y: draft.was.y + dy }, frame);
  }
  const box =
    draft.handle === "new"
      ? boxOfCorners(draft.from, square ? squareCorner(draft.from, to) : to)
      : pull(draft.was, draft.handle, dx, dy, square);
  return intersect(box, frame) ?? draft.now;
}

/** The region that a draft would become; null for one that becomes none. */
export function regionOf(draft: Draft, scene: Scene): Region | null {
  const how = look(scene.style, scene.color);
  switch (draft.kind) {
    case "stroke":
      return { shape: "stroke", points: draft.points, radius: scene.radius, ...how };
    case "tap":
      return dab(draft.at, scene);
    case "box": {
      const box = intersect(boxOfCorners(draft.from, draft.to), whole(scene.grid));
      return box === null ? null : { shape: draft.shape, x: box.x, y: box.y, w: box.width, h: box.height, ...how };
    }
    case "polygon": {
      const points = draft.at === null ? draft.points : [...draft.points, draft.at];
      return points.length < 3 ? null : { shape: "polygon", points, ...how };
    }
    case "change":
      return draft.now;
    default:
      return null;
  }
}

/** One tap: an oval as large as the brush. */
export function dab([x, y]: Point, scene: Scene): Region {
  const { radius } = scene;
  return {
    shape: "ellipse",
    x: x - radius,
    y: y - radius,
    w: 2 * radius,
    h: 2 * radius,
    ...look(scene.style, scene.color),
  };
}

export function release(draft: Draft, scene: Scene): Outcome {
  switch (draft.kind) {
    case "stroke": {
      const tolerance = scene.radius / 24;
      const points = simplify(draft.points, tolerance);
      return append(scene, { ...regionShell(scene), shape: "stroke", points, radius: scene.radius + tolerance }, false);
    }
    case "tap":
      return append(scene, dab(draft.at, scene), false);
    case "box": {
      const far = Math.max(Math.abs(draft.to[0] - draft.from[0]), Math.abs(draft.to[1] - draft.from[1]));
      if (far < scene.reach / 5) {
        return { draft: null, selected: regionAt(scene.regions.regions, draft.from, scene.reach / 4) };
      }
      const region = regionOf(draft, scene);
      return region === null ? { draft: null } : append(scene, region, true);
    }
    case "polygon":
      return draft.at === null ? { draft } : addCorner(draft, draft.at, scene);
    case "change": {
      const corner = typeof draft.grip === "number" ? draft.grip : null;
      const same = { draft: null, selected: draft.index, corner };
      if (draft.now === draft.was) return same;
      const now = settle(draft.now);
      // Corners that were pulled onto one line enclose nothing: the outline stays as it was.
      if (now.shape === "polygon" && polygonArea(now) === 0) return { ...same, corner: null };
      return { ...same, regions: replace(scene.regions, draft.index, now) };
    }
    case "crop":
      return { draft: null, ...(draft.now === draft.was ? {} : { crop: settleCrop(draft.now, scene.grid) }) };
    case "pan":
      return { draft: null, selected: null };
  }
}

function regionShell(scene: Scene) {
  return look(scene.style, scene.color);
}

/** A region beside the picture covers nothing: it is not kept. */
function append(scene: Scene, region: Region, select: boolean): Outcome {
  const kept = settle(region);
  if (intersect(bounds(kept), whole(scene.grid)) === null) return { draft: null };
  return {
    draft: null,
    regions: add(scene.regions, kept),
    selected: select ? scene.regions.regions.length : null,
  };
}

/** A corner on the first one, or twice in the same place, closes the outline. */
export function addCorner(draft: Draft & { kind: "polygon" }, at: Point, scene: Scene): Outcome {
  const [first, last] = [draft.points[0], draft.points.at(-1)];
  const isAt = (corner: Point | undefined, reach: number) =>
    corner !== undefined && Math.hypot(corner[0] - at[0], corner[1] - at[1]) <= reach;
  if (draft.points.length >= 3 && (isAt(first, scene.reach * 0.7) || isAt(last, scene.reach / 4))) {
    return close(draft, scene);
  }
  const points = isAt(last, 0) ? draft.points : [...draft.points, at];
  return { draft: { kind: "polygon", points, at: null } };
}

/** Corners that enclose nothing are not a region: the draft stays. */
export function close(draft: Draft & { kind: "polygon" }, scene: Scene): Outcome {
  const region: Region = { shape: "polygon", points: draft.points, ...regionShell(scene) };
  return draft.points.length < 3 || polygonArea(region) === 0 ? { draft } : append(scene, region, true);
}

/** null where nothing would be cut away. */
export function settleCrop(box: Box, grid: Grid): Box | null {
  const kept = wholePixels(box, grid);
  return kept.width === grid.width && kept.height === grid.height ? null : kept;
}

/** What Enter puts in the middle of what is seen. */
export function placed(scene: Scene, middle: Point, side: number): Outcome {
  const [x, y] = middle;
  const how = regionShell(scene);
  switch (scene.tool) {
    case "crop": {
      const frame = whole(scene.grid);
      const [width, height] = [frame.width * 0.8, frame.height * 0.8];
      const [cx, cy] = center(frame);
      return { draft: null, crop: settleCrop({ x: cx - width / 2, y: cy - height / 2, width, height }, scene.grid) };
    }
    case "polygon":
      return { draft: { kind: "polygon", points: [], at: middle } };
    case "tap":
      return append(scene, dab(middle, scene), true);
    case "brush":
      return append(scene, { shape: "stroke", points: [middle], radius: scene.radius, ...how }, true);
    default:
      return append(
        scene,
        {
          shape: scene.tool === "ellipse" ? "ellipse" : "rect",
          x: x - side / 2,
          y: y - side / 2,
          w: side,
          h: side,
          ...how,
        },
        true,
      );
  }
}

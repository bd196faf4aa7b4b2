/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where on the stage the picture is. Stage coordinates are CSS pixels from its physical top left corner, in
 * languages that are written from the right too. */
import type { Box } from "../core/types.ts";
import { clamp } from "./box.ts";
import type { Point } from "./regions.ts";

/** A place of the picture times `scale` plus (x, y) is one of the stage. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** CSS pixels around a picture that is shown whole. */
const margin = 12;
/** CSS pixels that one pixel of the picture may become. */
const mostScale = 24;

export function toStage(view: View, [x, y]: Point): Point {
  return [x * view.scale + view.x, y * view.scale + view.y];
}

export function toPicture(view: View, [x, y]: Point): Point {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

export function boxToStage(view: View, box: Box): Box {
  const [x, y] = toStage(view, [box.x, box.y]);
  return { x, y, width: box.width * view.scale, height: box.height * view.scale };
}

/** The scale at which `frame` is seen whole. Small pictures grow to eight times at most: what is
 *  covered has to be seen. */
export function fitScale(frame: Box, stage: Size): number {
  const across = Math.max(stage.width - 2 * margin, 1) / Math.max(frame.width, 1);
  const down = Math.max(stage.height - 2 * margin, 1) / Math.max(frame.height, 1);
  return Math.min(across, down, 8);
}

export function fitView(frame: Box, stage: Size): View {
  const scale = fitScale(frame, stage);
  return settleView({ scale, x: 0, y: 0 }, frame, stage);
}

/** No side of the picture comes farther in than the stage's, but in the middle where there is room. */
export function settleView(view: View, frame: Box, stage: Size): View {
  const least = Math.min(fitScale(frame, stage), mostScale);
  const scale = clamp(view.scale, least, mostScale);
  const along = (at: number, from: number, size: number, room: number) => {
    const length = size * scale;
    const offset =
      length + 2 * margin <= room
        ? (room - length) / 2
        : clamp(at + from * scale, room - margin - length, margin);
    return offset - from * scale;
  };
  return {
    scale,
    x: along(view.x, frame.x, frame.width, stage.width),
    y: along(view.y, frame.y, frame.height, stage.height),
  };
}

/** Zooms about a place of the stage, which stays where it is. */
export function zoomAt(view: View, factor: number, [x, y]: Point, frame: Box, stage: Size): View {
  const least = Math.min(fitScale(frame, stage), mostScale);
  const scale = clamp(view.scale * factor, least, mostScale);
  const by = scale / view.scale;
  return settleView({ scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by }, frame, stage);
}

export function panBy(view: View, dx: number, dy: number, frame: Box, stage: Size): View {
  return settleView({ ...view, x: view.x + dx, y: view.y + dy }, frame, stage);
}

/** Two fingers went from one pair of places to another: what was under them still is. */
export function pinch(view: View, from: [Point, Point], to: [Point, Point], frame: Box, stage: Size): View {
  const apart = ([a, b]: [Point, Point]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const middle = ([a, b]: [Point, Point]): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [fx, fy] = middle(from);
  const [tx, ty] = middle(to);
  const moved = { ...view, x: view.x + tx - fx, y: view.y + ty - fy };
  return zoomAt(moved, apart(to) / Math.max(apart(from), 1), [tx, ty], frame, stage);
}

/** One pixel of the picture is one of the screen. */
export function fullScale(devicePixelRatio: number): number {
  return 1 / Math.max(devicePixelRatio, 0.1);
}

/** The part of the picture in the middle of what is seen. */
export function middleOf(view: View, frame: Box, stage: Size): Point {
  const [x, y] = toPicture(view, [stage.width / 2, stage.height / 2]);
  return [clamp(x, frame.x, frame.x + frame.width), clamp(y, frame.y, frame.y + frame.height)];
}

type Wheel = Pick<WheelEvent, "deltaX" | "deltaY" | "deltaMode" | "ctrlKey" | "shiftKey">;

/** A wheel of notches zooms; two fingers on a touch pad, which come in small and slanted steps, move the
 *  picture. Pinching there arrives as a wheel with the control key. Asked of the first step of a scroll alone:
 *  a swing grows. */
export function wheelZooms(event: Wheel): boolean {
  if (event.ctrlKey) return true;
  if (event.shiftKey || event.deltaX !== 0) return false;
  return event.deltaMode !== 0 || (Number.isInteger(event.deltaY) && Math.abs(event.deltaY) >= 40);
}

function wheelPixels(delta: number, mode: number): number {
  return delta * (mode === 1 ? 33 : mode === 2 ? 400 : 1);
}

export function wheelFactor(event: Pick<Wheel, "deltaY" | "deltaMode" | "ctrlKey">): number {
  const pixels = wheelPixels(event.deltaY, event.deltaMode);
  return Math.exp(-clamp(pixels, -240, 240) * (event.ctrlKey ? 0.01 : 0.002));
}

/** How far a wheel moves the picture; with Shift sideways. */
export function wheelPan(event: Wheel): Point {
  const x = wheelPixels(event.deltaX, event.deltaMode);
  const y = wheelPixels(event.deltaY, event.deltaMode);
  return event.shiftKey && x === 0 ? [-y, 0] : [-x, -y];
}

/** CSS pixels, and how much larger it shows things. `gap`: from the middle of the finger to its rim. */
export const loupe = { side: 112, power: 2, gap: 40, margin: 4 } as const;

/** Where what a finger hides is shown larger: never under it. Above it; at the top of the stage beside it, on the side with more room. */
export function loupePlace([x, y]: Point, stage: Size): { left: number; top: number } {
  const { side, gap, margin } = loupe;
  const into = (value: number, room: number) => clamp(value, margin, room - side - margin);
  const above = y - gap - side;
  if (above >= margin) return { left: into(x - side / 2, stage.width), top: above };
  const beside = x > stage.width / 2 ? x - gap - side : x + gap;
  return { left: into(beside, stage.width), top: into(y - side / 2, stage.height) };
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boxes of doubles; edges, not pixels: pixel i covers [i, i + 1). */
import type { Box } from "../core/types.ts";
import type { Point } from "./regions.ts";
import type { Grid } from "./types.ts";

export function boxOfCorners(a: Point, b: Point): Box {
  return {
    x: Math.min(a[0], b[0]),
    y: Math.min(a[1], b[1]),
    width: Math.abs(a[0] - b[0]),
    height: Math.abs(a[1] - b[1]),
  };
}

export function boxOfPoints(points: readonly Point[]): Box {
  let [left, top] = [Infinity, Infinity];
  let [right, bottom] = [-Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return points.length === 0
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { x: left, y: top, width: right - left, height: bottom - top };
}

export function grow(box: Box, by: number): Box {
  return { x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by };
}

/** null where the two share no area. */
export function intersect(a: Box, b: Box): Box | null {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

export function center(box: Box): Point {
  return [box.x + box.width / 2, box.y + box.height / 2];
}

export function holds(box: Box, [x, y]: Point): boolean {
  return x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}

/** Moves a box into the other; where it is larger, it begins where the other does. */
export function moveInto(box: Box, outer: Box): Box {
  return {
    ...box,
    x: clamp(box.x, outer.x, outer.x + outer.width - box.width),
    y: clamp(box.y, outer.y, outer.y + outer.height - box.height),
  };
}

export function whole(grid: Grid): Box {
  return { x: 0, y: 0, width: grid.width, height: grid.height };
}

/** The cells that a box touches, as the core rounds it: outward, and not beyond the picture. */
export function roundOut(box: Box, grid: Grid): Box {
  const [x0, y0] = [grid.gridX ?? 0, grid.gridY ?? 0];
  const down = (value: number, size: number, from: number) => Math.floor((value - from) / size) * size + from;
  const up = (value: number, size: number, from: number) => Math.ceil((value - from) / size) * size + from;
  const left = Math.max(0, down(box.x, grid.cellWidth, x0));
  const top = Math.max(0, down(box.y, grid.cellHeight, y0));
  const right = Math.min(grid.width, up(box.x + box.width, grid.cellWidth, x0));
  const bottom = Math.min(grid.height, up(box.y + box.height, grid.cellHeight, y0));
  return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

/** Whole pixels, at least one, within the picture: what a crop has to be. */
export function wholePixels(box: Box, grid: Grid): Box {
  const x = clamp(Math.floor(box.x), 0, grid.width - 1);
  const y = clamp(Math.floor(box.y), 0, grid.height - 1);
  return {
    x,
    y,
    width: clamp(Math.ceil(box.x + box.width) - x, 1, grid.width - x),
    height: clamp(Math.ceil(box.y + box.height) - y, 1, grid.height - y),
  };
}

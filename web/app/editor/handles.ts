/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eight handles of a box. */
import type { Box } from "../core/types.ts";
import type { Point } from "./regions.ts";

/** Which edges a handle moves: -1 the left or upper, 1 the right or lower, 0 none. */
export interface Handle {
  readonly name: "nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w";
  readonly x: -1 | 0 | 1;
  readonly y: -1 | 0 | 1;
}

export const handles: readonly Handle[] = [
  { name: "nw", x: -1, y: -1 },
  { name: "n", x: 0, y: -1 },
  { name: "ne", x: 1, y: -1 },
  { name: "e", x: 1, y: 0 },
  { name: "se", x: 1, y: 1 },
  { name: "s", x: 0, y: 1 },
  { name: "sw", x: -1, y: 1 },
  { name: "w", x: -1, y: 0 },
];

export function handlePoint(box: Box, handle: Handle): Point {
  return [box.x + (box.width * (handle.x + 1)) / 2, box.y + (box.height * (handle.y + 1)) / 2];
}

/** The handles that are shown: those in the middle of an edge only where there is room for them. */
export function handlesOf(box: Box, reach: number): Handle[] {
  return handles.filter(
    (handle) => (handle.x !== 0 || box.width > 3 * reach) && (handle.y !== 0 || box.height > 3 * reach),
  );
}

/** Whether a place is so near to the middle that it moves a box, however small that is. */
export function isMiddle(box: Box, point: Point, reach: number): boolean {
  const away = Math.max(Math.abs(point[0] - box.x - box.width / 2), Math.abs(point[1] - box.y - box.height / 2));
  return away < Math.min(reach / 2, box.width / 4, box.height / 4);
}

/** The nearest handle within reach, or null. In small boxes the middle still moves the box.
 * @param reach half the size of a target, in the unit of the box. */
export function handleAt(box: Box, point: Point, reach: number): Handle | null {
  if (isMiddle(box, point, reach)) return null;
  let best: Handle | null = null;
  let least = reach;
  for (const handle of handlesOf(box, reach)) {
    const [x, y] = handlePoint(box, handle);
    const distance = Math.hypot(point[0] - x, point[1] - y);
    if (distance <= least) [best, least] = [handle, distance];
  }
  return best;
}

/** Moves the edges of a handle. An edge that is pulled over the opposite one takes its place.
 * @param square keeps the proportions, at corners. */
export function pull(box: Box, handle: Handle, dx: number, dy: number, square = false): Box {
  if (square && handle.x !== 0 && handle.y !== 0 && box.width > 0 && box.height > 0) {
    const by = Math.max(1 + (dx * handle.x) / box.width, 1 + (dy * handle.y) / box.height, 0);
    dx = (by - 1) * box.width * handle.x;
    dy = (by - 1) * box.height * handle.y;
  }
  const [x, width] = pullEdge(box.x, box.width, handle.x, dx);
  const [y, height] = pullEdge(box.y, box.height, handle.y, dy);
  return { x, y, width, height };
}

function pullEdge(at: number, size: number, edge: -1 | 0 | 1, by: number): [number, number] {
  if (edge === 0) return [at, size];
  const from = edge < 0 ? at + by : at;
  const to = edge < 0 ? at + size : at + size + by;
  return [Math.min(from, to), Math.abs(to - from)];
}

/** Moves edges as far as the opposite ones allow, which stay: for keys, which come one after another. */
export function pushEdges(box: Box, edge: -1 | 1, dx: number, dy: number, least: number): Box {
  const by = (size: number, way: number) => Math.max(way * edge, Math.min(least - size, 0)) * edge;
  const [x, y] = [by(box.width, dx), by(box.height, dy)];
  return edge > 0
    ? { ...box, width: box.width + x, height: box.height + y }
    : { x: box.x + x, y: box.y + y, width: box.width - x, height: box.height - y };
}

/** A box that is at least so large, about the edge that stays. */
export function atLeast(box: Box, least: number, handle: Handle): Box {
  const width = Math.max(box.width, least);
  const height = Math.max(box.height, least);
  return {
    x: handle.x < 0 ? box.x + box.width - width : box.x,
    y: handle.y < 0 ? box.y + box.height - height : box.y,
    width,
    height,
  };
}

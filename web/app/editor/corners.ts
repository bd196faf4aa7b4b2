/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The corners of an outline, after it was closed: moved, added, taken away. */
import { clamp } from "./box.ts";
import { bounds, polygonArea } from "./geometry.ts";
import { isMiddle } from "./handles.ts";
import type { Point, PolygonRegion, Region } from "./regions.ts";
import type { Grid } from "./types.ts";

/** Fewer enclose nothing. */
export const leastCorners = 3;

/** `added`: it is not a corner yet, but the middle of the edge that ends there. */
export interface Corner {
  index: number;
  added: boolean;
}

export function cornerOf(region: Region | undefined, corner: number | null): Point | null {
  return region?.shape === "polygon" && corner !== null ? (region.points[corner] ?? null) : null;
}

/** Where a new corner can be drawn out of an edge: in the middle of those that are long enough to keep its
 *  target off those of the corners.
 *  `index` is the place that the corner would have. */
export function edgeMiddles({ points }: PolygonRegion, reach: number): { index: number; at: Point }[] {
  return points.flatMap(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length] ?? [x, y];
    return Math.hypot(nextX - x, nextY - y) < 4 * reach
      ? []
      : [{ index: i + 1, at: [(x + nextX) / 2, (y + nextY) / 2] as Point }];
  });
}

/** The nearest corner within reach, else the nearest middle of an edge. Of small outlines the middle still
 *  moves them whole. */
export function cornerAt(region: PolygonRegion, point: Point, reach: number): Corner | null {
  if (isMiddle(bounds(region), point, reach)) return null;
  const nearest = (places: readonly { index: number; at: Point }[]): number | null => {
    let [best, least]: [number | null, number] = [null, reach];
    for (const { index, at } of places) {
      const distance = Math.hypot(point[0] - at[0], point[1] - at[1]);
      if (distance <= least) [best, least] = [index, distance];
    }
    return best;
  };
  const corner = nearest(region.points.map((at, index) => ({ index, at })));
  if (corner !== null) return { index: corner, added: false };
  const middle = nearest(edgeMiddles(region, reach));
  return middle === null ? null : { index: middle, added: true };
}

/** Corners stay on the picture, where they can be found again. */
export function moveCorner(region: PolygonRegion, corner: number, dx: number, dy: number, grid: Grid): PolygonRegion {
  return {
    ...region,
    points: region.points.map(([x, y], i) =>
      i === corner ? [clamp(x + dx, 0, grid.width), clamp(y + dy, 0, grid.height)] : [x, y],
    ),
  };
}

/** A corner at `index`, halfway between its neighbours: the outline covers what it did. */
export function addCornerAt(region: PolygonRegion, index: number): PolygonRegion {
  const [from, to] = [region.points.at(index - 1), region.points[index % region.points.length]];
  if (from === undefined || to === undefined) return region;
  const middle: Point = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  return { ...region, points: [...region.points.slice(0, index), middle, ...region.points.slice(index)] };
}

/** null where what is left would enclose nothing. */
export function removeCorner(region: PolygonRegion, corner: number): PolygonRegion | null {
  const rest = { ...region, points: region.points.filter((_, i) => i !== corner) };
  return rest.points.length < leastCorners || polygonArea(rest) === 0 ? null : rest;
}

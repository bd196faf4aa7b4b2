/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a region covers, and how it moves and grows. */
import type { Box } from "../core/types.ts";
import { boxOfPoints, center, clamp, grow, whole } from "./box.ts";
import type { BoxRegion, Point, PolygonRegion, Region } from "./regions.ts";
import type { Grid } from "./types.ts";

const isBoxed = (region: Region): region is BoxRegion => !("points" in region);

export function bounds(region: Region): Box {
  switch (region.shape) {
    case "rect":
    case "ellipse":
      return { x: region.x, y: region.y, width: region.w, height: region.h };
    case "polygon":
      return boxOfPoints(region.points);
    case "stroke":
      return grow(boxOfPoints(region.points), region.radius);
  }
}

/** Even-odd, as the core fills it. */
export function isInPolygon(points: readonly Point[], [x, y]: Point): boolean {
  let inside = false;
  let [fromX, fromY] = points.at(-1) ?? [0, 0];
  for (const [toX, toY] of points) {
    if (fromY > y !== toY > y && x < ((toX - fromX) * (y - fromY)) / (toY - fromY) + fromX) inside = !inside;
    [fromX, fromY] = [toX, toY];
  }
  return inside;
}

/** From a point to the nearest of a segment. */
export function distanceToSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : clamp(((x - ax) * dx + (y - ay) * dy) / length, 0, 1);
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function distanceToPath(points: readonly Point[], point: Point, closed: boolean): number {
  const first = points[0];
  if (first === undefined) return Infinity;
  let least = distanceToSegment(point, first, first);
  let from = closed ? (points.at(-1) ?? first) : first;
  for (const to of points) {
    least = Math.min(least, distanceToSegment(point, from, to));
    from = to;
  }
  return least;
}

/** @param slack how far beside the region still counts as on it. */
export function isOn(region: Region, point: Point, slack = 0): boolean {
  switch (region.shape) {
    case "rect": {
      const box = grow(bounds(region), slack);
      return Math.abs(point[0] - center(box)[0]) * 2 <= box.width && Math.abs(point[1] - center(box)[1]) * 2 <= box.height;
    }
    case "ellipse": {
      const box = grow(bounds(region), slack);
      const [x, y] = center(box);
      return Math.hypot((point[0] - x) / (box.width / 2), (point[1] - y) / (box.height / 2)) <= 1;
    }
    case "polygon":
      return isInPolygon(region.points, point) || distanceToPath(region.points, point, true) <= slack;
    case "stroke":
      return distanceToPath(region.points, point, false) <= region.radius + slack;
  }
}

/** The index of the topmost region at a point: what is written later covers what was before. */
export function regionAt(regions: readonly Region[], point: Point, slack = 0): number | null {
  for (let i = regions.length - 1; i >= 0; i--) {
    const region = regions[i];
    if (region !== undefined && isOn(region, point, slack)) return i;
  }
  return null;
}

const mapPoints = (points: readonly Point[], map: (point: Point) => Point): Point[] => points.map(map);

export function moveBy(region: Region, dx: number, dy: number): Region {
  if (isBoxed(region)) {
    return { ...region, x: region.x + dx, y: region.y + dy };
  }
  return { ...region, points: mapPoints(region.points, ([x, y]) => [x + dx, y + dy]) };
}

/** Moves a region, its middle never out of the picture: it could not be found again. */
export function moveWithin(region: Region, dx: number, dy: number, grid: Grid): Region {
  const [x, y] = center(bounds(region));
  const frame = whole(grid);
  return moveBy(
    region,
    clamp(x + dx, frame.x, frame.x + frame.width) - x,
    clamp(y + dy, frame.y, frame.y + frame.height) - y,
  );
}

/** Stretches a region so that `to` becomes its box. A stroke keeps its width, but for
 *  one that lies straight: only that can give way. */
export function stretch(region: Region, to: Box): Region {
  if (isBoxed(region)) {
    return { ...region, x: to.x, y: to.y, w: to.width, h: to.height };
  }
  if (region.shape === "polygon") {
    return { ...region, points: mapBetween(region.points, bounds(region), to) };
  }
  const path = boxOfPoints(region.points);
  if (path.width === 0 && path.height === 0) {
    const radius = Math.max(to.width, to.height) / 2;
    const [x, y] = center(to);
    return { ...region, radius, points: mapPoints(region.points, () => [x, y]) };
  }
  const across = path.width === 0 ? to.width / 2 : region.radius;
  const wanted = path.height === 0 ? to.height / 2 : across;
  const radius = Math.min(wanted, to.width / 2, to.height / 2);
  return { ...region, radius, points: mapBetween(region.points, path, grow(to, -radius)) };
}

function mapBetween(points: readonly Point[], from: Box, to: Box): Point[] {
  const [fx, fy] = center(from);
  const [tx, ty] = center(to);
  const across = from.width === 0 ? 0 : to.width / from.width;
  const down = from.height === 0 ? 0 : to.height / from.height;
  return mapPoints(points, ([x, y]) => [tx + (x - fx) * across, ty + (y - fy) * down]);
}

/** Twice the area between the outline's points; 0 for those that lie on one line. */
export function polygonArea(polygon: Pick<PolygonRegion, "points">): number {
  let sum = 0;
  let [fromX, fromY] = polygon.points.at(-1) ?? [0, 0];
  for (const [x, y] of polygon.points) {
    sum += fromX * y - x * fromY;
    [fromX, fromY] = [x, y];
  }
  return Math.abs(sum);
}

/** Numbers as they are kept: in 1/64 pixels, so that JSON stays short. Boxes and radii go outward, points
 *  to the nearest, for which a radius makes up. */
export function settle(region: Region): Region {
  const unit = 64;
  const down = (value: number) => Math.floor(value * unit) / unit;
  const up = (value: number) => Math.ceil(value * unit) / unit;
  const near = (value: number) => Math.round(value * unit) / unit;
  if (isBoxed(region)) {
    const [x, y] = [down(region.x), down(region.y)];
    return {
      ...region,
      x,
      y,
      w: Math.max(up(region.x + region.w) - x, 1 / unit),
      h: Math.max(up(region.y + region.h) - y, 1 / unit),
    };
  }
  const points = mapPoints(region.points, ([x, y]) => [near(x), near(y)]);
  return region.shape === "stroke"
    ? { ...region, points, radius: up(region.radius + 1 / unit) }
    : { ...region, points };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The core wants places as displayed before turning; the editor shows the picture as it is turned. These map between the
// two: quarter turns and a mirror take boxes to boxes and circles to circles, so nothing is rounded.
import type { Box } from "../core/types.ts";
import type { Point, Region, Regions } from "../editor/regions.ts";

export type Quarter = 0 | 90 | 180 | 270;

export interface Turned {
  /** Clockwise. */
  turn: Quarter;
  /** Left and right change places, after turning. */
  mirror: boolean;
}

export interface Size {
  width: number;
  height: number;
}

export function turnedSize(size: Size, how: Turned): Size {
  return how.turn === 90 || how.turn === 270 ? { width: size.height, height: size.width } : size;
}

/** Where a point of the picture (of `size`, before turning) is seen after it. */
export function turnPoint([x, y]: Point, size: Size, how: Turned): Point {
  const { width, height } = size;
  const turned: Point =
    how.turn === 90
      ? [height - y, x]
      : how.turn === 180
        ? [width - x, height - y]
        : how.turn === 270
          ? [y, width - x]
          : [x, y];
  return how.mirror ? [turnedSize(size, how).width - turned[0], turned[1]] : turned;
}

/** The other way: where in the picture is what is seen there after turning. */
export function unturnPoint(point: Point, size: Size, how: Turned): Point {
  const seen = turnedSize(size, how);
  const [x, y]: Point = how.mirror ? [seen.width - point[0], point[1]] : point;
  const back = ((360 - how.turn) % 360) as Quarter;
  return turnPoint([x, y], seen, { turn: back, mirror: false });
}

type Move = (point: Point) => Point;

function moveBox(box: Box, move: Move): Box {
  const [ax, ay] = move([box.x, box.y]);
  const [bx, by] = move([box.x + box.width, box.y + box.height]);
  return { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(bx - ax), height: Math.abs(by - ay) };
}

function moveRegion(region: Region, move: Move): Region {
  if ("points" in region) {
    return { ...region, points: region.points.map(move) };
  }
  const box = moveBox({ x: region.x, y: region.y, width: region.w, height: region.h }, move);
  return { ...region, x: box.x, y: box.y, w: box.width, h: box.height };
}

export function turnRegions(regions: Regions, size: Size, how: Turned): Regions {
  return { ...regions, regions: regions.regions.map((one) => moveRegion(one, (at) => turnPoint(at, size, how))) };
}

export function unturnRegions(regions: Regions, size: Size, how: Turned): Regions {
  return { ...regions, regions: regions.regions.map((one) => moveRegion(one, (at) => unturnPoint(at, size, how))) };
}

export function turnBox(box: Box, size: Size, how: Turned): Box {
  return moveBox(box, (at) => turnPoint(at, size, how));
}

export function unturnBox(box: Box, size: Size, how: Turned): Box {
  return moveBox(box, (at) => unturnPoint(at, size, how));
}

/** A quarter to the right, as seen: what is mirrored turns the other way before its mirror. */
export function turnRight(how: Turned): Turned {
  const step = how.mirror ? 270 : 90;
  return { mirror: how.mirror, turn: ((how.turn + step) % 360) as Quarter };
}

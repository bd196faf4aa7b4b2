// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point, Regions } from "../../web/app/editor/regions.ts";
import {
  turnBox,
  turnPoint,
  turnRegions,
  turnRight,
  turnedSize,
  unturnBox,
  unturnPoint,
  unturnRegions,
  type Quarter,
  type Turned,
} from "../../web/app/studio/turning.ts";

const size = { width: 40, height: 30 };
const ways: Turned[] = ([0, 90, 180, 270] as Quarter[]).flatMap((turn) => [
  { turn, mirror: false },
  { turn, mirror: true },
]);

test("turning: the top left corner goes where a clockwise turn takes it", () => {
  const to = (turn: Quarter, mirror = false) => turnPoint([0, 0], size, { turn, mirror });
  assert.deepEqual(to(90), [30, 0]);
  assert.deepEqual(to(180), [40, 30]);
  assert.deepEqual(to(270), [0, 40]);
  assert.deepEqual(to(0, true), [40, 0]);
  assert.deepEqual(to(90, true), [0, 0]);
});

test("turning: every way and back is where it began", () => {
  const point: Point = [3.25, 7.5];
  const box = { x: 1, y: 2, width: 10, height: 5 };
  const regions: Regions = {
    version: 1,
    regions: [
      { shape: "rect", x: 1, y: 2, w: 3, h: 4 },
      { shape: "stroke", points: [[1, 2], [5, 6]], radius: 2 },
    ],
  };
  for (const how of ways) {
    assert.deepEqual(unturnPoint(turnPoint(point, size, how), size, how), point);
    assert.deepEqual(unturnBox(turnBox(box, size, how), size, how), box);
    assert.deepEqual(unturnRegions(turnRegions(regions, size, how), size, how), regions);
  }
});

test("turning: one more turn right is a turn right of what is seen", () => {
  for (const how of ways) {
    const seen = turnedSize(size, how);
    const once = turnPoint([3, 7], size, how);
    const expected = turnPoint(once, seen, { turn: 90, mirror: false });
    assert.deepEqual(turnPoint([3, 7], size, turnRight(how)), expected, JSON.stringify(how));
  }
});

// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point } from "../../web/app/editor/regions.ts";
import {
  fitView,
  fullScale,
  loupe,
  loupePlace,
  middleOf,
  panBy,
  pinch,
  settleView,
  toPicture,
  toStage,
  wheelFactor,
  wheelPan,
  wheelZooms,
  zoomAt,
} from "../../web/app/editor/view.ts";

const frame = { x: 0, y: 0, width: 4000, height: 3000 };
const stage = { width: 360, height: 500 };
const isNear = (a: number, b: number, what = "") => assert.ok(Math.abs(a - b) < 1e-6, `${what} ${a} ${b}`);

test("fit__shows_the_whole_in_the_middle", () => {
  const view = fitView(frame, stage);
  const [left, top] = toStage(view, [0, 0]);
  const [right, bottom] = toStage(view, [4000, 3000]);
  isNear(left, 360 - right);
  isNear(top, 500 - bottom);
  assert.ok(left >= 0 && top >= 0);
});

test("fit__of_a_part_shows_that_part", () => {
  const part = { x: 1000, y: 2000, width: 100, height: 50 };
  const view = fitView(part, stage);
  isNear(toStage(view, [1050, 2025])[0], 180);
  isNear(toStage(view, [1050, 2025])[1], 250);
});

test("stage_and_picture__are_one_another_s_way_back", () => {
  const view = { scale: 0.37, x: -55.5, y: 12.25 };
  const [x, y] = toPicture(view, toStage(view, [123.4, 567.8]));
  isNear(x, 123.4);
  isNear(y, 567.8);
});

test("zoom__leaves_what_is_under_the_pointer", () => {
  const at: Point = [200, 260];
  const before = fitView(frame, stage);
  const after = zoomAt(before, 6, at, frame, stage);
  isNear(after.scale, before.scale * 6);
  const [was, is] = [toPicture(before, at), toPicture(after, at)];
  isNear(was[0], is[0]);
  isNear(was[1], is[1]);
});

test("zoom__ends_at_the_whole_and_at_large_pixels", () => {
  const fit = fitView(frame, stage);
  assert.deepEqual(zoomAt(fit, 0.01, [1, 1], frame, stage), fit);
  assert.equal(zoomAt(fit, 1e9, [1, 1], frame, stage).scale, 24);
});

test("pan__stops_at_the_edges", () => {
  const near = zoomAt(fitView(frame, stage), 20, [180, 250], frame, stage);
  const [left] = toStage(panBy(near, 1e6, 0, frame, stage), [0, 0]);
  assert.ok(left >= 0 && left < 30);
  const [right] = toStage(panBy(near, -1e6, 0, frame, stage), [4000, 0]);
  assert.ok(right <= 360 && right > 330);
});

test("pinch__keeps_the_picture_under_two_fingers", () => {
  const start = zoomAt(fitView(frame, stage), 4, [180, 250], frame, stage);
  const from: [Point, Point] = [[100, 200], [200, 300]];
  const to: [Point, Point] = [[90, 190], [230, 330]];
  const view = pinch(start, from, to, frame, stage);
  isNear(view.scale / start.scale, 1.4);
  const [was, is] = [toPicture(start, [150, 250]), toPicture(view, [160, 260])];
  isNear(was[0], is[0]);
  isNear(was[1], is[1]);
});

test("view__is_settled_when_the_stage_turns", () => {
  const near = zoomAt(fitView(frame, stage), 5, [20, 20], frame, stage);
  const turned = settleView(near, frame, { width: 740, height: 200 });
  assert.deepEqual(settleView(turned, frame, { width: 740, height: 200 }), turned);
  const [x, y] = middleOf(turned, frame, { width: 740, height: 200 });
  assert.ok(x >= 0 && x <= 4000 && y >= 0 && y <= 3000);
});

test("full_size__counts_the_pixels_of_the_screen", () => {
  assert.equal(fullScale(2), 0.5);
});

const still = { deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, shiftKey: false };

test("wheel__zooms_by_lines_pages_and_pinches_alike", () => {
  assert.ok(wheelFactor({ deltaY: -3, deltaMode: 1, ctrlKey: false }) > 1.1);
  assert.ok(wheelFactor({ deltaY: 100, deltaMode: 0, ctrlKey: false }) < 1);
  assert.ok(wheelFactor({ deltaY: -10, deltaMode: 0, ctrlKey: true }) > 1.09);
});

test("wheel__of_notches_zooms_and_a_touch_pad_moves", () => {
  assert.equal(wheelZooms({ ...still, deltaY: 100 }), true);
  assert.equal(wheelZooms({ ...still, deltaY: -3, deltaMode: 1 }), true);
  assert.equal(wheelZooms({ ...still, deltaY: 2.5, ctrlKey: true }), true);
  assert.equal(wheelZooms({ ...still, deltaY: 4 }), false);
  assert.equal(wheelZooms({ ...still, deltaX: 3, deltaY: 60 }), false);
  assert.equal(wheelZooms({ ...still, deltaY: 100, shiftKey: true }), false);
  assert.deepEqual(wheelPan({ ...still, deltaY: 100, shiftKey: true }), [-100, 0]);
  assert.deepEqual(wheelPan({ ...still, deltaX: 3, deltaY: 4 }), [-3, -4]);
});

test("loupe__lies_on_the_stage_and_never_under_the_finger", () => {
  for (const stage of [{ width: 360, height: 230 }, { width: 880, height: 690 }, { width: 320, height: 260 }]) {
    for (let x = 0; x <= stage.width; x += 7) {
      for (let y = 0; y <= stage.height; y += 7) {
        const { left, top } = loupePlace([x, y], stage);
        assert.ok(left >= 0 && top >= 0 && left + loupe.side <= stage.width && top + loupe.side <= stage.height);
        const [cx, cy] = [left + loupe.side / 2, top + loupe.side / 2];
        // A finger hides about 11 pixels around its middle even where there is least room.
        assert.ok(Math.hypot(cx - x, cy - y) >= loupe.side / 2 + 11, `${x}, ${y} of ${stage.width} x ${stage.height}`);
      }
    }
  }
});

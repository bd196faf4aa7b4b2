// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOfPoints, intersect, moveInto, roundOut, wholePixels } from "../../web/app/editor/box.ts";
import { bounds, isOn, moveWithin, regionAt, settle, stretch } from "../../web/app/editor/geometry.ts";
import { atLeast, handleAt, handles, handlesOf, pull, pushEdges } from "../../web/app/editor/handles.ts";
import { simplify } from "../../web/app/editor/simplify.ts";
import { distanceToSegment } from "../../web/app/editor/geometry.ts";
import type { Point, Region, StrokeRegion } from "../../web/app/editor/regions.ts";
import { drawn, regionsOfAllShapes } from "./editor_shapes.ts";

const grid = { width: 100, height: 80, cellWidth: 16, cellHeight: 8 };
const handle = (name: string) => {
  const found = handles.find((one) => one.name === name);
  assert.ok(found);
  return found;
};

test("round_out__goes_to_the_cells_that_are_touched", () => {
  assert.deepEqual(roundOut({ x: 16, y: 8, width: 16, height: 8 }, grid), { x: 16, y: 8, width: 16, height: 8 });
  assert.deepEqual(roundOut({ x: 15.9, y: 8, width: 16.2, height: 8.1 }, grid), { x: 0, y: 8, width: 48, height: 16 });
  assert.deepEqual(roundOut({ x: 90, y: -5, width: 50, height: 6 }, grid), { x: 80, y: 0, width: 20, height: 8 });
});

test("round_out__knows_cells_that_begin_elsewhere", () => {
  const flipped = { ...grid, gridX: 100 % 16 };
  assert.deepEqual(roundOut({ x: 5, y: 0, width: 1, height: 1 }, flipped), { x: 4, y: 0, width: 16, height: 8 });
  assert.deepEqual(roundOut({ x: 1, y: 0, width: 1, height: 1 }, flipped), { x: 0, y: 0, width: 4, height: 8 });
});

test("whole_pixels__are_what_a_crop_may_be", () => {
  assert.deepEqual(wholePixels({ x: -3, y: 1.5, width: 7.2, height: 1 }, grid), { x: 0, y: 1, width: 5, height: 2 });
  assert.deepEqual(wholePixels({ x: 200, y: 200, width: 1, height: 1 }, grid), { x: 99, y: 79, width: 1, height: 1 });
});

test("boxes__meet_or_not", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  assert.equal(intersect(box, { x: 10, y: 0, width: 5, height: 5 }), null);
  assert.deepEqual(intersect(box, { x: 9, y: 9, width: 5, height: 5 }), { x: 9, y: 9, width: 1, height: 1 });
  assert.deepEqual(moveInto({ x: -5, y: 75, width: 10, height: 10 }, { x: 0, y: 0, width: 100, height: 80 }), {
    x: 0,
    y: 70,
    width: 10,
    height: 10,
  });
  assert.deepEqual(boxOfPoints([]), { x: 0, y: 0, width: 0, height: 0 });
});

// The same drawing as docs/regions.md has of this polygon: inside an even number of times stays.
test("polygon__is_filled_even_odd", () => {
  const bow: Region = { shape: "polygon", points: [[1, 1], [15, 1], [1, 7], [15, 7]] };
  assert.equal(isOn(bow, [8, 2]), true);
  assert.equal(isOn(bow, [2, 4]), false);
  assert.equal(isOn(bow, [8, 6]), true);
  assert.equal(isOn(bow, [2, 4], 4), true);
});

test("hit__agrees_with_a_drawing_of_each_shape", () => {
  for (const region of regionsOfAllShapes()) {
    const box = bounds(region);
    let inside = 0;
    for (let y = 0; y < 80; y += 1.7) {
      for (let x = 0; x < 100; x += 1.3) {
        const on = isOn(region, [x, y]);
        assert.equal(on, drawn(region, [x, y]), `${region.shape} at ${x}, ${y}`);
        if (on) {
          inside++;
          assert.ok(x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height);
        }
      }
    }
    assert.ok(inside > 0, region.shape);
  }
});

test("hit__finds_the_topmost", () => {
  const [low, high]: [Region, Region] = [
    { shape: "rect", x: 0, y: 0, w: 10, h: 10 },
    { shape: "ellipse", x: 5, y: 5, w: 10, h: 10 },
  ];
  assert.equal(regionAt([low, high], [9, 9]), 1);
  assert.equal(regionAt([low, high], [1, 1]), 0);
  assert.equal(regionAt([low, high], [50, 50]), null);
});

test("move__keeps_the_middle_in_the_picture", () => {
  for (const region of regionsOfAllShapes()) {
    const moved = bounds(moveWithin(region, 1000, -1000, grid));
    assert.ok(Math.abs(moved.x + moved.width / 2 - 100) < 1e-9);
    assert.ok(Math.abs(moved.y + moved.height / 2) < 1e-9);
    assert.deepEqual(moveWithin(region, 0, 0, grid), region);
  }
});

test("stretch__makes_the_box_that_was_asked_for", () => {
  for (const region of regionsOfAllShapes()) {
    // A dab stays round, and a straight stroke can't be wider than long.
    if ("points" in region && region.points.length === 1) continue;
    const upright = bounds(region).width < bounds(region).height;
    const to = { x: 3, y: 5, width: upright ? 20 : 40, height: 30 };
    const got = bounds(stretch(region, to));
    for (const key of ["x", "y", "width", "height"] as const) {
      assert.ok(Math.abs(got[key] - to[key]) < 1e-9, `${region.shape} ${key} ${got[key]}`);
    }
  }
  const dot: Region = { shape: "stroke", points: [[5, 5]], radius: 2 };
  assert.deepEqual(stretch(dot, { x: 0, y: 0, width: 20, height: 10 }), { ...dot, points: [[10, 5]], radius: 10 });
});

test("settle__never_covers_less", () => {
  for (const region of regionsOfAllShapes()) {
    const kept = settle(region);
    for (let y = 0; y < 80; y += 0.93) {
      for (let x = 0; x < 100; x += 0.71) {
        // A polygon's corners go to the nearest 1/64 of a pixel.
        if (region.shape !== "polygon" && isOn(region, [x, y])) assert.ok(isOn(kept, [x, y], 1e-9), region.shape);
      }
    }
    const numbers = JSON.stringify(kept).match(/-?\d+(\.\d+)?/g) ?? [];
    for (const number of numbers) assert.equal((Number(number) * 64) % 1, 0);
  }
});

test("handle__that_is_nearest_is_taken", () => {
  const box = { x: 0, y: 0, width: 100, height: 100 };
  assert.equal(handleAt(box, [98, 103], 22)?.name, "se");
  assert.equal(handleAt(box, [50, 4], 22)?.name, "n");
  assert.equal(handleAt(box, [50, 50], 22), null);
  // A box as small as a target: its corners are there, its middle moves it.
  const small = { x: 0, y: 0, width: 20, height: 20 };
  assert.deepEqual(handlesOf(small, 22).map(({ name }) => name), ["nw", "ne", "se", "sw"]);
  assert.equal(handleAt(small, [10, 10], 22), null);
  assert.equal(handleAt(small, [19, 19], 22)?.name, "se");
});

test("handle__pulls_its_edges_over_the_others", () => {
  const box = { x: 10, y: 10, width: 20, height: 10 };
  assert.deepEqual(pull(box, handle("e"), 5, 99), { x: 10, y: 10, width: 25, height: 10 });
  assert.deepEqual(pull(box, handle("w"), 50, 0), { x: 30, y: 10, width: 30, height: 10 });
  assert.deepEqual(pull(box, handle("se"), 20, 0, true), { x: 10, y: 10, width: 40, height: 20 });
  assert.deepEqual(pull(box, handle("nw"), -20, 0, true), { x: -10, y: 0, width: 40, height: 20 });
  assert.deepEqual(atLeast({ x: 5, y: 5, width: 0, height: 8 }, 2, handle("w")), { x: 3, y: 5, width: 2, height: 8 });
});

test("simplify__leaves_every_point_within_its_tolerance", () => {
  const points: Point[] = Array.from({ length: 400 }, (_, i) => [i / 4, 40 + 30 * Math.sin(i / 23) + Math.sin(i * 7.3) * 0.2]);
  const kept = simplify(points, 0.5);
  assert.ok(kept.length < 80, `${kept.length}`);
  assert.deepEqual([kept[0], kept.at(-1)], [points[0], points.at(-1)]);
  for (const point of points) {
    let least = Infinity;
    for (let i = 1; i < kept.length; i++) {
      least = Math.min(least, distanceToSegment(point, kept[i - 1] ?? point, kept[i] ?? point));
    }
    assert.ok(least <= 0.5 + 1e-9);
  }
  const stroke: StrokeRegion = { shape: "stroke", points: kept, radius: 5.5 };
  for (const point of points) assert.ok(isOn(stroke, [point[0], point[1] + 4.99]));
});

test("edges__are_pushed_one_at_a_time_and_never_past_the_opposite_one", () => {
  const box = { x: 10, y: 20, width: 30, height: 40 };
  assert.deepEqual(pushEdges(box, 1, 5, 0, 1), { ...box, width: 35 });
  assert.deepEqual(pushEdges(box, 1, 0, -8, 1), { ...box, height: 32 });
  assert.deepEqual(pushEdges(box, -1, 5, 0, 1), { x: 15, y: 20, width: 25, height: 40 });
  assert.deepEqual(pushEdges(box, -1, 0, -8, 1), { x: 10, y: 12, width: 30, height: 48 });
  assert.deepEqual(pushEdges(box, 1, -500, 0, 1), { ...box, width: 1 });
  assert.deepEqual(pushEdges(box, -1, 0, 500, 1), { x: 10, y: 59, width: 30, height: 1 });
  // One that is smaller than the least does not jump, but it grows.
  const thin = { ...box, width: 0.5 };
  assert.deepEqual(pushEdges(thin, 1, -8, 0, 1), thin);
  assert.deepEqual(pushEdges(thin, -1, -8, 0, 1), { ...thin, x: 2, width: 8.5 });
});

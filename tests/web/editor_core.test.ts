// SPDX-License-Identifier: GPL-3.0-or-later
// The cells that the editor shows, against those that the core covers: build-test/tests/regions draws them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { roundOut } from "../../web/app/editor/box.ts";
import { cellRows } from "../../web/app/editor/cells.ts";
import { bounds, settle } from "../../web/app/editor/geometry.ts";
import type { Point, Region } from "../../web/app/editor/regions.ts";
import type { Grid } from "../../web/app/editor/types.ts";
import { build } from "./core_rig.ts";
import { seededRandom } from "./core_seeded.ts";

/** Of the picture as it is stored; it is seen turned. */
const stored = { width: 150, height: 100 };

/** Numbers from 0 to 1, the same ones in every run. */
function numbers(seed: bigint): () => number {
  const fill = seededRandom(seed);
  return () => {
    const bytes = new Uint8Array(4);
    fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) / 2 ** 32;
  };
}

function someRegion(next: () => number, width: number, height: number): Region {
  const spot = (): Point => [next() * width * 1.2 - width * 0.1, next() * height * 1.2 - height * 0.1];
  const kind = Math.floor(next() * 4);
  const [x, y] = spot();
  if (kind === 0) return { shape: "rect", x, y, w: 0.1 + next() * 60, h: 0.1 + next() * 60 };
  if (kind === 1) return { shape: "ellipse", x, y, w: 0.1 + next() * 60, h: 0.1 + next() * 60 };
  const points = Array.from({ length: 3 + Math.floor(next() * 5) }, spot);
  if (kind === 2) return { shape: "polygon", points };
  return { shape: "stroke", points: points.slice(0, 1 + Math.floor(next() * 4)), radius: 0.3 + next() * 14 };
}

interface Way {
  orientation: number;
  turned: boolean;
  flipX: boolean;
  flipY: boolean;
}

/** How a stored picture is turned for display, Exif 4.6.4. */
const ways: Way[] = [
  { orientation: 1, turned: false, flipX: false, flipY: false },
  { orientation: 2, turned: false, flipX: true, flipY: false },
  { orientation: 3, turned: false, flipX: true, flipY: true },
  { orientation: 6, turned: true, flipX: true, flipY: false },
  { orientation: 8, turned: true, flipX: false, flipY: true },
];

function gridOf(cell: number, way: Way): Grid {
  const [width, height] = way.turned ? [stored.height, stored.width] : [stored.width, stored.height];
  return {
    width,
    height,
    cellWidth: cell,
    cellHeight: cell,
    gridX: way.flipX ? width % cell : 0,
    gridY: way.flipY ? height % cell : 0,
  };
}

/** What the editor shows, in lines of the stored picture. */
function ours(region: Region, cell: number, way: Way, grid: Grid): string {
  const columns = Math.ceil(stored.width / cell);
  const lines = Array.from({ length: Math.ceil(stored.height / cell) }, () => Array<string>(columns).fill("."));
  const along = (at: number, size: number, flip: boolean) => Math.floor((flip ? size - 1 - at : at) / cell);
  for (const row of cellRows(region, grid)) {
    const y = along((row.top + row.bottom) / 2 - 0.5, grid.height, way.flipY);
    for (const [from, to] of row.columns) {
      for (let n = from; n < to; n++) {
        const left = Math.max((grid.gridX ?? 0) + n * cell, 0);
        const x = along(left, grid.width, way.flipX);
        const line = lines[way.turned ? x : y];
        if (line !== undefined) line[way.turned ? y : x] = "a";
      }
    }
  }
  return lines.map((line) => line.join("")).join("\n");
}

function theirs(region: Region, cell: number, way: Way): string {
  const size = [stored.width, stored.height, way.orientation, cell, 0].map(String);
  const input = JSON.stringify({ version: 1, regions: [region] });
  const { stdout, status } = spawnSync(join(build, "tests/regions"), size, { input, encoding: "utf8" });
  assert.equal(status, 0, stdout);
  return stdout.trim();
}

for (const way of ways) {
  test(`cells__shown_are_those_that_the_core_covers_in_orientation_${way.orientation}`, () => {
    const next = numbers(BigInt(way.orientation));
    for (let i = 0; i < 60; i++) {
      const cell = [1, 8, 16][i % 3] ?? 1;
      const grid = gridOf(cell, way);
      const region = settle(someRegion(next, grid.width, grid.height));
      assert.equal(ours(region, cell, way, grid), theirs(region, cell, way), `${cell}: ${JSON.stringify(region)}`);
      const [box, rounded] = [bounds(region), roundOut(bounds(region), grid)];
      assert.ok(rounded.width === 0 || rounded.x <= Math.max(box.x, 0));
    }
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { cellRows, cellsArea, cellsOutline, hasCells, type StrokeRows, strokeRows } from "../../web/app/editor/cells.ts";
import type { Region, StrokeRegion } from "../../web/app/editor/regions.ts";
import type { Grid } from "../../web/app/editor/types.ts";
import { drawn, regionsOfAllShapes } from "./editor_shapes.ts";

function draw(region: Region, grid: Grid): string[] {
  return cellRows(region, grid).map(({ columns }) =>
    Array.from({ length: Math.ceil(grid.width / grid.cellWidth) }, (_, x) =>
      columns.some(([from, to]) => x >= from && x < to) ? "a" : ".",
    ).join(""),
  );
}

// The drawings of docs/regions.md, which the core made: cells of one pixel.
const pixels = (width: number, height: number): Grid => ({ width, height, cellWidth: 1, cellHeight: 1 });
const asInTheDocs: [string, Region, Grid, string[]][] = [
  ["rect", { shape: "rect", x: 2, y: 1, w: 6.5, h: 3 }, pixels(16, 6), Array<string>(3).fill("..aaaaaaa.......")],
  [
    "ellipse",
    { shape: "ellipse", x: 1, y: 0, w: 14, h: 8 },
    pixels(16, 8),
    ["...aaaaaaaaaa...", ...Array<string>(6).fill(".aaaaaaaaaaaaaa."), "...aaaaaaaaaa..."],
  ],
  [
    "polygon",
    { shape: "polygon", points: [[1, 1], [15, 1], [1, 7], [15, 7]] },
    pixels(16, 8),
    [
      ".aaaaaaaaaaaaaa.",
      "...aaaaaaaaaa...",
      ".....aaaaaa.....",
      ".....aaaaaa.....",
      "...aaaaaaaaaa...",
      ".aaaaaaaaaaaaaa.",
    ],
  ],
  [
    "stroke",
    { shape: "stroke", radius: 1.5, points: [[3, 3], [8, 5], [13, 3]] },
    pixels(16, 8),
    [".aaaa......aaaa.", ".aaaaaaaaaaaaaa.", ".aaaaaaaaaaaaaa.", ".aaaaaaaaaaaaaa.", "...aaaaaaaaaa...", "......aaaa......"],
  ],
];

for (const [name, region, grid, cells] of asInTheDocs) {
  test(`cells__of_a_${name}_are_those_that_the_core_covers`, () => {
    assert.deepEqual(draw(region, grid), cells);
  });
}

const grids: Grid[] = [
  { width: 100, height: 80, cellWidth: 16, cellHeight: 8 },
  { width: 100, height: 80, cellWidth: 8, cellHeight: 16, gridX: 100 % 8, gridY: 3 },
];

function isCovered(rows: ReturnType<typeof cellRows>, grid: Grid, x: number, y: number): boolean {
  const column = Math.floor((x - (grid.gridX ?? 0)) / grid.cellWidth);
  return rows.some(
    ({ top, bottom, columns }) => y >= top && y < bottom && columns.some(([from, to]) => column >= from && column < to),
  );
}

test("cells__hold_every_point_of_the_region_and_none_is_empty", () => {
  for (const grid of grids) {
    for (const region of regionsOfAllShapes()) {
      const rows = cellRows(region, grid);
      const touched = new Set<string>();
      const fine = 0.25;
      for (let y = fine / 2; y < 80; y += fine) {
        for (let x = fine / 2; x < 100; x += fine) {
          if (!(region.shape === "stroke" ? near(region, x, y) : drawn(region, [x, y]))) continue;
          assert.ok(isCovered(rows, grid, x, y), `${region.shape} at ${x}, ${y}`);
          touched.add(cellName(grid, x, y));
        }
      }
      let claimed = 0;
      for (const { columns } of rows) for (const [from, to] of columns) claimed += to - from;
      // What only a corner touches may lie between two of the points that were asked.
      assert.ok(claimed >= touched.size && claimed <= touched.size + 3, `${region.shape}: ${claimed} of ${touched.size}`);
    }
  }
});

function cellName(grid: Grid, x: number, y: number): string {
  return `${Math.floor((x - (grid.gridX ?? 0)) / grid.cellWidth)},${Math.floor((y - (grid.gridY ?? 0)) / grid.cellHeight)}`;
}

/** As the slow way has it, but fast enough for many points. */
function near(region: Region & { shape: "stroke" }, x: number, y: number): boolean {
  return region.points.some(([ax, ay], i) => {
    const [bx, by] = region.points[i + 1] ?? [ax, ay];
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
    return Math.hypot(ax + along * (bx - ax) - x, ay + along * (by - ay) - y) <= region.radius;
  });
}

test("cells__are_drawn_as_one_area_and_the_line_around_it", () => {
  const grid: Grid = { width: 40, height: 40, cellWidth: 10, cellHeight: 10 };
  const region: Region = { shape: "polygon", points: [[1, 1], [9, 1], [9, 12], [18, 12], [18, 18], [1, 18]] };
  assert.equal(cellsArea(cellRows(region, grid), grid), "M0 0H10V10H0ZM0 10H20V20H0Z");
  assert.equal(
    cellsOutline(cellRows(region, grid), grid),
    "M0 0H10M0 0V10M10 0V10M10 10H20M0 10V20M20 10V20M0 20H20",
  );
  assert.equal(hasCells(grid), true);
  assert.equal(hasCells({ ...grid, cellWidth: 1, cellHeight: 1 }), false);
});

test("stroke__grows_by_the_cells_that_the_whole_would_have", () => {
  const points = Array.from({ length: 90 }, (_, i): [number, number] => [50 + 55 * Math.cos(i / 7), 40 + (i - 20) * 0.9 * Math.sin(i / 5)]);
  for (const grid of grids) {
    let before: StrokeRows | null = null;
    for (let count = 1; count <= points.length; count++) {
      const stroke: StrokeRegion = { shape: "stroke", points: points.slice(0, count), radius: 5.3 };
      before = strokeRows(stroke, grid, before);
      assert.deepEqual(
        before.rows.filter(({ columns }) => columns.length > 0),
        cellRows(stroke, grid).filter(({ columns }) => columns.length > 0),
        `${count} points`,
      );
    }
    // Another stroke, or another radius, begins anew.
    const other: StrokeRegion = { shape: "stroke", points: [[10, 10]], radius: 5.3 };
    assert.deepEqual(strokeRows(other, grid, before).rows, cellRows(other, grid));
    const wider: StrokeRegion = { shape: "stroke", points, radius: 9 };
    assert.deepEqual(strokeRows(wider, grid, before).rows, strokeRows(wider, grid, null).rows);
  }
});

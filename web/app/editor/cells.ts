/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of a format (the MCUs of a JPEG) that a region touches: what will really be covered. */
import { bounds } from "./geometry.ts";
import type { Point, PolygonRegion, Region, StrokeRegion } from "./regions.ts";
import { roundOut } from "./box.ts";
import type { Grid } from "./types.ts";

/** From and to, in pixels; to is not included. */
type Span = [number, number];

/** Where a region is between two heights. */
function spansBetween(region: Region, top: number, bottom: number): Span[] {
  switch (region.shape) {
    case "rect":
      return region.y < bottom && region.y + region.h > top ? [[region.x, region.x + region.w]] : [];
    case "ellipse": {
      const [a, b] = [region.w / 2, region.h / 2];
      const middle = region.y + b;
      const away = Math.max(0, top - middle, middle - bottom) / b;
      if (away >= 1) return [];
      const half = a * Math.sqrt(1 - away * away);
      return [[region.x + a - half, region.x + a + half]];
    }
    case "polygon":
      return polygonSpans(region, top, bottom);
    case "stroke":
      return strokeSpans(region, top, bottom);
  }
}

/** Where edges pass, and what is inside at half the height: between two edges nothing changes. */
function polygonSpans(polygon: PolygonRegion, top: number, bottom: number): Span[] {
  const spans: Span[] = [];
  const crossings: number[] = [];
  const middle = (top + bottom) / 2;
  let from = polygon.points.at(-1) ?? [0, 0];
  for (const to of polygon.points) {
    const [ax, ay] = from;
    const [bx, by] = to;
    from = to;
    if (Math.max(ay, by) <= top || Math.min(ay, by) >= bottom) continue;
    const xAt = (y: number) => (ay === by ? ax : ax + ((bx - ax) * (y - ay)) / (by - ay));
    const low = Math.max(Math.min(ay, by), top);
    const high = Math.min(Math.max(ay, by), bottom);
    const [x0, x1] = ay === by ? [ax, bx] : [xAt(low), xAt(high)];
    spans.push([Math.min(x0, x1), Math.max(x0, x1)]);
    if (ay > middle !== by > middle) crossings.push(xAt(middle));
  }
  crossings.sort((a, b) => a - b);
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    spans.push([crossings[i] ?? 0, crossings[i + 1] ?? 0]);
  }
  return spans;
}

function strokeSpans(stroke: StrokeRegion, top: number, bottom: number): Span[] {
  const spans: Span[] = [];
  let from = stroke.points[0];
  for (const to of stroke.points) {
    const span = capsuleSpan(from ?? to, to, stroke.radius, top, bottom);
    if (span !== null) spans.push(span);
    from = to;
  }
  return spans;
}

/** A disc that moved along a segment is convex: its right side is farthest out as near to the height of its
 *  rightmost point as the band goes; so with its left side. */
function capsuleSpan(a: Point, b: Point, radius: number, top: number, bottom: number): Span | null {
  const [upper, lower] = a[1] <= b[1] ? [a, b] : [b, a];
  if (lower[1] + radius <= top || upper[1] - radius >= bottom) return null;
  const [left, right] = a[0] <= b[0] ? [a, b] : [b, a];
  const rightSpan = capsuleLine(a, b, radius, nearest(a, b, right, top, bottom));
  const leftSpan = capsuleLine(a, b, radius, nearest(a, b, left, top, bottom));
  return rightSpan === null || leftSpan === null ? null : [leftSpan[0], rightSpan[1]];
}

/** The height within the band that is nearest to the extreme point; of an upright segment all heights
 *  between its ends are extreme. */
function nearest(a: Point, b: Point, extreme: Point, top: number, bottom: number): number {
  const high = a[0] === b[0] ? Math.min(a[1], b[1]) : extreme[1];
  const low = a[0] === b[0] ? Math.max(a[1], b[1]) : extreme[1];
  if (high >= bottom) return bottom;
  return low <= top ? top : Math.max(high, top);
}

/** The disc's path at one height. */
function capsuleLine([ax, ay]: Point, [bx, by]: Point, radius: number, y: number): Span | null {
  let left = Infinity;
  let right = -Infinity;
  const take = (from: number, to: number) => {
    left = Math.min(left, from);
    right = Math.max(right, to);
  };
  for (const [x, middle] of [[ax, ay], [bx, by]] as const) {
    const half = radius * radius - (y - middle) * (y - middle);
    if (half >= 0) take(x - Math.sqrt(half), x + Math.sqrt(half));
  }
  const length = Math.hypot(bx - ax, by - ay);
  if (length > 0) {
    const [nx, ny] = [(-(by - ay) / length) * radius, ((bx - ax) / length) * radius];
    for (const side of [-1, 1] as const) {
      const [px, py] = [ax + side * nx, ay + side * ny];
      const [qx, qy] = [bx + side * nx, by + side * ny];
      if (py !== qy && (py - y) * (qy - y) <= 0) {
        const x = px + ((qx - px) * (y - py)) / (qy - py);
        take(x, x);
      }
    }
  }
  return left <= right ? [left, right] : null;
}

/** Columns of cells, from and to (not included), in order and apart. */
function columnsOf(spans: readonly Span[], grid: Grid): Span[] {
  const from = grid.gridX ?? 0;
  const columns = spans
    .filter(([left, right]) => right > 0 && left < grid.width)
    .map(([left, right]): Span => {
      const first = Math.floor((Math.max(left, 0) - from) / grid.cellWidth);
      const last = Math.ceil((Math.min(right, grid.width) - from) / grid.cellWidth);
      return [first, Math.max(last, first + 1)];
    });
  return unite(columns);
}

function unite(spans: readonly Span[]): Span[] {
  const apart: Span[] = [];
  for (const [first, last] of [...spans].sort((a, b) => a[0] - b[0])) {
    const before = apart.at(-1);
    if (before !== undefined && first <= before[1]) before[1] = Math.max(before[1], last);
    else apart.push([first, last]);
  }
  return apart;
}

/** A row of cells, and which of its columns are touched. */
export interface CellRow {
  top: number;
  bottom: number;
  columns: Span[];
}

export function cellRows(region: Region, grid: Grid): CellRow[] {
  const box = roundOut(bounds(region), grid);
  const rows: CellRow[] = [];
  const from = grid.gridY ?? 0;
  const bottom = box.y + box.height;
  for (let n = Math.floor((box.y - from) / grid.cellHeight); from + n * grid.cellHeight < bottom; n++) {
    // A cell at the edge is covered for what it has of the picture, not for what it would have beside it.
    const top = Math.max(from + n * grid.cellHeight, 0);
    const end = Math.min(from + (n + 1) * grid.cellHeight, grid.height);
    rows.push({ top, bottom: end, columns: columnsOf(spansBetween(region, top, end), grid) });
  }
  return rows;
}

/** The rows of a stroke so far: a hand that draws adds to its end. */
export interface StrokeRows {
  stroke: StrokeRegion;
  grid: Grid;
  rows: CellRow[];
}

/** What `cellRows` says of a stroke, found anew only for what was drawn since `before`: a long stroke stays as
 *  quick to draw as a short one. */
export function strokeRows(stroke: StrokeRegion, grid: Grid, before: StrokeRows | null): StrokeRows {
  const old = before?.stroke.points ?? [];
  const goesOn =
    before !== null &&
    before.grid === grid &&
    before.stroke.radius === stroke.radius &&
    old.length > 0 &&
    stroke.points[old.length - 1] === old.at(-1);
  const rows = new Map(goesOn ? before.rows.map((row) => [row.top, row]) : []);
  const added = goesOn ? { ...stroke, points: stroke.points.slice(old.length - 1) } : stroke;
  for (const row of cellRows(added, grid)) {
    const known = rows.get(row.top)?.columns ?? [];
    rows.set(row.top, { ...row, columns: unite([...known, ...row.columns]) });
  }
  return { stroke, grid, rows: [...rows.values()].sort((a, b) => a.top - b.top) };
}

/** Whether cells are more than pixels: else a region covers what it shows. */
export const hasCells = (grid: Grid): boolean => grid.cellWidth > 1 || grid.cellHeight > 1;

const edgeOf = (grid: Grid) => (column: number) =>
  Math.min(Math.max((grid.gridX ?? 0) + column * grid.cellWidth, 0), grid.width);

/** The cells that a region touches, as an SVG path to be filled. */
export function cellsArea(rows: readonly CellRow[], grid: Grid): string {
  const x = edgeOf(grid);
  return rows
    .flatMap(({ top, bottom, columns }) =>
      columns.map(([from, to]) => `M${x(from)} ${top}H${x(to)}V${bottom}H${x(from)}Z`),
    )
    .join("");
}

/** The line around them, as an SVG path. */
export function cellsOutline(rows: readonly CellRow[], grid: Grid): string {
  const x = edgeOf(grid);
  const path: string[] = [];
  let above: Span[] = [];
  let height = 0;
  for (const row of rows) {
    for (const [from, to] of either(above, row.columns)) path.push(`M${x(from)} ${row.top}H${x(to)}`);
    for (const [from, to] of row.columns) {
      path.push(`M${x(from)} ${row.top}V${row.bottom}M${x(to)} ${row.top}V${row.bottom}`);
    }
    above = row.columns;
    height = row.bottom;
  }
  for (const [from, to] of above) path.push(`M${x(from)} ${height}H${x(to)}`);
  return path.join("");
}

/** What is in one of two rows and not in the other: there lies an edge between them. */
function either(a: readonly Span[], b: readonly Span[]): Span[] {
  const ends = [...a, ...b].flat().sort((p, q) => p - q);
  const spans: Span[] = [];
  for (let i = 0; i + 1 < ends.length; i += 2) {
    const [from, to] = [ends[i] ?? 0, ends[i + 1] ?? 0];
    if (from < to) spans.push([from, to]);
  }
  return spans;
}


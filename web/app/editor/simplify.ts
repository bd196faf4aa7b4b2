/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fewer points for a stroke that a hand drew. */
import { distanceToSegment } from "./geometry.ts";
import type { Point } from "./regions.ts";

/** Ramer, Douglas and Peucker: no point of the path lies farther than `tolerance` from what is left.
 *  A stroke whose radius grows by that covers at least what was painted. */
export function simplify(points: readonly Point[], tolerance: number): Point[] {
  const last = points.length - 1;
  if (last < 2) return [...points];
  const keep = new Uint8Array(points.length);
  keep[0] = keep[last] = 1;
  const open: [number, number][] = [[0, last]];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [from, to] = span;
    const [a, b] = [points[from], points[to]];
    if (a === undefined || b === undefined) break;
    let worst = tolerance;
    let at = -1;
    for (let i = from + 1; i < to; i++) {
      const distance = distanceToSegment(points[i] ?? a, a, b);
      if (distance > worst) [worst, at] = [distance, i];
    }
    if (at >= 0) {
      keep[at] = 1;
      open.push([from, at], [at, to]);
    }
  }
  return points.filter((_, i) => keep[i] === 1);
}

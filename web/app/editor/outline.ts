/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions as SVG paths. A stroke's is the line along which its brush went. */
import type { Point, Region } from "./regions.ts";

const spot = ([x, y]: Point) => `${x} ${y}`;

export function linePath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  // A line of no length is drawn as a dot by round ends.
  return `M${spot(first)}L${rest.length === 0 ? spot(first) : rest.map(spot).join(" ")}`;
}

export function regionPath(region: Region): string {
  switch (region.shape) {
    case "rect":
      return `M${region.x} ${region.y}h${region.w}v${region.h}h${-region.w}Z`;
    case "ellipse": {
      const [a, b] = [region.w / 2, region.h / 2];
      return `M${region.x} ${region.y + b}a${a} ${b} 0 1 1 ${region.w} 0a${a} ${b} 0 1 1 ${-region.w} 0Z`;
    }
    case "polygon":
      return `${linePath(region.points)}Z`;
    case "stroke":
      return linePath(region.points);
  }
}

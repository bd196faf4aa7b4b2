// SPDX-License-Identifier: GPL-3.0-or-later
// Regions for the editor's tests, and a second way to tell what they cover: slow and plain.
import type { Point, Region } from "../../web/app/editor/regions.ts";

/** Within 100 × 80 pixels. */
export function regionsOfAllShapes(): Region[] {
  return [
    { shape: "rect", x: 12.3, y: 7.7, w: 31.1, h: 20.4 },
    { shape: "ellipse", x: 30.2, y: 20.1, w: 50.3, h: 33.9 },
    { shape: "ellipse", x: 61.07, y: 5.03, w: 1.3, h: 60.2 },
    { shape: "polygon", points: [[10, 10.5], [90, 12], [20, 70], [55.5, 3], [88, 71]] },
    { shape: "polygon", points: [[10, 16], [40, 16], [40, 64], [10, 64]] },
    { shape: "stroke", points: [[20, 20], [70.5, 24], [33, 60.25]], radius: 6.3 },
    { shape: "stroke", points: [[50, 10], [50, 60]], radius: 4 },
    { shape: "stroke", points: [[15, 40], [85, 40]], radius: 3.2 },
    { shape: "stroke", points: [[47.1, 33.3]], radius: 9.9 },
  ];
}

/** Whether a ray to the right meets the outline an odd number of times. */
function isInside(points: readonly Point[], [x, y]: Point): boolean {
  let crossings = 0;
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = points[i] ?? [0, 0];
    const [bx, by] = points[(i + 1) % points.length] ?? [0, 0];
    const above = Math.min(ay, by) <= y && y < Math.max(ay, by);
    if (above && (bx - ax) * (y - ay) * Math.sign(by - ay) > (x - ax) * Math.abs(by - ay)) crossings++;
  }
  return crossings % 2 === 1;
}

export function drawn(region: Region, [x, y]: Point): boolean {
  switch (region.shape) {
    case "rect":
      return x >= region.x && y >= region.y && x <= region.x + region.w && y <= region.y + region.h;
    case "ellipse": {
      const [a, b] = [region.w / 2, region.h / 2];
      return ((x - region.x - a) / a) ** 2 + ((y - region.y - b) / b) ** 2 <= 1;
    }
    case "polygon":
      return isInside(region.points, [x, y]);
    case "stroke": {
      const steps = 2000;
      return region.points.some(([ax, ay], i) => {
        const [bx, by] = region.points[i + 1] ?? [ax, ay];
        for (let step = 0; step <= steps; step++) {
          const [px, py] = [ax + ((bx - ax) * step) / steps, ay + ((by - ay) * step) / steps];
          if ((px - x) ** 2 + (py - y) ** 2 <= region.radius ** 2) return true;
        }
        return false;
      });
    }
  }
}

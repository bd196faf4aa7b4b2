// SPDX-License-Identifier: GPL-3.0-or-later
// The app's icons, drawn from one description: as SVG for browsers, as PNG for home screens. No picture lies in the
// repository. A sou'wester, the hat of the page's own mark.
import { crc32, deflateSync } from "node:zlib";

interface Shape {
  color: string;
  /** A closed path of the unit square: quadratic pieces of control point and end point, from `from` on. */
  from: [number, number];
  curves: [number, number, number, number][];
}

const ground = "#0f3d4c";

/** Within a circle of four fifths of the width, so that a phone may mask the icon to any shape. */
const shapes: Shape[] = [
  {
    color: "#f2b705",
    from: [0.292, 0.554],
    curves: [
      [0.304, 0.24, 0.5, 0.235],
      [0.696, 0.24, 0.708, 0.554],
      [0.819, 0.583, 0.819, 0.632],
      [0.804, 0.75, 0.5, 0.75],
      [0.196, 0.75, 0.181, 0.632],
      [0.181, 0.583, 0.292, 0.554],
    ],
  },
  {
    color: ground,
    from: [0.292, 0.554],
    curves: [
      [0.5, 0.662, 0.708, 0.554],
      [0.5, 0.716, 0.292, 0.554],
    ],
  },
];

export function iconSvg(): string {
  const n = (value: number) => String(Math.round(value * 1000) / 10);
  const path = (shape: Shape) =>
    `M${n(shape.from[0])} ${n(shape.from[1])}` +
    shape.curves.map(([cx, cy, x, y]) => `Q${n(cx)} ${n(cy)} ${n(x)} ${n(y)}`).join("") +
    "Z";
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" rx="18" fill="${ground}"/>` +
    shapes.map((shape) => `<path fill="${shape.color}" d="${path(shape)}"/>`).join("") +
    "</svg>\n"
  );
}

type Point = [number, number];

function outline(shape: Shape): Point[] {
  const steps = 24;
  const points: Point[] = [shape.from];
  let [fromX, fromY] = shape.from;
  for (const [cx, cy, x, y] of shape.curves) {
    for (let i = 1; i <= steps; i++) {
      const t = i / steps;
      const u = 1 - t;
      points.push([u * u * fromX + 2 * u * t * cx + t * t * x, u * u * fromY + 2 * u * t * cy + t * t * y]);
    }
    [fromX, fromY] = [x, y];
  }
  return points;
}

/** Where a horizontal line crosses an outline, in order. */
function crossings(points: Point[], y: number): number[] {
  const out: number[] = [];
  points.forEach(([x1, y1], i) => {
    const [x2, y2] = points[(i + 1) % points.length] as Point;
    if (y1 <= y !== y2 <= y) {
      out.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
    }
  });
  return out.sort((a, b) => a - b);
}

const channels = (color: string) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));

/** How much of each pixel of a row a shape covers, by four lines of four samples. */
function coverage(points: Point[], row: number, size: number): number[] {
  const samples = 4;
  const out = new Array<number>(size).fill(0);
  for (let line = 0; line < samples; line++) {
    const xs = crossings(points, (row + (line + 0.5) / samples) / size);
    for (let i = 0; i + 1 < xs.length; i += 2) {
      const first = Math.ceil((xs[i] as number) * size * samples - 0.5);
      const last = Math.ceil((xs[i + 1] as number) * size * samples - 0.5);
      for (let at = Math.max(first, 0); at < Math.min(last, size * samples); at++) {
        const pixel = Math.floor(at / samples);
        out[pixel] = (out[pixel] as number) + 1 / (samples * samples);
      }
    }
  }
  return out;
}

function chunk(kind: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(kind, 4, "latin1");
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

/** A square PNG, three channels, the ground to its edges. */
export function iconPng(size: number): Buffer {
  const outlines = shapes.map(outline);
  const rows = Buffer.alloc(size * (1 + size * 3));
  for (let y = 0; y < size; y++) {
    const covers = outlines.map((points) => coverage(points, y, size));
    for (let x = 0; x < size; x++) {
      let pixel = channels(ground);
      shapes.forEach((shape, i) => {
        const share = covers[i]?.[x] ?? 0;
        const over = channels(shape.color);
        pixel = pixel.map((value, c) => value + (((over[c] as number) - value) * share));
      });
      pixel.forEach((value, c) => rows.writeUInt8(Math.round(value), y * (1 + size * 3) + 1 + x * 3 + c));
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

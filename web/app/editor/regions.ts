/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions version 1 (docs/regions.md): what is covered, as the core reads it. */

export type Style = "fill" | "mosaic" | "blur";
export type Point = [number, number];

interface Look {
  unit?: "px" | "pct";
  style?: Style;
  /** "#rrggbb", of a fill. */
  color?: string;
  /** Displayed frames, first and last, from 0. */
  frames?: [number, number];
}

/** The box of a rectangle or of an ellipse; the origin is the top left corner as displayed. */
export interface BoxRegion extends Look {
  shape: "rect" | "ellipse";
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface PolygonRegion extends Look {
  shape: "polygon";
  points: Point[];
}

export interface StrokeRegion extends Look {
  shape: "stroke";
  points: Point[];
  radius: number;
}

export type Region = BoxRegion | PolygonRegion | StrokeRegion;

export interface Regions {
  version: 1;
  regions: Region[];
  /** Everything but the regions is destroyed. */
  invert?: boolean;
}

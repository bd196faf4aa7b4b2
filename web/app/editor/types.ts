/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the editor is given and what it asks for. */
import type { Box } from "../core/types.ts";
import type { Regions, Style } from "./regions.ts";
import type { EditorWords } from "./words.ts";

export const tools = ["brush", "tap", "box", "ellipse", "polygon", "select", "crop"] as const;
export type Tool = (typeof tools)[number];

/** What is needed to round a place outward to what a format can change. */
export interface Grid {
  /** Of the whole picture, as it is seen, before crop. */
  width: number;
  height: number;
  cellWidth: number;
  cellHeight: number;
  /** A place where one cell ends and the next begins: not 0 where a picture is stored flipped. */
  gridX?: number;
  gridY?: number;
}

export interface Picture extends Grid {
  /** Of the image on the stage. */
  url: string;
  /** The part of the whole that the image holds; null: all of it. */
  shows: Box | null;
  /** What the image already has covered. A region that is not among these (by identity) is painted
   *  over the image, so that it hides from the moment that it is drawn. */
  regions: Regions | null;
}

/** Diameter of the brush, in CSS pixels of the screen: who zooms in paints finer. */
export const brushSizes = { least: 8, most: 160, usual: 44 } as const;

/** Places are always those of the whole picture as it is seen, before crop. Who turns
 *  pictures turns the places with them. */
export interface EditorProps {
  picture: Picture;
  regions: Regions;
  selected: number | null;
  crop: Box | null;
  tool: Tool;
  /** Of regions to come. */
  style: Style;
  color: string;
  brush: number;
  /** A new result is being made. */
  busy: boolean;
  words: EditorWords;
  /** A BCP 47 tag, for numbers. */
  locale: string;
  onChange(regions: Regions): void;
  onSelect(index: number | null): void;
  onCrop(crop: Box | null): void;
  onTool(tool: Tool): void;
  onBrush(diameter: number): void;
  onUndo(): void;
  onRedo(): void;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One region on the stage. It is drawn again only when it itself changes: hundreds of them cost nothing while
 * one is dragged. */
import { Component } from "preact";
import { cellRows, cellsArea, cellsOutline, hasCells, type CellRow } from "./cells.ts";
import { regionPath } from "./outline.ts";
import type { Region } from "./regions.ts";
import type { Grid } from "./types.ts";

export interface ShapeProps {
  region: Region;
  index: number;
  label: string;
  grid: Grid;
  /** For references to patterns. */
  id: string;
  selected: boolean;
  /** The Tab key stops here. */
  stop: boolean;
  /** Its outline is shown. */
  marked: boolean;
  /** It is not in the image yet, and painted over it. */
  painted: boolean;
  /** The line around the cells that it covers is shown, and its own is not. */
  cells: boolean;
  onFocus(index: number): void;
}

const compared = ["region", "index", "label", "selected", "stop", "marked", "painted", "cells", "grid"] as const;

export class Shape extends Component<ShapeProps> {
  override shouldComponentUpdate(next: Readonly<ShapeProps>): boolean {
    return compared.some((key) => next[key] !== this.props[key]);
  }

  override render({ region, index, label, grid, id, selected, stop, marked, painted, cells, onFocus }: ShapeProps) {
    return (
      <g
        class="osk-region"
        tabindex={stop ? 0 : -1}
        role="button"
        aria-label={label}
        aria-pressed={selected}
        data-index={index}
        onFocus={() => onFocus(index)}
      >
        {painted ? <Paint region={region} grid={grid} id={id} /> : null}
        {(marked || selected) && !(cells && hasCells(grid)) ? <Edge region={region} /> : null}
        {cells ? <Cells region={region} grid={grid} /> : null}
      </g>
    );
  }
}

function paintOf(region: Region, id: string): string {
  if (region.style === "mosaic") return `url(#${id}-mosaic)`;
  return region.style === "blur" ? "#8b8f94" : (region.color ?? "#000000");
}

interface Covered {
  region: Region;
  grid: Grid;
  /** Its cells, where they are known already. */
  rows?: readonly CellRow[] | undefined;
}

/** Opaque, and as large as what the core will cover: what is drawn hides at once. */
export function Paint({ region, grid, id, rows }: Covered & { id: string }) {
  const paint = paintOf(region, id);
  if (hasCells(grid)) return <path d={cellsArea(rows ?? cellRows(region, grid), grid)} fill={paint} shape-rendering="crispEdges" />;
  return region.shape === "stroke" ? (
    <path class="osk-line" d={regionPath(region)} stroke={paint} stroke-width={2 * region.radius} />
  ) : (
    <path d={regionPath(region)} fill={paint} fill-rule="evenodd" />
  );
}

export function Edge({ region }: { region: Region }) {
  const d = regionPath(region);
  if (region.shape === "stroke") {
    return <path class="osk-line osk-tint" d={d} stroke-width={2 * region.radius} />;
  }
  return (
    <>
      <path class="osk-edge osk-edge-under" d={d} />
      <path class="osk-edge" d={d} />
    </>
  );
}

export function Cells({ region, grid, rows }: Covered) {
  if (!hasCells(grid)) return null;
  const d = cellsOutline(rows ?? cellRows(region, grid), grid);
  return (
    <>
      <path class="osk-cells osk-cells-under" d={d} />
      <path class="osk-cells" d={d} />
    </>
  );
}

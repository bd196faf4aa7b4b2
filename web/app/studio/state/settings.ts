// SPDX-License-Identifier: GPL-3.0-or-later
// How the next region will look, and with what it is drawn.
import { signal } from "@preact/signals";
import type { Regions, Style } from "../../editor/regions.ts";
import type { Tool } from "../../editor/types.ts";

export const tool = signal<Tool>("brush");
export const style = signal<Style>("blur");
export const color = signal("#111111");
/** Diameter of the brush in CSS pixels of the screen. */
export const brush = signal(44);
export const selected = signal<number | null>(null);

/** Who takes another tool to draw with is done with the area that was chosen: its look is no longer meant. */
export function takeTool(next: Tool): void {
  if (next !== tool.value && next !== "select") {
    selected.value = null;
  }
  tool.value = next;
}

/** Undo may have taken away what was selected. */
export function selectedOf({ regions }: Regions): number | null {
  const index = selected.value;
  return index !== null && index < regions.length ? index : null;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes to a list of regions: each makes a new list, and regions that stay are the same objects. */
import { moveBy } from "./geometry.ts";
import type { Region, Regions, Style } from "./regions.ts";

export const noRegions: Regions = { version: 1, regions: [] };

export function add(list: Regions, region: Region): Regions {
  return { ...list, regions: [...list.regions, region] };
}

export function replace(list: Regions, index: number, region: Region): Regions {
  return list.regions[index] === region ? list : { ...list, regions: list.regions.map((old, i) => (i === index ? region : old)) };
}

export function remove(list: Regions, index: number): Regions {
  return { ...list, regions: list.regions.filter((_, i) => i !== index) };
}

/** The copy lies `by` beside the original, and last. */
export function duplicate(list: Regions, index: number, by: number): Regions {
  const region = list.regions[index];
  return region === undefined ? list : add(list, moveBy(region, by, by));
}

/** A colour is kept for fill alone. */
export function restyle(list: Regions, index: number, style: Style, color: string): Regions {
  const region = list.regions[index];
  if (region === undefined || (region.style === style && (style !== "fill" || region.color === color))) return list;
  return replace(list, index, { ...plain(region), ...look(style, color) });
}

export function look(style: Style, color: string): { style: Style; color?: string } {
  return style === "fill" ? { style, color } : { style };
}

function plain(region: Region): Region {
  const { color: _, ...rest } = region;
  return rest;
}

/** Everything but the regions is destroyed. */
export function setInvert(list: Regions, invert: boolean): Regions {
  const { invert: _, ...rest } = list;
  return invert ? { ...rest, invert } : rest;
}

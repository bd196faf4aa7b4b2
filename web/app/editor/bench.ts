/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What pointers and keys work on: the newest state, and how to change it. */
import type { Box } from "../core/types.ts";
import { count, fill } from "../words/speak.ts";
import { cornerOf } from "./corners.ts";
import { bounds } from "./geometry.ts";
import type { Draft, Outcome, Scene } from "./draft.ts";
import type { Region, Regions } from "./regions.ts";
import type { EditorProps } from "./types.ts";
import type { Size, View } from "./view.ts";

export interface Bench {
  props: EditorProps;
  size: Size;
  /** The part of the picture that is shown. */
  frame: Box;
  draft(): Draft | null;
  setDraft(draft: Draft | null): void;
  view(): View;
  /** null: the whole frame. */
  setView(view: View | null): void;
  /** With what was applied since it was drawn. */
  scene(): Scene;
  /** Takes an outcome over, and says what it was. */
  apply(outcome: Outcome): void;
  say(text: string): void;
  focusStage(): void;
}

/** How an outcome sounds; "" for what needs no words. */
export function sayOutcome(outcome: Outcome, before: Regions, { words, locale }: EditorProps): string {
  const { said } = words;
  if (outcome.crop !== undefined) {
    return outcome.crop === null
      ? said.uncropped
      : fill(said.cropped, { ...outcome.crop }, locale);
  }
  if (outcome.regions === undefined) {
    return outcome.draft?.kind === "polygon" && outcome.draft.points.length > 0
      ? count(said.corners, outcome.draft.points.length, locale)
      : "";
  }
  const after = outcome.regions.regions;
  const last = after.at(-1);
  if (after.length > before.regions.length && last !== undefined) {
    const added = fill(said.added, { shape: words.shapes[last.shape] }, locale);
    return `${added} ${count(said.count, after.length, locale)}`;
  }
  const moved = after.find((region, i) => region !== before.regions[i]);
  if (moved === undefined) return "";
  return sayCorner(moved, outcome.corner ?? null, words.said.corner, locale) ?? sayPlace(moved, words.said.placed, locale);
}

/** null where the region has no such corner. */
export function sayCorner(region: Region, corner: number | null, text: string, locale: string): string | null {
  const at = cornerOf(region, corner);
  if (at === null || corner === null || region.shape !== "polygon") return null;
  const values = { n: corner + 1, total: region.points.length, x: Math.round(at[0]), y: Math.round(at[1]) };
  return fill(text, values, locale);
}

function sayPlace(region: Region, text: string, locale: string): string {
  const box = bounds(region);
  const values = {
    x: Math.round(box.x),
    y: Math.round(box.y),
    width: Math.round(box.width),
    height: Math.round(box.height),
  };
  return fill(text, values, locale);
}

export function areaLabels({ regions, words, locale }: EditorProps): string[] {
  return regions.regions.map((region, i) =>
    fill(
      words.area,
      { n: i + 1, shape: words.shapes[region.shape], style: words.styles[region.style ?? "fill"] },
      locale,
    ),
  );
}

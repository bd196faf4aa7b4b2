/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drawing over the image: regions in the picture's pixels, marks in the stage's. */
import { useRef } from "preact/hooks";
import type { Box } from "../core/types.ts";
import { roundOut, whole } from "./box.ts";
import { hasCells, type StrokeRows, strokeRows } from "./cells.ts";
import type { Draft, Scene } from "./draft.ts";
import { regionOf } from "./draft.ts";
import { bounds } from "./geometry.ts";
import { BoxMark, BrushMark, CornerMarks, CropShade, OutlineMarks } from "./Marks.tsx";
import { regionPath } from "./outline.ts";
import type { Point, Region, Regions } from "./regions.ts";
import { Cells, Edge, Paint, Shape } from "./Shape.tsx";
import { boxToStage, type Size, type View } from "./view.ts";

export interface OverlayProps {
  id: string;
  size: Size;
  view: View;
  scene: Scene;
  draft: Draft | null;
  /** What the image has covered. */
  covered: Regions | null;
  /** Where the brush is, on the stage. */
  brush: Point | null;
  diameter: number;
  labels: readonly string[];
  onFocus(index: number): void;
}

export function Overlay(props: OverlayProps) {
  const { id, size, view, scene, draft } = props;
  const inverted = scene.regions.invert === true;
  const place = `translate(${view.x} ${view.y}) scale(${view.scale})`;
  const live = draft === null ? null : regionOf(draft, scene);
  return (
    <svg class="osk-overlay" width={size.width} height={size.height} focusable="false">
      <defs>
        <pattern
          id={`${id}-mosaic`}
          patternUnits="userSpaceOnUse"
          width="16"
          height="16"
          patternTransform={`scale(${1 / view.scale})`}
        >
          <path d="M0 0h16v16H0z" fill="#7d8288" />
          <path d="M0 0h8v8H0zM8 8h8v8H8z" fill="#9a9fa5" />
        </pattern>
      </defs>
      <g id={`${id}-art`}>
        <g transform={place}>
          {inverted ? <Surroundings {...props} live={live} /> : null}
          <Shapes {...props} />
          {live !== null && draft?.kind !== "change" ? <Live {...props} region={live} /> : null}
        </g>
        <Marks {...props} />
      </g>
    </svg>
  );
}

function Shapes({ id, scene, draft, covered, labels, onFocus }: OverlayProps) {
  const done = new Set<Region>(covered?.regions);
  const inverted = scene.regions.invert === true;
  // One stop of the Tab key for all of them: keys go from one to another.
  const stop = scene.selected ?? 0;
  const isChosen = (index: number) => scene.tool !== "crop" && scene.selected === index;
  return (
    <>
      {scene.regions.regions.map((region, index) => {
        const changed = draft?.kind === "change" && draft.index === index;
        const now = changed ? draft.now : region;
        const pending = !done.has(now);
        return (
          <Shape
            key={index}
            id={id}
            index={index}
            region={now}
            label={labels[index] ?? ""}
            grid={scene.grid}
            selected={isChosen(index)}
            stop={index === stop}
            marked={scene.tool === "select" || inverted}
            painted={pending && !inverted}
            cells={!inverted && isChosen(index)}
            onFocus={onFocus}
          />
        );
      })}
    </>
  );
}

/** A region while it is drawn, as large as the core will cover it. */
function Live({ id, scene, region }: OverlayProps & { region: Region }) {
  const inverted = scene.regions.invert === true;
  const before = useRef<StrokeRows | null>(null);
  const stroke = region.shape === "stroke" && hasCells(scene.grid) && !inverted ? region : null;
  before.current = stroke === null ? null : strokeRows(stroke, scene.grid, before.current);
  const rows = before.current?.rows;
  return (
    <g class="osk-live">
      {inverted ? null : <Paint region={region} grid={scene.grid} id={id} rows={rows} />}
      {inverted || region.shape !== "stroke" ? <Edge region={region} /> : null}
      {inverted ? null : <Cells region={region} grid={scene.grid} rows={rows} />}
    </g>
  );
}

/** Everything but the regions, until the image has it covered. */
function Surroundings({ id, scene, covered, draft, live }: OverlayProps & { live: Region | null }) {
  const { regions } = scene.regions;
  const done = covered?.invert === true && covered.regions.length === regions.length;
  if (live === null && done && regions.every((region, i) => region === covered.regions[i])) return null;
  const kept = draft?.kind === "change" ? regions.map((region, i) => (i === draft.index ? draft.now : region)) : regions;
  const all = live === null || draft?.kind === "change" ? kept : [...kept, live];
  // Without an area there is nothing to keep yet, and nothing is asked of the core.
  if (all.length === 0) return null;
  const { width, height } = scene.grid;
  return (
    <>
      <mask id={`${id}-kept`} maskUnits="userSpaceOnUse" x="0" y="0" width={width} height={height}>
        <path d={`M0 0h${width}v${height}H0z`} fill="#fff" />
        {all.map((region, i) =>
          region.shape === "stroke" ? (
            <path key={i} class="osk-line" d={regionPath(region)} stroke="#000" stroke-width={2 * region.radius} />
          ) : (
            <path key={i} d={regionPath(region)} fill="#000" fill-rule="evenodd" />
          ),
        )}
      </mask>
      <path d={`M0 0h${width}v${height}H0z`} fill="#000" mask={`url(#${id}-kept)`} />
    </>
  );
}

const withHandles = new Set(["select", "box", "ellipse"]);
const withCorners = new Set([...withHandles, "polygon"]);

/** Whether an outline that is chosen can be pulled by its corners now. */
export const showsCorners = (scene: Scene, draft: Draft | null): boolean =>
  withCorners.has(scene.tool) && (draft === null || draft.kind === "change");

function Marks({ scene, draft, view, brush, diameter }: OverlayProps) {
  if (scene.tool === "crop") return <Crop scene={scene} draft={draft} view={view} />;
  const region = scene.selected === null ? undefined : scene.regions.regions[scene.selected];
  const chosen = draft?.kind === "change" ? draft.now : region;
  const corners = chosen?.shape === "polygon" && showsCorners(scene, draft) ? chosen : null;
  const held = draft?.kind === "change" && typeof draft.grip === "number" ? draft.grip : null;
  return (
    <>
      {chosen === undefined || corners !== null || (draft !== null && draft.kind !== "change") ? null : (
        <BoxMark box={boxToStage(view, bounds(chosen))} withHandles={withHandles.has(scene.tool)} />
      )}
      {corners === null ? null : <OutlineMarks outline={corners} corner={held ?? scene.corner} view={view} />}
      {draft?.kind === "polygon" ? <CornerMarks points={draft.points} at={draft.at} view={view} /> : null}
      {brush === null ? null : <BrushMark at={brush} diameter={diameter} />}
    </>
  );
}

function Crop({ scene, draft, view }: Pick<OverlayProps, "scene" | "draft" | "view">) {
  const frame = whole(scene.grid);
  const crop: Box = draft?.kind === "crop" ? draft.now : (scene.crop ?? frame);
  const rounded = boxToStage(view, roundOut(crop, scene.grid));
  return (
    <>
      <CropShade crop={rounded} outer={boxToStage(view, frame)} />
      <BoxMark box={boxToStage(view, crop)} withHandles />
    </>
  );
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is drawn over everything in the stage's own pixels: boxes, handles, the brush. */
import type { Box } from "../core/types.ts";
import { handlePoint, handlesOf } from "./handles.ts";
import { edgeMiddles } from "./corners.ts";
import type { Point, PolygonRegion } from "./regions.ts";
import { linePath } from "./outline.ts";
import { toStage, type View } from "./view.ts";

/** Half of 44 CSS pixels. */
export const reach = 22;

export function BoxMark({ box, withHandles }: { box: Box; withHandles: boolean }) {
  return (
    <g class="osk-mark">
      <rect class="osk-frame osk-edge-under" x={box.x} y={box.y} width={box.width} height={box.height} />
      <rect class="osk-frame osk-frame-over" x={box.x} y={box.y} width={box.width} height={box.height} />
      {withHandles
        ? handlesOf(box, reach).map((handle) => {
            const [x, y] = handlePoint(box, handle);
            return <circle key={handle.name} class="osk-handle" cx={x} cy={y} r="7" />;
          })
        : null}
    </g>
  );
}

export function BrushMark({ at, diameter }: { at: Point; diameter: number }) {
  return (
    <g class="osk-brush">
      <circle class="osk-edge-under" cx={at[0]} cy={at[1]} r={diameter / 2} />
      <circle class="osk-brush-over" cx={at[0]} cy={at[1]} r={diameter / 2} />
    </g>
  );
}

/** An outline that is not closed yet. */
export function CornerMarks({ points, at, view }: { points: readonly Point[]; at: Point | null; view: View }) {
  const spots = points.map((point) => toStage(view, point));
  const next = at === null ? null : toStage(view, at);
  const line = linePath(next === null ? spots : [...spots, next]);
  return (
    <g>
      <path class="osk-edge osk-edge-under" d={line} />
      <path class="osk-edge" d={line} />
      {spots.map(([x, y], i) => (
        <circle key={i} class={i === 0 ? "osk-handle osk-first" : "osk-handle"} cx={x} cy={y} r={i === 0 ? 9 : 5} />
      ))}
      {next === null ? null : <circle class="osk-handle osk-next" cx={next[0]} cy={next[1]} r="6" />}
    </g>
  );
}

/** The corners of an outline that is chosen, and where new ones can be drawn out of it. */
export function OutlineMarks({ outline, corner, view }: { outline: PolygonRegion; corner: number | null; view: View }) {
  const line = `${linePath(outline.points.map((point) => toStage(view, point)))}Z`;
  return (
    <g>
      <path class="osk-edge osk-edge-under" d={line} />
      <path class="osk-edge" d={line} />
      {edgeMiddles(outline, reach / view.scale).map(({ index, at }) => {
        const [x, y] = toStage(view, at);
        return <circle key={index} class="osk-handle osk-next" cx={x} cy={y} r="5" />;
      })}
      {outline.points.map((point, i) => {
        const [x, y] = toStage(view, point);
        return <circle key={i} class={i === corner ? "osk-handle osk-first" : "osk-handle"} cx={x} cy={y} r={i === corner ? 9 : 7} />;
      })}
    </g>
  );
}

/** What a crop cuts away is darkened. */
export function CropShade({ crop, outer }: { crop: Box; outer: Box }) {
  const ring = (box: Box) => `M${box.x} ${box.y}h${box.width}v${box.height}h${-box.width}Z`;
  return <path class="osk-shade" fill-rule="evenodd" d={ring(outer) + ring(crop)} />;
}

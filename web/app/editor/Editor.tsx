/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture, and what is drawn on it to be covered. */
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { count, fill } from "../words/speak.ts";
import { areaLabels, type Bench, sayOutcome } from "./bench.ts";
import { whole } from "./box.ts";
import { OutlineBar, RegionBar, ZoomButtons } from "./Controls.tsx";
import { close, type Draft, type Scene } from "./draft.ts";
import "./editor.css";
import { bounds } from "./geometry.ts";
import { reach } from "./Marks.tsx";
import { Overlay } from "./Overlay.tsx";
import type { Point } from "./regions.ts";
import type { EditorProps } from "./types.ts";
import { copy, erase, useKeys, zoom } from "./useKeys.ts";
import { usePointers } from "./usePointers.ts";
import { useWheel } from "./useWheel.ts";
import { type Shown, useSame, useShown, useSize } from "./useStage.ts";
import { boxToStage, fitView, settleView, type View } from "./view.ts";

/** How long a brush of another size is shown in the middle. */
const previewMs = 900;

export function Editor(props: EditorProps) {
  const { regions, selected, tool, words, locale } = props;
  const picture = useSame(props.picture);
  const id = useId();
  const stage = useRef<HTMLDivElement>(null);
  const size = useSize(stage);
  const { picture: shown, image } = useShown(picture);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [view, setView] = useState<View | null>(null);
  const [spoken, say] = useState("");
  const [hover, setHover] = useState<{ at: Point | null; cursor: string }>({ at: null, cursor: "" });
  const space = useRef(false);

  const frame = tool === "crop" ? whole(picture) : (shown.shows ?? whole(picture));
  const settled = view === null ? fitView(frame, size) : settleView(view, frame, size);
  const scene: Scene = {
    tool,
    regions,
    selected,
    crop: props.crop,
    grid: picture,
    style: props.style,
    color: props.color,
    radius: props.brush / 2 / settled.scale,
    reach: reach / settled.scale,
  };

  // Several events may come before the next drawing: they work on this, not on what was drawn.
  const latest = useRef({ draft, view: settled, scene });
  latest.current = { draft, view: settled, scene };
  const bench = useRef<Bench>(null);
  bench.current = {
    props,
    size,
    frame,
    say,
    draft: () => latest.current.draft,
    setDraft: (next) => {
      latest.current.draft = next;
      setDraft(next);
    },
    view: () => latest.current.view,
    setView: (next) => {
      latest.current.view = next ?? fitView(frame, size);
      setView(next);
    },
    scene: () => latest.current.scene,
    apply: (outcome) => {
      bench.current?.setDraft(outcome.draft);
      if (outcome.crop !== undefined) props.onCrop(outcome.crop);
      if (outcome.regions !== undefined) props.onChange(outcome.regions);
      if (outcome.selected !== undefined && outcome.selected !== selected) props.onSelect(outcome.selected);
      const text = sayOutcome(outcome, regions, props);
      if (text !== "") say(text);
    },
    focusStage: () => stage.current?.focus({ preventScroll: true }),
  };

  const keys = useKeys(bench, space);
  const pointers = usePointers(bench, space, (at, cursor) => setHover({ at, cursor }));
  useWheel(stage, bench);
  useFocusOfChoice(stage, selected);
  const preview = usePreview(props.brush, tool);
  // Another picture, or one that was turned or cut, is seen whole.
  useLayoutEffect(() => setView(null), [picture.width, picture.height, frame.width, frame.height]);
  useLayoutEffect(() => bench.current?.setDraft(null), [tool]);

  const labels = useMemo(() => areaLabels(props), [regions, words, locale]);
  const keeps = regions.invert === true && tool !== "select" && tool !== "crop";
  const paints = tool === "brush" || tool === "tap";
  const middle: Point = [size.width / 2, size.height / 2];
  const chosen = selected === null || draft !== null || tool === "crop" ? undefined : regions.regions[selected];
  const total = count(words.said.count, regions.regions.length, locale);
  return (
    <div class="osk-editor">
      <div class="osk-field">
        <div
          ref={stage}
          class="osk-stage"
          role="application"
          tabIndex={0}
          aria-label={fill(words.stage, { width: picture.width, height: picture.height, count: total }, locale)}
          aria-describedby={`${id}-hint ${id}-keys`}
          aria-busy={props.busy}
          data-cursor={hover.cursor}
          {...pointers}
          onKeyDown={keys.onKeyDown}
          onKeyUp={keys.onKeyUp}
          onFocusOut={keys.onBlur}
        >
          <Still picture={shown} image={image} view={settled} />
          {size.width > 0 ? (
            <Overlay
              id={id}
              size={size}
              view={settled}
              scene={scene}
              draft={draft}
              covered={shown.regions}
              brush={paints ? (hover.at ?? (preview ? middle : null)) : null}
              diameter={props.brush}
              labels={labels}
              onFocus={props.onSelect}
            />
          ) : null}
        </div>
        <p class="osk-keys" id={`${id}-keys`}>
          {words.keys}
        </p>
        {chosen === undefined || paints ? null : (
          <RegionBar
            words={words}
            box={boxToStage(settled, bounds(chosen))}
            stage={size}
            onDuplicate={() => act(bench.current, copy)}
            onRemove={() => act(bench.current, erase)}
          />
        )}
        {draft?.kind === "polygon" && draft.points.length > 0 ? (
          <OutlineBar
            words={words}
            onCancel={() => bench.current?.setDraft(null)}
            onFinish={() => bench.current?.apply(close(draft, scene))}
          />
        ) : null}
      </div>
      <div class="osk-foot">
        <p class="osk-hint" id={`${id}-hint`}>
          {words.hints[keeps ? "keep" : tool]}
        </p>
        <ZoomButtons
          words={words}
          onZoom={(by) => act(bench.current, (now) => zoom(now, { do: "zoom", by }))}
          onFit={() => act(bench.current, (now) => zoom(now, { do: "fit" }))}
        />
      </div>
      <p class="osk-unseen" role="status">
        {spoken}
      </p>
    </div>
  );
}

function act(bench: Bench | null, command: (bench: Bench) => boolean) {
  if (bench !== null) command(bench);
}

/** The image itself: the bytes that Save saves. The element is the one that was decoded, so that no blank
 *  stands between two results. */
function Still({ picture, image, view }: Shown & { view: View }) {
  const holder = useRef<HTMLDivElement>(null);
  const shows = picture.shows ?? whole(picture);
  const [x, y] = [shows.x * view.scale + view.x, shows.y * view.scale + view.y];
  useLayoutEffect(() => {
    image.width = shows.width;
    image.height = shows.height;
    image.classList.toggle("osk-large", view.scale >= 4);
    image.style.transform = `translate(${x}px, ${y}px) scale(${view.scale})`;
    if (image.parentNode !== holder.current) holder.current?.replaceChildren(image);
  });
  return <div ref={holder} />;
}

/** What is chosen has the focus, if the stage had it: so that keys and screen readers follow the hand. */
function useFocusOfChoice(stage: { current: HTMLDivElement | null }, selected: number | null) {
  useEffect(() => {
    const target = stage.current;
    if (selected === null || target === null || !target.contains(document.activeElement)) return;
    const shape = target.querySelector(`[data-index="${selected}"]`);
    if (shape instanceof SVGElement && shape !== document.activeElement) shape.focus({ preventScroll: true });
  }, [selected]);
}

/** Whether the brush has just got another size. */
function usePreview(brush: number, tool: string): boolean {
  const [on, setOn] = useState(false);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    setOn(true);
    const timer = window.setTimeout(() => setOn(false), previewMs);
    return () => window.clearTimeout(timer);
  }, [brush, tool]);
  return on;
}


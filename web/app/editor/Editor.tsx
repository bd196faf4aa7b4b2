/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture, and what is drawn on it to be covered. */
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { count, fill } from "../words/speak.ts";
import { areaLabels, type Bench, sayOutcome } from "./bench.ts";
import { cornerOf } from "./corners.ts";
import { whole } from "./box.ts";
import { OutlineBar, RegionBar, ZoomButtons } from "./Controls.tsx";
import { Loupe } from "./Loupe.tsx";
import { close, type Draft, type Scene } from "./draft.ts";
import "./editor.css";
import { bounds } from "./geometry.ts";
import { reach } from "./Marks.tsx";
import { Overlay, showsCorners } from "./Overlay.tsx";
import type { Point } from "./regions.ts";
import type { EditorProps } from "./types.ts";
import { addToOutline, copy, erase, eraseCorner, useKeys, zoom } from "./useKeys.ts";
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
  const [spoken, say] = useSpoken();
  const [hover, setHover] = useState<Hover>({ at: null, cursor: "", finger: false });
  const [pickedCorner, setCorner] = useState<number | null>(null);
  const space = useRef(false);

  const frame = tool === "crop" ? whole(picture) : (shown.shows ?? whole(picture));
  const settled = view === null ? fitView(frame, size) : settleView(view, frame, size);
  const region = selected === null ? undefined : regions.regions[selected];
  const corner = cornerOf(region, pickedCorner) === null ? null : pickedCorner;
  const scene: Scene = {
    tool,
    regions,
    selected,
    corner,
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
      const before = latest.current.scene;
      const { draft: next, ...changes } = outcome;
      bench.current?.setDraft(next);
      latest.current.scene = { ...before, ...changes };
      if (outcome.crop !== undefined) props.onCrop(outcome.crop);
      if (outcome.regions !== undefined) props.onChange(outcome.regions);
      if (outcome.selected !== undefined && outcome.selected !== before.selected) props.onSelect(outcome.selected);
      if (outcome.corner !== undefined) setCorner(outcome.corner);
      const text = sayOutcome(outcome, before.regions, props);
      if (text !== "") say(text);
    },
    focusStage: () => stage.current?.focus({ preventScroll: true }),
  };

  const keys = useKeys(bench, space);
  const pointers = usePointers(bench, space, (at, cursor, finger = false) =>
    setHover({ at, cursor, finger }),
  );
  useWheel(stage, bench);
  useFocusOfChoice(stage, selected);
  const preview = usePreview(props.brush, tool);
  // Another picture, or one that was turned or cut, is seen whole.
  useLayoutEffect(() => setView(null), [picture.width, picture.height, frame.width, frame.height]);
  useLayoutEffect(() => bench.current?.setDraft(null), [tool]);
  useLayoutEffect(() => setCorner(null), [tool, selected]);

  const labels = useMemo(() => areaLabels(props), [regions, words, locale]);
  const keeps = regions.invert === true && tool !== "select" && tool !== "crop";
  const paints = tool === "brush" || tool === "tap";
  const middle: Point = [size.width / 2, size.height / 2];
  const chosen = draft !== null || tool === "crop" ? undefined : region;
  const corners = region?.shape === "polygon" && showsCorners(scene, draft);
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
            outline={chosen.shape === "polygon" && corner !== null}
            onAddCorner={() => act(bench.current, addToOutline)}
            onRemoveCorner={() => act(bench.current, eraseCorner)}
            onDuplicate={() => act(bench.current, copy)}
            onRemove={() => act(bench.current, erase)}
          />
        )}
        {hover.finger && hover.at !== null && draft !== null ? (
          <Loupe art={`${id}-art`} at={hover.at} size={size} picture={shown} view={settled} />
        ) : null}
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
          {words.hints[corners ? "corners" : keeps ? "keep" : tool]}
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

/** Where the pointer is on the stage; `finger`: it hides what is there. */
interface Hover {
  at: Point | null;
  cursor: string;
  finger: boolean;
}

/** What was said last. Said twice, a text is another one: else nobody would hear it again. */
function useSpoken(): [string, (text: string) => void] {
  const [spoken, setSpoken] = useState("");
  return [spoken, (text) => setSpoken((before) => (before === text ? `${text}\u00a0` : text))];
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
  // Before the next key comes: it would be told of the focus of before.
  useLayoutEffect(() => {
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


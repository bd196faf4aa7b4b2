/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fingers, pens and the mouse: one draws, two zoom and move the picture. */
import { useRef } from "preact/hooks";
import type { RefObject } from "preact";
import type { Bench } from "./bench.ts";
import { holds } from "./box.ts";
import { type Draft, drag, press, release } from "./draft.ts";
import { bounds, regionAt } from "./geometry.ts";
import { cornerAt } from "./corners.ts";
import { handleAt } from "./handles.ts";
import type { Point } from "./regions.ts";
import { fitScale, fullScale, panBy, pinch, toPicture, type View, zoomAt } from "./view.ts";

type Gesture =
  | { kind: "none" }
  /** `from` on the stage. `moved`: it was no tap. */
  | { kind: "draw"; id: number; from: Point; moved: boolean }
  | { kind: "pan"; id: number; last: Point; moved: boolean }
  | { kind: "pinch"; ids: [number, number]; from: [Point, Point]; view: View }
  /** Until all fingers are up. */
  | { kind: "spent" };

/** CSS pixels that a tap may wander. */
const tapSlack = 4;
const doubleTap = { ms: 320, apart: 24 };

export interface PointerHandlers {
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
  onPointerUp(event: PointerEvent): void;
  onPointerCancel(event: PointerEvent): void;
  onPointerLeave(event: PointerEvent): void;
  onLostPointerCapture(event: PointerEvent): void;
  onContextMenu(event: MouseEvent): void;
}

/** @param onHover where the pointer is on the stage; null: it is not on it. `finger`: it hides that place. */
export function usePointers(
  bench: RefObject<Bench | null>,
  space: RefObject<boolean>,
  onHover: (at: Point | null, cursor: string, finger?: boolean) => void,
): PointerHandlers {
  const contacts = useRef(new Map<number, Point>());
  const gesture = useRef<Gesture>({ kind: "none" });
  const kind = useRef("");
  const lastTap = useRef<{ at: Point; time: number }>({ at: [0, 0], time: 0 });

  const spot = (event: PointerEvent | MouseEvent): Point => {
    const target = event.currentTarget;
    if (!(target instanceof Element)) return [0, 0];
    const box = target.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  const startPinch = (now: Bench) => {
    const [first, second] = [...contacts.current];
    if (first === undefined || second === undefined) return;
    const draft = now.draft();
    now.setDraft(draft?.kind === "polygon" ? { ...draft, at: null } : null);
    onHover(null, "");
    gesture.current = { kind: "pinch", ids: [first[0], second[0]], from: [first[1], second[1]], view: now.view() };
  };

  const onPointerDown = (event: PointerEvent) => {
    const now = bench.current;
    if (now === null || (event.button !== 0 && event.button !== 1)) return;
    const at = spot(event);
    if (event.isPrimary) {
      // A palm beside the pen that draws is not a second finger.
      if (contacts.current.size > 0 && kind.current === "pen" && event.pointerType === "touch") return;
      // The first of its kind: whatever else seems to be held was lost by the browser.
      contacts.current.clear();
      kind.current = event.pointerType;
    }
    contacts.current.set(event.pointerId, at);
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
    if (contacts.current.size === 2) return startPinch(now);
    if (contacts.current.size > 2) return;
    if (event.button === 1 || space.current === true) {
      event.preventDefault();
      gesture.current = { kind: "pan", id: event.pointerId, last: at, moved: false };
      return onHover(null, "grabbing");
    }
    gesture.current = { kind: "draw", id: event.pointerId, from: at, moved: false };
    now.setDraft(press(now.scene(), toPicture(now.view(), at), now.draft()));
    hover(now, at);
  };

  const onPointerMove = (event: PointerEvent) => {
    const now = bench.current;
    if (now === null) return;
    const at = spot(event);
    const held = gesture.current;
    if (!contacts.current.has(event.pointerId)) {
      if (held.kind === "none" && event.pointerType !== "touch") idle(now, at);
      return;
    }
    contacts.current.set(event.pointerId, at);
    if (held.kind === "pinch") {
      const [a, b] = [contacts.current.get(held.ids[0]), contacts.current.get(held.ids[1])];
      if (a !== undefined && b !== undefined) {
        now.setView(pinch(held.view, held.from, [a, b], now.frame, now.size));
      }
    } else if (held.kind === "pan" && held.id === event.pointerId) {
      now.setView(panBy(now.view(), at[0] - held.last[0], at[1] - held.last[1], now.frame, now.size));
      gesture.current = { ...held, last: at, moved: true };
    } else if (held.kind === "draw" && held.id === event.pointerId) {
      draw(now, held, event, at);
    }
  };

  const draw = (now: Bench, held: Gesture & { kind: "draw" }, event: PointerEvent, at: Point) => {
    const draft = now.draft();
    if (draft === null) return;
    const far = Math.hypot(at[0] - held.from[0], at[1] - held.from[1]) > tapSlack;
    if (!held.moved && !far && draft.kind !== "stroke") return;
    if (!held.moved && far) gesture.current = { ...held, moved: true };
    if (draft.kind === "pan") {
      now.setDraft(null);
      gesture.current = { kind: "pan", id: held.id, last: held.from, moved: true };
      return onPointerMove(event);
    }
    const view = now.view();
    const scene = now.scene();
    const shift = spot(event);
    // Between two frames a fast hand passes many places; a stroke goes through all of them.
    const passed = draft.kind === "stroke" ? (event.getCoalescedEvents?.() ?? []) : [];
    let next: Draft = draft;
    for (const one of passed) {
      const place: Point = [one.clientX - event.clientX + shift[0], one.clientY - event.clientY + shift[1]];
      next = drag(next, toPicture(view, place), scene);
    }
    next = drag(next, toPicture(view, at), scene, event.shiftKey);
    now.setDraft(next);
    hover(now, at);
  };

  const onPointerUp = (event: PointerEvent) => {
    const now = bench.current;
    const held = gesture.current;
    const at = spot(event);
    contacts.current.delete(event.pointerId);
    if (now === null) return;
    if (held.kind === "draw" && held.id === event.pointerId) {
      gesture.current = { kind: "none" };
      const draft = now.draft();
      if (draft !== null) {
        now.apply(release(draft, now.scene()));
        if (!held.moved) tapped(now, at, event.timeStamp);
      }
    } else if (held.kind === "pan" && held.id === event.pointerId) {
      gesture.current = { kind: "none" };
    } else if (held.kind === "pinch" || held.kind === "spent") {
      gesture.current = contacts.current.size === 0 ? { kind: "none" } : { kind: "spent" };
    }
    if (event.pointerType === "touch") onHover(null, "");
    else idle(now, at);
  };

  /** Two taps in one place, while nothing is drawn by taps: nearer, or the whole again. */
  const tapped = (now: Bench, at: Point, time: number) => {
    const { at: before, time: then } = lastTap.current;
    const twice = time - then < doubleTap.ms && Math.hypot(at[0] - before[0], at[1] - before[1]) < doubleTap.apart;
    lastTap.current = { at, time: twice ? 0 : time };
    if (!twice || now.props.tool !== "select") return;
    const fit = fitScale(now.frame, now.size);
    const near = Math.max(fullScale(window.devicePixelRatio), fit * 3);
    const { scale } = now.view();
    now.setView(scale > fit * 1.2 ? null : zoomAt(now.view(), near / scale, at, now.frame, now.size));
  };

  const onPointerCancel = (event: PointerEvent) => {
    contacts.current.delete(event.pointerId);
    const draft = bench.current?.draft() ?? null;
    bench.current?.setDraft(draft?.kind === "polygon" ? { ...draft, at: null } : null);
    gesture.current = contacts.current.size === 0 ? { kind: "none" } : { kind: "spent" };
    onHover(null, "");
  };

  /** The pointer is over the stage and not pressed. */
  const idle = (now: Bench, at: Point) => {
    const draft = now.draft();
    if (draft?.kind === "polygon") now.setDraft({ ...draft, at: toPicture(now.view(), at) });
    hover(now, at);
  };

  const hover = (now: Bench, at: Point) => onHover(at, cursorAt(now, toPicture(now.view(), at)), kind.current === "touch");

  return {
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel,
    onPointerLeave: () => {
      if (gesture.current.kind === "none") onHover(null, "");
    },
    onLostPointerCapture: (event) => {
      if (contacts.current.has(event.pointerId)) onPointerCancel(event);
    },
    onContextMenu: (event) => {
      if (gesture.current.kind !== "none") event.preventDefault();
    },
  };
}

/** The name of the cursor, as the style sheet has it; "" for the usual cross. */
function cursorAt(now: Bench, at: Point): string {
  const scene = now.scene();
  if (scene.tool === "brush" || scene.tool === "tap") return "none";
  if (scene.tool === "crop") {
    const box = scene.crop ?? { x: 0, y: 0, width: scene.grid.width, height: scene.grid.height };
    const handle = handleAt(box, at, scene.reach);
    return handle?.name ?? (scene.crop !== null && holds(box, at) ? "move" : "");
  }
  const region = scene.selected === null ? undefined : scene.regions.regions[scene.selected];
  if (region?.shape === "polygon" && now.draft()?.kind !== "polygon") {
    const corner = cornerAt(region, at, scene.reach);
    if (corner !== null) return corner.added ? "copy" : "move";
  }
  if (scene.tool === "polygon") return "";
  if (region !== undefined) {
    const box = bounds(region);
    const handle = region.shape === "polygon" ? null : handleAt(box, at, scene.reach);
    if (handle !== null) return handle.name;
    if (holds(box, at)) return "move";
  }
  if (scene.tool !== "select") return "";
  return regionAt(scene.regions.regions, at, scene.reach / 4) === null ? "grab" : "move";
}

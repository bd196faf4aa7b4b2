/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wheels and touch pads. Preact's handlers can't stop the page from scrolling: this listener can. */
import { useEffect } from "preact/hooks";
import type { RefObject } from "preact";
import type { Bench } from "./bench.ts";
import type { Point } from "./regions.ts";
import { panBy, wheelFactor, wheelPan, wheelZooms, zoomAt } from "./view.ts";

/** Steps that come sooner after another belong to one scroll. */
const scrollMs = 200;

/** Zooms at the pointer or moves the picture. Where nothing is left to do, the page scrolls. */
export function useWheel(stage: RefObject<HTMLElement | null>, bench: RefObject<Bench | null>) {
  useEffect(() => {
    const target = stage.current;
    if (target === null) return;
    let last = -Infinity;
    let zooms = false;
    const onWheel = (event: WheelEvent) => {
      const now = bench.current;
      if (now === null) return;
      if (event.timeStamp - last > scrollMs || event.ctrlKey) zooms = wheelZooms(event);
      last = event.timeStamp;
      const { left, top } = target.getBoundingClientRect();
      const at: Point = [event.clientX - left, event.clientY - top];
      const view = now.view();
      const next = zooms
        ? zoomAt(view, wheelFactor(event), at, now.frame, now.size)
        : panBy(view, ...wheelPan(event), now.frame, now.size);
      const same = next.scale === view.scale && next.x === view.x && next.y === view.y;
      if (same && !event.ctrlKey) return;
      event.preventDefault();
      now.setView(next);
    };
    target.addEventListener("wheel", onWheel, { passive: false });
    return () => target.removeEventListener("wheel", onWheel);
  }, [stage, bench]);
}

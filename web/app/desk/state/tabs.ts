// SPDX-License-Identifier: GPL-3.0-or-later
// The page ends by itself: when nobody was there for half an hour, when somebody signs out in another tab, when it is left.
import { end, endIdle, me, recall, useTabs } from "./session.ts";

/** As long as the server keeps a session that is left alone. */
const IDLE_MS = 30 * 60_000;
const LOOK_MS = 10_000;
/** A tab that slept hears first what the others said meanwhile. */
const HEAR_MS = 500;

/** What tabs of one browser say to each other: somebody is there, has signed out, or the session is over. Nothing of it is kept. */
type Said = "there" | "out" | "over";

let usedAt = Date.now();
let saidAt = 0;

const isLeft = (): boolean => Boolean(me.peek()) && Date.now() - usedAt >= IDLE_MS;

function look(): void {
  if (isLeft()) {
    setTimeout(() => {
      if (isLeft()) {
        void endIdle();
      }
    }, HEAR_MS);
  }
}

function use(tabs: BroadcastChannel): void {
  if (isLeft()) {
    /* Who comes back too late does not go on. */
    look();
    return;
  }
  usedAt = Date.now();
  if (me.peek() && usedAt - saidAt >= LOOK_MS) {
    saidAt = usedAt;
    tabs.postMessage("there" satisfies Said);
  }
}

function hear(said: Said): void {
  if (said === "there") {
    usedAt = Date.now();
  } else if (me.peek()) {
    end(said === "out");
  }
}

/** Begins to look; once. */
export function watchTabs(): void {
  const tabs = new BroadcastChannel("oilskin-desk");
  tabs.addEventListener("message", ({ data }: MessageEvent<Said>) => hear(data));
  useTabs((isSignOut) => tabs.postMessage((isSignOut ? "out" : "over") satisfies Said));
  me.subscribe(() => {
    usedAt = Date.now();
  });
  for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    addEventListener(name, () => use(tabs), { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_MS);
  /* A browser may keep a page that was left, to show it again as it was. */
  addEventListener("pagehide", () => end(false));
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) {
      void recall();
    }
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What is done about what is public: one thing at a time, said when it is done, with the way back where there is one.
import { signal } from "@preact/signals";
import { changePublication, getSource, type Publication } from "../api/publish.ts";
import { faultText } from "../fault_text.ts";
import { go } from "../route.ts";
import { words } from "../speech.ts";
import { type Notice, notice } from "./notice.ts";
import { mayPublish, me } from "./session.ts";

export const telling = signal(false);

/** null: it did not work, which was said; or something else is on its way. What `onFault` takes is not said. */
export async function tell<T>(what: () => Promise<T>, said: (done: T) => Notice | null, onFault: (cause: unknown) => boolean = () => false): Promise<T | null> {
  const mine = me.peek()?.id;
  if (telling.peek() || mine === undefined) {
    return null;
  }
  telling.value = true;
  try {
    const done = await what();
    /* What ends behind a session is not told to the next one. */
    if (me.peek()?.id === mine) {
      notice.value = said(done);
    }
    return done;
  } catch (cause) {
    if (me.peek()?.id === mine && !onFault(cause)) {
      notice.value = { text: faultText(cause), bad: true };
    }
    return null;
  } finally {
    telling.value = false;
  }
}

/** To what a copy was made of, where another one is made; or says that it is gone. */
export async function toSource(publication: string): Promise<void> {
  const found = await tell(
    async () => ({ submission: await getSource(publication) }),
    ({ submission }) => (submission === null ? { text: words().published.sourceGone, bad: true } : null),
  );
  if (found !== null && found.submission !== null) {
    go("submissions", found.submission);
  }
}

/** Out of sight, or back: what one does the other undoes, for whoever may. */
export async function setHidden(publication: string, isHidden: boolean, put: (changed: Publication) => void): Promise<boolean> {
  const { published } = words();
  const changed = await tell(
    () => changePublication({ publication, state: isHidden ? "hide" : "show" }),
    ({ state }) => ({
      text: isHidden ? published.hideDone : state === "waiting" ? published.showWaits : published.showDone,
      ...(!isHidden || mayPublish() ? { back: () => void setHidden(publication, !isHidden, put) } : {}),
    }),
  );
  if (changed !== null) {
    put(changed);
  }
  return changed !== null;
}

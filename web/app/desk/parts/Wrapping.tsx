// SPDX-License-Identifier: GPL-3.0-or-later
// Gives what came before to the keys of today, for those who came since, and against those who left.
import { useEffect, useRef, useState } from "preact/hooks";
import { getMe } from "../api/desk.ts";
import { getWraps, postWraps } from "../api/people.ts";
import { addressOf } from "../route.ts";
import { say, sayCount, sayPart, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { renew } from "../state/session.ts";
import { type Wrapped, wrapAll } from "../wrapping.ts";
import { faultText } from "./Fault.tsx";

function Outcome({ wrapped }: { wrapped: Wrapped }) {
  const { wraps } = words();
  return (
    <>
      <p>{wrapped.done === 0 && wrapped.closed === 0 ? wraps.nothing : sayCount(wraps.done, wrapped.done)}</p>
      {wrapped.closed > 0 && <p class="note">{sayCount(wraps.closed, wrapped.closed)}</p>}
      {wrapped.kept > 0 && <p class="note">{sayCount(wraps.kept, wrapped.kept)}</p>}
    </>
  );
}

export function Wrapping() {
  const { wraps, app, keyNote } = words();
  const [part, setPart] = useState<number | null>(null);
  const [wrapped, setWrapped] = useState<Wrapped | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const ring = keyring.value;
  const run = async () => {
    if (ring === null) {
      return;
    }
    const mine = new AbortController();
    running.current = mine;
    setFault(null);
    setWrapped(null);
    setPart(0);
    try {
      /* The list may have changed since this page was loaded. */
      const now = await getMe();
      renew(now);
      const result = await wrapAll({
        recipients: now.recipients.map(({ age }) => age),
        list: (after) => getWraps(after, mine.signal),
        give: postWraps,
        rewrap: (header, to) => ring.rewrap(header, to),
        onProgress(done) {
          mine.signal.throwIfAborted();
          setPart(done);
        },
      });
      setWrapped(result);
    } catch (cause) {
      if (!mine.signal.aborted) {
        setFault(cause);
      }
    }
    setPart(null);
  };
  return (
    <section class="part" aria-labelledby="wraps-heading">
      <h2 id="wraps-heading">{wraps.heading}</h2>
      <p>{wraps.lead}</p>
      {ring === null && (
        <p class="note">
          {wraps.noKey} <a href={addressOf("key")}>{keyNote.load}</a>
        </p>
      )}
      {part === null ? (
        <button type="button" class="button" disabled={ring === null} onClick={() => void run()}>
          {wraps.go}
        </button>
      ) : (
        <>
          <label for="wraps-progress">{say(wraps.going, { part: sayPart(part) })}</label>
          <progress id="wraps-progress" max={1} value={part} />
          <button type="button" class="button" onClick={() => running.current?.abort()}>
            {app.cancel}
          </button>
        </>
      )}
      <div role="status">{wrapped !== null && <Outcome wrapped={wrapped} />}</div>
      {fault !== null && (
        <p role="alert" class="fault">
          {faultText(fault)}
        </p>
      )}
    </section>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Gives what came before to the keys of today, for those who came since, and against those who left.
import { useEffect, useRef, useState } from "preact/hooks";
import { getMe } from "../api/desk.ts";
import { getReviewers, getWraps, postWraps } from "../api/people.ts";
import { faultText } from "../fault_text.ts";
import { addressOf } from "../route.ts";
import { say, sayCount, sayPart, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { renew } from "../state/session.ts";
import { type Wrapped, wrapAll } from "../wrapping.ts";

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

interface Target {
  readonly key: string;
  /** Whose it is; none: a key of the desk's configuration. */
  readonly names: readonly string[];
}

/** Whom it would be given to, as of now: the list may have changed since this page was loaded. */
async function findTargets(): Promise<readonly Target[]> {
  const [now, { reviewers }] = await Promise.all([getMe(), getReviewers()]);
  renew(now);
  return now.recipients.map(({ age }) => ({ key: age, names: reviewers.filter(({ recipient }) => recipient === age).map(({ name }) => name) }));
}

/** What is given can't be taken back: who does it sees every key first. */
function Asked({ targets, onGo, onCancel }: { targets: readonly Target[]; onGo(): void; onCancel(): void }) {
  const { wraps, app } = words();
  return (
    <div class="note">
      <p id="wraps-check">{wraps.check}</p>
      <ul aria-labelledby="wraps-check">
        {targets.map(({ key, names }) => (
          <li key={key}>
            {names.length === 0 ? wraps.deskKey : names.join(", ")}{" "}
            <span class="mono digest" dir="ltr">
              {key}
            </span>
          </li>
        ))}
      </ul>
      <div class="decide">
        <button type="button" class="button" autofocus onClick={onGo}>
          {wraps.goNow}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          {app.cancel}
        </button>
      </div>
    </div>
  );
}

export function Wrapping() {
  const { wraps, app, keyNote } = words();
  const [targets, setTargets] = useState<readonly Target[] | null>(null);
  const [part, setPart] = useState<number | null>(null);
  const [wrapped, setWrapped] = useState<Wrapped | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const ring = keyring.value;
  const ask = async () => {
    setFault(null);
    setWrapped(null);
    try {
      setTargets(await findTargets());
    } catch (cause) {
      setFault(cause);
    }
  };
  const run = async (to: readonly Target[]) => {
    setTargets(null);
    if (ring === null) {
      return;
    }
    const mine = new AbortController();
    running.current = mine;
    setPart(0);
    try {
      const result = await wrapAll({
        recipients: to.map(({ key }) => key),
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
      {targets !== null && <Asked targets={targets} onGo={() => void run(targets)} onCancel={() => setTargets(null)} />}
      {part === null ? (
        <button type="button" class="button" disabled={ring === null || targets !== null} onClick={() => void ask()}>
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

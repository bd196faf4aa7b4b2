// SPDX-License-Identifier: GPL-3.0-or-later
// The queue: one row for each thing that somebody has to look at, and the decisions about it.
import { useEffect, useState } from "preact/hooks";
import { type Asked, views } from "../api/types.ts";
import type { PageProps } from "../pages.ts";
import { deedKeys, Deeds } from "../parts/Deeds.tsx";
import { Fault } from "../parts/Fault.tsx";
import { Filters } from "../parts/Filters.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { Peek } from "../parts/Peek.tsx";
import { placeOf, QueueRow } from "../parts/QueueRow.tsx";
import { shownOf } from "../parts/RowFacts.tsx";
import { useRoom } from "../parts/useRoom.ts";
import { useShortcuts } from "../parts/useShortcuts.ts";
import { addressOf, go } from "../route.ts";
import { sayCount, sayNumber, words } from "../speech.ts";
import { changes } from "../state/acts.ts";
import { me } from "../state/session.ts";
import { toggleBlur } from "../state/previews.ts";
import { choose, chooseAll, chosen, counts, current, currentIndex, loading, loadMore, loadQueue, lookAgain, moveTo, nameOf, next, queueFault, rows, targetRows, viewOf } from "../state/queue.ts";
import { subjectOfRows } from "../state/subjects.ts";

type AskedText = Readonly<Record<string, string>>;

function readAsked(asked: AskedText): Asked {
  const claimed = asked["claimed"];
  return {
    view: viewOf(asked["view"]),
    category: asked["category"] ?? "",
    kind: asked["kind"] ?? "",
    day_first: asked["first"] ?? "",
    day_last: asked["last"] ?? "",
    claimed: claimed === "me" || claimed === "nobody" ? claimed : "",
  };
}

function Views({ asked }: { asked: AskedText }) {
  const { views: names } = words();
  const view = viewOf(asked["view"]);
  return (
    <nav class="tabs" aria-label={names.label}>
      {views.map((one) => (
        <a key={one} href={addressOf("queue", "", { ...asked, view: one === "new" ? "" : one })} aria-current={one === view ? "true" : undefined}>
          {names[one]} {counts.value !== null && <span class="count">{sayNumber(counts.value[one])}</span>}
        </a>
      ))}
    </nav>
  );
}

const chooseNone = () => chooseAll(false);

function Bulk() {
  const { queue } = words();
  const n = chosen.value.size;
  const all = n > 0 && n === rows.value.length;
  const subject = subjectOfRows(targetRows());
  return (
    <div class="bulk">
      <label class="row-choose">
        <input type="checkbox" checked={all} ref={(box) => {
          if (box !== null) {
            box.indeterminate = n > 0 && !all;
          }
        }} onChange={(event) => chooseAll(event.currentTarget.checked)} />
        <span class="hidden">{queue.chooseAll}</span>
      </label>
      <span class="bulk-count">{n > 0 ? sayCount(queue.chosen, n) : ""}</span>
      <div class="decide" role="group" aria-label={queue.actions}>
        {subject !== null && <Deeds subject={subject} onDone={chooseNone} />}
      </div>
    </div>
  );
}

function useQueueKeys(moved: () => void): void {
  const row = current.value;
  const move = (by: number) => {
    moveTo(currentIndex.value + by);
    moved();
    if (by > 0 && currentIndex.value >= rows.value.length - 1) {
      void loadMore();
    }
  };
  const open = () => {
    if (row !== null) {
      go(...placeOf(row));
    }
  };
  useShortcuts({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    o: open,
    Enter: open,
    x: () => {
      if (row !== null) {
        choose(row, !chosen.value.has(nameOf(row)));
      }
    },
    Escape: chooseNone,
    g: () => void lookAgain(),
    b: () => {
      const shown = row === null ? null : shownOf(row).file;
      if (shown !== null) {
        toggleBlur(shown);
      }
    },
    ...deedKeys(subjectOfRows(targetRows()), chooseNone),
  });
}

export function Queue({ place }: PageProps) {
  const { queue } = words();
  const [byKey, setByKey] = useState(0);
  /* As styles/queue.css has it. */
  const hasRoom = useRoom("(min-width: 1000px)");
  const { asked } = place;
  const wanted = readAsked(asked);
  /* Only who was asked can say so. */
  const isEmpty = rows.value.length === 0 && counts.value !== null && !loading.value && queueFault.value === null;
  const isFiltered = Object.entries(wanted).some(([name, value]) => name !== "view" && value !== "");
  useEffect(() => {
    void loadQueue(wanted);
  }, [JSON.stringify(wanted), changes.value]);
  useQueueKeys(() => setByKey((n) => n + 1));
  return (
    <div class="queue">
      <h1 class="unseen" tabIndex={-1}>
        {queue.heading}
      </h1>
      <div class="queue-head">
        <Views asked={asked} />
        <Filters asked={asked} />
        <button type="button" class="plain refresh" disabled={loading.value} onClick={() => void lookAgain()}>
          {queue.refresh} <kbd aria-hidden="true">g</kbd>
        </button>
      </div>
      <KeyNote />
      {queueFault.value !== null && <Fault cause={queueFault.value} onAgain={() => void lookAgain()} />}
      {isEmpty ? (
        <p class="empty">{wanted.view === "new" && !isFiltered ? queue.emptyNew : queue.empty}</p>
      ) : (
        <div class="queue-in">
          <section class="queue-list" aria-label={queue.heading}>
            <Bulk />
            <ul class="rows" aria-label={queue.list} aria-busy={loading.value}>
              {rows.value.map((row, index) => (
                <QueueRow key={nameOf(row)} row={row} index={index} byKey={byKey} />
              ))}
            </ul>
            {next.value !== null && (
              <button type="button" class="button more" disabled={loading.value} onClick={() => void loadMore()}>
                {queue.more}
              </button>
            )}
            <p class="hint where-folded">{me.value?.triage === "desk" ? queue.foldedAway : queue.foldedHere}</p>
          </section>
          <aside class="peek" aria-label={queue.about}>
            {hasRoom && current.value !== null && <Peek key={nameOf(current.value)} row={current.value} />}
          </aside>
        </div>
      )}
    </div>
  );
}

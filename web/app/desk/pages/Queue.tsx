// SPDX-License-Identifier: GPL-3.0-or-later
// The queue: one row for each thing that somebody has to look at.
import { useEffect } from "preact/hooks";
import { views, type Row } from "../api/types.ts";
import type { PageProps } from "../pages.ts";
import { Fault } from "../parts/Fault.tsx";
import { addressOf } from "../route.ts";
import { say, sayCount, sayDay, sayNumber, words } from "../speech.ts";
import { counts, loading, loadMore, loadQueue, nameOf, next, queueFault, rows, viewOf } from "../state/queue.ts";

function QueueRow({ row }: { row: Row }) {
  const { queue, kinds } = words();
  const days = row.first_day === row.last_day ? sayDay(row.first_day) : say(queue.days, { first: sayDay(row.first_day), last: sayDay(row.last_day) });
  return (
    <li class="row">
      <span class="row-name">{row.cluster === null ? kinds.words : say(queue.file, { number: row.representative.number + 1 })}</span>
      <span>{row.cluster !== null && row.kind !== "scrubbed" && kinds[row.kind]}</span>
      <span>{row.count > 1 && sayCount(queue.files, row.count)}</span>
      <span>{row.differences > 0 && sayCount(queue.differences, row.differences)}</span>
      <span>{days}</span>
      <span>{row.category}</span>
      <span class="marks">
        {row.has_words && <span class="mark-word">{queue.hasWords}</span>}
        {row.held && <span class="mark-word">{queue.held}</span>}
        {row.claim !== null && <span class="mark-word">{say(queue.claimed, { name: row.claim })}</span>}
      </span>
    </li>
  );
}

export function Queue({ place }: PageProps) {
  const { queue, views: names } = words();
  const view = viewOf(place.asked["view"]);
  useEffect(() => {
    void loadQueue({ view });
  }, [view]);
  return (
    <>
      <h1 class="hidden" tabIndex={-1}>
        {queue.heading}
      </h1>
      <nav class="tabs" aria-label={names.label}>
        {views.map((one) => (
          <a key={one} href={addressOf("queue", "", { view: one === "new" ? "" : one })} aria-current={one === view ? "true" : undefined}>
            {names[one]} {counts.value !== null && <span class="quiet">{sayNumber(counts.value[one])}</span>}
          </a>
        ))}
      </nav>
      {queueFault.value !== null && <Fault cause={queueFault.value} onAgain={() => void loadQueue()} />}
      {rows.value.length === 0 && !loading.value && queueFault.value === null && (
        <p class="empty">{view === "new" ? queue.emptyNew : queue.empty}</p>
      )}
      <ul class="rows" aria-label={queue.list}>
        {rows.value.map((row) => (
          <QueueRow key={nameOf(row)} row={row} />
        ))}
      </ul>
      {next.value !== null && (
        <button type="button" class="button" disabled={loading.value} onClick={() => void loadMore()}>
          {queue.more}
        </button>
      )}
    </>
  );
}

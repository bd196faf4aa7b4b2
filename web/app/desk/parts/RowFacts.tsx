// SPDX-License-Identifier: GPL-3.0-or-later
// What describes a row of the queue, wherever it is shown.
import type { Box, Id, Row } from "../api/types.ts";
import { say, sayCount, sayDay, shortId, words } from "../speech.ts";
import { me } from "../state/session.ts";

/** One file among those of others. */
export const fileOf = (submission: Id, number: number): string => say(words().queue.fileOf, { number: number + 1, of: shortId(submission) });

/** No other row has the same one: it can be told to a colleague, and found again. */
export function titleOf(row: Row): string {
  const { queue, kinds } = words();
  const { submission, number } = row.representative;
  const named = (what: string, id: string) => say("{what} · {id}", { what, id });
  if (row.cluster === null) {
    return named(kinds.words, shortId(submission));
  }
  return row.count > 1 ? named(sayCount(queue.files, row.count), `${shortId(submission)}/${number + 1}`) : fileOf(submission, number);
}

export function daysOf(row: Row): string {
  return row.first_day === row.last_day ? sayDay(row.first_day) : say(words().queue.days, { first: sayDay(row.first_day), last: sayDay(row.last_day) });
}

/** The file that is shown of it. */
export const shownOf = (row: Row): Row["representative"] => row.better ?? row.representative;

/** Where it differs, in the picture that is shown of it. It was measured on the representative, and lies elsewhere in a better copy. */
export const boxOf = (row: Row): Box | null => (row.better === null ? row.box : null);

export function claimOf(claim: string | null): string | null {
  const { queue } = words();
  return claim === null ? null : claim === me.value?.name ? queue.mine : say(queue.claimed, { name: claim });
}

/** Short marks: what is special about it. */
export function Marks({ row }: { row: Row }) {
  const { queue, kinds, views } = words();
  const claim = claimOf(row.claim);
  return (
    <span class="marks">
      {row.tier === "different" && <span class="mark-word mark-alert">{queue.different}</span>}
      {row.why !== null && <span class="mark-word mark-strong">{row.why === "again" ? queue.again : queue.sample}</span>}
      {row.differences > 0 && <span class="mark-word mark-alert">{sayCount(queue.differences, row.differences)}</span>}
      {row.has_words && row.cluster !== null && <span class="mark-word mark-strong">{queue.hasWords}</span>}
      {row.state === "flagged" && <span class="mark-word mark-strong">{views.flagged}</span>}
      {row.kind !== "scrubbed" && row.cluster !== null && <span class="mark-word">{kinds[row.kind]}</span>}
      {row.catches > 0 && <span class="mark-word">{sayCount(queue.catches, row.catches)}</span>}
      {row.held && <span class="mark-word">{queue.held}</span>}
      {claim !== null && <span class="mark-word">{claim}</span>}
    </span>
  );
}

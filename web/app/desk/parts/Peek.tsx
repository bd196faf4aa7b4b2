// SPDX-License-Identifier: GPL-3.0-or-later
// Beside the queue, where there is room: the row that is looked at.
import type { Row } from "../api/types.ts";
import { addressOf } from "../route.ts";
import { sayCount, words } from "../speech.ts";
import { Preview } from "./Preview.tsx";
import { placeOf } from "./QueueRow.tsx";
import { daysOf, Marks, titleOf } from "./RowFacts.tsx";

export function Peek({ row }: { row: Row }) {
  const { queue, acts } = words();
  return (
    <>
      {row.representative.file !== null && row.cluster !== null && (
        <Preview file={row.better ?? row.representative.file} looked={row.looked} media={row.media} size="large" box={row.box} name={titleOf(row)} />
      )}
      <h2>{titleOf(row)}</h2>
      <p class="row-more">
        {daysOf(row)}
        {row.submissions > 1 && ` · ${sayCount(queue.submissions, row.submissions)}`}
        {row.category !== null && ` · ${row.category}`}
      </p>
      <Marks row={row} />
      <a class="button" href={addressOf(...placeOf(row))}>
        {acts.open} <kbd aria-hidden="true">o</kbd>
      </a>
    </>
  );
}

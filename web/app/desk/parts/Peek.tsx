// SPDX-License-Identifier: GPL-3.0-or-later
// Beside the queue, where there is room: the row that is looked at, and what was said with it.
import { useEffect, useState } from "preact/hooks";
import type { Id, Row } from "../api/types.ts";
import { addressOf } from "../route.ts";
import { sayCount, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { loadSubmission, type Said } from "../state/submission.ts";
import { Preview } from "./Preview.tsx";
import { placeOf } from "./QueueRow.tsx";
import { boxOf, daysOf, Marks, shownOf, titleOf } from "./RowFacts.tsx";

/** Who goes through rows fast asks for none of their words. */
const STAY_MS = 250;

function useSaid(submission: Id, wanted: boolean): readonly Said[] {
  const [said, setSaid] = useState<readonly Said[]>([]);
  const keys = keyring.value;
  useEffect(() => {
    if (keys === null || !wanted) {
      return;
    }
    const over = new AbortController();
    const timer = setTimeout(() => {
      loadSubmission(submission, keys, over.signal).then(
        (opened) => !over.signal.aborted && setSaid(opened.said ?? []),
        () => undefined,
      );
    }, STAY_MS);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [submission, wanted, keys]);
  return said;
}

export function Peek({ row }: { row: Row }) {
  const { queue, acts } = words();
  const { file } = shownOf(row);
  const { submission } = row.representative;
  const said = useSaid(submission, row.has_words);
  return (
    <>
      {file !== null && row.cluster !== null && (
        <Preview file={file} looked={row.looked} media={row.media} size="large" box={boxOf(row)} hasKey name={titleOf(row)} />
      )}
      <h2>{titleOf(row)}</h2>
      <p class="row-more">
        {daysOf(row)}
        {row.submissions > 1 && ` · ${sayCount(queue.submissions, row.submissions)}`}
        {row.category !== null && ` · ${row.category}`}
      </p>
      <Marks row={row} />
      {said.filter(({ text }) => text !== "").map(({ number, text }) => (
        <p key={number} class="said said-text" dir="auto" tabIndex={0}>
          {text}
        </p>
      ))}
      <a class="button" href={addressOf(...placeOf(row))}>
        {acts.open} <kbd aria-hidden="true">o</kbd>
      </a>
    </>
  );
}

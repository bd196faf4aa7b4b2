// SPDX-License-Identifier: GPL-3.0-or-later
// One row: what it stands for, and whether it is chosen.
import { useEffect, useRef } from "preact/hooks";
import type { Row } from "../api/types.ts";
import { addressOf } from "../route.ts";
import { say, sayCount, words } from "../speech.ts";
import { choose, chosen, currentIndex, moveTo, nameOf } from "../state/queue.ts";
import { Icon } from "../../studio/parts/icons.tsx";
import { Preview } from "./Preview.tsx";
import { daysOf, Marks, shownOf, titleOf } from "./RowFacts.tsx";

/** Where a row leads. */
export const placeOf = (row: Row): readonly [string, string] =>
  row.cluster !== null && (row.count > 1 || row.differences > 0 || row.tier === "different")
    ? ["clusters", row.cluster]
    : ["submissions", row.representative.submission];

/** The row's link takes the focus when a key moved there; `byKey` grows with each such move. */
export function QueueRow({ row, index, byKey }: { row: Row; index: number; byKey: number }) {
  const { queue } = words();
  const link = useRef<HTMLAnchorElement>(null);
  const isCurrent = index === currentIndex.value;
  const moved = useRef(byKey);
  useEffect(() => {
    const isByKey = byKey !== moved.current;
    moved.current = byKey;
    /* The focus goes with a key, and comes back from a row that is gone; a list that is new takes it from nobody. */
    if (isCurrent && (isByKey || (byKey > 0 && document.activeElement === document.body))) {
      link.current?.focus({ preventScroll: true });
      link.current?.closest("li")?.scrollIntoView({ block: "nearest" });
    }
  }, [isCurrent, byKey]);
  const title = titleOf(row);
  const { file: shown } = shownOf(row);
  const isChosen = chosen.value.has(nameOf(row));
  return (
    <li class={`row${isCurrent ? " row-current" : ""}${isChosen ? " row-chosen" : ""}`} onClick={() => moveTo(index)}>
      <label class="row-choose">
        <input type="checkbox" checked={isChosen} onChange={(event) => choose(row, event.currentTarget.checked)} />
        <span class="hidden">{say(queue.choose, { what: `${title}, ${daysOf(row)}` })}</span>
      </label>
      {shown !== null && row.cluster !== null ? (
        <Preview file={shown} looked={row.looked} media={row.media} size="thumb" name={title} />
      ) : (
        <span class="preview preview-thumb preview-words" aria-hidden="true">
          <Icon name="name" />
        </span>
      )}
      <div class="row-words">
        <a ref={link} class="row-name" href={addressOf(...placeOf(row))} aria-current={isCurrent ? "true" : undefined} onFocus={() => moveTo(index)}>
          {title}
        </a>
        <span class="row-more">
          {daysOf(row)}
          {row.submissions > 1 && ` · ${sayCount(queue.submissions, row.submissions)}`}
          {row.category !== null && ` · ${row.category}`}
        </span>
        <Marks row={row} />
      </div>
    </li>
  );
}

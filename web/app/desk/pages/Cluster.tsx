// SPDX-License-Identifier: GPL-3.0-or-later
// Copies under their representative, and what looks like it with something in it that it does not show.
import type { PageProps } from "../pages.ts";
import { Difference, MemberCard, Other } from "../parts/ClusterCards.tsx";
import { deedKeys, Deeds } from "../parts/Deeds.tsx";
import { Fault } from "../parts/Fault.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { Preview } from "../parts/Preview.tsx";
import { boxOf, daysOf, Marks, shownOf, titleOf } from "../parts/RowFacts.tsx";
import { type Loaded, useCluster } from "../parts/useCluster.ts";
import { useShortcuts } from "../parts/useShortcuts.ts";
import { goBy, Ways } from "../parts/Ways.tsx";
import { addressOf, go } from "../route.ts";
import { sayCount, words } from "../speech.ts";
import { toggleBlur } from "../state/previews.ts";
import { subjectOfCluster } from "../state/subjects.ts";

type More = Omit<ReturnType<typeof useCluster>, "loaded" | "fault">;

function Shown({ loaded, more, moreDifferences }: { loaded: Loaded } & More) {
  const { cluster: text, queue } = words();
  const { row } = loaded.found;
  const shown = shownOf(row);
  const subject = subjectOfCluster(row);
  useShortcuts({
    b: () => {
      if (shown.file !== null) {
        toggleBlur(shown.file);
      }
    },
    ...deedKeys(subject),
    o: () => go("submissions", shown.submission),
    "]": () => void goBy(1),
    "[": () => void goBy(-1),
    Escape: () => go("queue"),
  });
  return (
    <>
      <div class="standing">
        <div>
          <h1 tabIndex={-1}>{titleOf(row)}</h1>
          <p class="row-more">
            {daysOf(row)} · {sayCount(queue.submissions, row.submissions)}
            {row.category !== null && ` · ${row.category}`}
          </p>
          <Marks row={row} />
        </div>
        <div class="decide">
          <Deeds subject={subject} />
        </div>
      </div>
      <KeyNote />
      {row.why !== null && <p class="note">{row.why === "sample" ? text.whySample : text.whyAgain}</p>}
      {row.tier === "different" && row.root !== null && (
        <p class="note">
          {text.isDifference}
        </p>
      )}
      {row.better !== null && <p class="note">{text.better}</p>}
      <div class="cluster-in">
        <section class="block" aria-label={text.representative}>
          {shown.file !== null && <Preview file={shown.file} looked={row.looked} media={row.media} size="large" box={boxOf(row)} hasKey name={text.representative} />}
          <a class="button" href={addressOf("submissions", shown.submission)}>
            {text.submission} <kbd aria-hidden="true">o</kbd>
          </a>
        </section>
        {loaded.root !== null && <Other row={loaded.root} />}
        {loaded.differences.length > 0 && (
          <section class="block" aria-labelledby="differences-heading">
            <h2 id="differences-heading">{sayCount(queue.differences, row.differences)}</h2>
            <p class="hint">{text.differencesHint}</p>
            <ul class="difference-list">
              {loaded.differences.map((one) => (
                <Difference key={one.cluster} row={one} />
              ))}
            </ul>
            {loaded.nextDifference !== null && (
              <button type="button" class="button" onClick={moreDifferences}>
                {queue.more}
              </button>
            )}
          </section>
        )}
        <section class="block" aria-labelledby="members-heading">
          <h2 id="members-heading">{sayCount(text.members, row.count)}</h2>
          <ul class="members">
            {loaded.members.map((member) => (
              <MemberCard key={member.file} member={member} />
            ))}
          </ul>
          {loaded.next !== null && (
            <button type="button" class="button" onClick={more}>
              {queue.more}
            </button>
          )}
        </section>
      </div>
    </>
  );
}

export function Cluster({ place }: PageProps) {
  const { app } = words();
  const { loaded, fault, ...more } = useCluster(place.of);
  return (
    <div class="submission">
      <Ways />
      {fault !== null && <Fault cause={fault} />}
      {loaded !== null ? <Shown loaded={loaded} {...more} /> : fault === null && <p role="status">{app.working}</p>}
    </div>
  );
}

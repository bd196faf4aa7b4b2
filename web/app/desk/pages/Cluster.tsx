// SPDX-License-Identifier: GPL-3.0-or-later
// Copies under their representative, and what looks like it with something in it that it does not show.
import { useEffect, useState } from "preact/hooks";
import { getCluster, getQueue } from "../api/desk.ts";
import type { Cluster as ClusterAnswer, Id, Member, Row } from "../api/types.ts";
import type { PageProps } from "../pages.ts";
import { deedKeys, Deeds } from "../parts/Deeds.tsx";
import { Fault } from "../parts/Fault.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { Preview } from "../parts/Preview.tsx";
import { boxOf, daysOf, fileOf, Marks, titleOf } from "../parts/RowFacts.tsx";
import { useShortcuts } from "../parts/useShortcuts.ts";
import { goBy, Ways } from "../parts/Ways.tsx";
import { addressOf, go } from "../route.ts";
import { sayCount, sayDay, words } from "../speech.ts";
import { changes } from "../state/acts.ts";
import { apartOf, toggleBlur, unblurred } from "../state/previews.ts";
import { subjectOfCluster } from "../state/subjects.ts";

interface Loaded {
  readonly found: ClusterAnswer;
  readonly members: readonly Member[];
  readonly next: string | null;
  readonly differences: readonly Row[];
  /** What it is like, where it differs. */
  readonly root: Row | null;
}

function useCluster(id: Id): { loaded: Loaded | null; fault: unknown; more(): void } {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const { value: changed } = changes;
  useEffect(() => {
    const over = new AbortController();
    (async () => {
      const [found, { rows }] = await Promise.all([
        getCluster(id, undefined, over.signal),
        getQueue({ view: "differences", root: id }, over.signal),
      ]);
      /* It may have been withdrawn meanwhile. */
      const root = found.row.root === null ? null : await getCluster(found.row.root, undefined, over.signal).catch(() => null);
      setLoaded({ found, members: found.members, next: found.next, differences: rows, root: root?.row ?? null });
      setFault(null);
    })().catch((cause: unknown) => {
      if (!over.signal.aborted) {
        setFault(cause);
      }
    });
    return () => over.abort();
  }, [id, changed]);
  const more = () => {
    if (loaded?.next) {
      getCluster(id, loaded.next).then((page) => setLoaded({ ...loaded, members: [...loaded.members, ...page.members], next: page.next }), setFault);
    }
  };
  return { loaded, fault, more };
}

function MemberCard({ member }: { member: Member }) {
  const { cluster: text, queue } = words();
  const name = fileOf(member.submission, member.number);
  const marks = [member.tier === "first" && text.representative, member.farthest && text.farthest, member.sampled && text.sampled, member.caught && text.caught, member.has_words && queue.hasWords].filter((one) => one !== false);
  return (
    <li class="member">
      <Preview file={member.file} looked={member.media !== null} media={member.media} size="thumb" isApart name={name} />
      <a href={addressOf("submissions", member.submission)}>{name}</a>
      <span class="row-more">{sayDay(member.day)}</span>
      {marks.length > 0 && <span class="row-more">{marks.join(" · ")}</span>}
      {member.media !== null && (
        <button type="button" class="plain" aria-pressed={unblurred.value.has(apartOf(member.file))} onClick={() => toggleBlur(apartOf(member.file))}>
          {text.look} <span class="hidden">{name}</span>
        </button>
      )}
    </li>
  );
}

function Difference({ row }: { row: Row }) {
  const { cluster: text } = words();
  const { file } = row.representative;
  return (
    <li class="difference-card">
      {file !== null && <Preview file={file} looked={row.looked} media={row.media} size="large" box={row.box} name={text.difference} />}
      {row.cluster !== null && (
        <a class="button" href={addressOf("clusters", row.cluster)}>
          {text.openDifference}
        </a>
      )}
      <Marks row={row} />
    </li>
  );
}

/** Beside what differs from it. */
function Other({ row }: { row: Row }) {
  const { cluster: text } = words();
  const { file } = row.representative;
  return (
    <section class="block" aria-label={text.other}>
      {file !== null && <Preview file={row.better ?? file} looked={row.looked} media={row.media} size="large" name={text.other} />}
      {row.cluster !== null && (
        <a class="button" href={addressOf("clusters", row.cluster)}>
          {text.toRoot}
        </a>
      )}
    </section>
  );
}

function Shown({ loaded, more }: { loaded: Loaded; more(): void }) {
  const { cluster: text, queue } = words();
  const { row } = loaded.found;
  const shown = row.better ?? row.representative.file;
  const subject = subjectOfCluster(row);
  useShortcuts({
    b: () => {
      if (shown !== null) {
        toggleBlur(shown);
      }
    },
    ...deedKeys(subject),
    o: () => go("submissions", row.representative.submission),
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
          {shown !== null && <Preview file={shown} looked={row.looked} media={row.media} size="large" box={boxOf(row)} hasKey name={text.representative} />}
          <a class="button" href={addressOf("submissions", row.representative.submission)}>
            {text.submission} <kbd aria-hidden="true">o</kbd>
          </a>
        </section>
        {loaded.root !== null && <Other row={loaded.root} />}
        {loaded.differences.length > 0 && (
          <section class="block" aria-labelledby="differences-heading">
            <h2 id="differences-heading">{sayCount(queue.differences, loaded.differences.length)}</h2>
            <p class="hint">{text.differencesHint}</p>
            <ul class="difference-list">
              {loaded.differences.map((one) => (
                <Difference key={one.cluster} row={one} />
              ))}
            </ul>
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
  const { loaded, fault, more } = useCluster(place.of);
  return (
    <div class="submission">
      <Ways />
      {fault !== null && <Fault cause={fault} />}
      {loaded !== null ? <Shown loaded={loaded} more={more} /> : fault === null && <p role="status">{app.working}</p>}
    </div>
  );
}

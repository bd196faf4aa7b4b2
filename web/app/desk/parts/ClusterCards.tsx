// SPDX-License-Identifier: GPL-3.0-or-later
// What lies in a cluster and beside it, one card each.
import type { Member, Row } from "../api/types.ts";
import { addressOf } from "../route.ts";
import { sayDay, words } from "../speech.ts";
import { apartOf, toggleBlur, unblurred } from "../state/previews.ts";
import { Preview } from "./Preview.tsx";
import { fileOf, Marks, shownOf } from "./RowFacts.tsx";

export function MemberCard({ member }: { member: Member }) {
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

export function Difference({ row }: { row: Row }) {
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
export function Other({ row }: { row: Row }) {
  const { cluster: text } = words();
  const { file } = shownOf(row);
  return (
    <section class="block" aria-label={text.other}>
      {file !== null && <Preview file={file} looked={row.looked} media={row.media} size="large" name={text.other} />}
      {row.cluster !== null && (
        <a class="button" href={addressOf("clusters", row.cluster)}>
          {text.toRoot}
        </a>
      )}
    </section>
  );
}

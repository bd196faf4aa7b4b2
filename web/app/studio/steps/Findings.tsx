// SPDX-License-Identifier: GPL-3.0-or-later
// What the file gives away, in plain words, the most dangerous first.
import { useState } from "preact/hooks";
import type { Finding } from "../../core/types.ts";
import { FaultNote } from "../parts/FaultNote.tsx";
import { Icon } from "../parts/icons.tsx";
import { formatTitle } from "../names.ts";
import { gather, lacksPlace, type Group, type Told } from "../state/gathered.ts";
import { canCover, pictureOf, type Item } from "../state/item.ts";
import { setSound } from "../state/work.ts";
import { say, sayCount, sayLabel, saySize, sayValue, words } from "../speech.ts";

/** So many of one kind are shown before the rest is asked for. */
const SHOWN_MAX = 4;

function Row({ told }: { told: Told }) {
  const { findings } = words();
  const { finding, times } = told;
  const label = sayLabel(finding.label);
  return (
    <li>
      <span class="finding-label" lang={label.lang}>
        {label.text}
      </span>
      {finding.value !== "" && (
        <bdi class="finding-value" dir="auto">
          {sayValue(finding.value)}
        </bdi>
      )}
      {times > 1 && <span class="quiet"> {sayCount(findings.times, times)}</span>}
    </li>
  );
}

function Kinds({ group }: { group: Group }) {
  const [all, setAll] = useState(false);
  const { kinds, findings } = words();
  const rest = group.told.length - SHOWN_MAX;
  const told = all || rest <= 1 ? group.told : group.told.slice(0, SHOWN_MAX);
  return (
    <section class={`kind kind-${group.kind}`}>
      <h3>
        <Icon name={group.kind} />
        {kinds[group.kind]}
      </h3>
      <ul>
        {told.map((one) => (
          <Row key={`${one.finding.label}${one.finding.value}`} told={one} />
        ))}
      </ul>
      {rest > 1 && (
        <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? findings.less : sayCount(findings.more, rest)}
        </button>
      )}
    </section>
  );
}

export function FindingList({ findings }: { findings: readonly Finding[] }) {
  return (
    <div class="kinds">
      {gather(findings).map((group) => (
        <Kinds key={group.kind} group={group} />
      ))}
    </div>
  );
}

/** What is special about a file that can't be covered, and what can be done with it. */
export function Limits({ item }: { item: Item }) {
  const { video, files } = words();
  const inspected = item.inspected.value;
  if (inspected === null || inspected.format === null || item.fault.value !== null) {
    return null;
  }
  const format = formatTitle(inspected.format);
  const unseen = item.shown.value === null && item.progress.value === null;
  return (
    <>
      {inspected.video && (
        <div class="note">
          <p>
            <Icon name="video" />
            {video.cannotCover}
          </p>
          <label class="switch">
            <input type="checkbox" checked={item.dropSound.value} onChange={(event) => setSound(item, event.currentTarget.checked)} />
            <span>
              {video.dropSound}
              <small>{video.dropSoundHint}</small>
            </span>
          </label>
        </div>
      )}
      {!inspected.video && !canCover(item) && item.progress.value === null && <p class="note">{say(video.format, { format })}</p>}
      {unseen && <p class="note">{say(files.noPreview, { format })}</p>}
    </>
  );
}

function Head({ item }: { item: Item }) {
  const { findings } = words();
  const inspected = item.inspected.value;
  const picture = pictureOf(item);
  const format = inspected?.format == null ? findings.unknownFormat : formatTitle(inspected.format);
  return (
    <p class="quiet">
      <bdi>{say(findings.size, { format, size: saySize(item.file.size) })}</bdi>
      {picture !== null && (
        <>
          {" · "}
          <bdi>{say(findings.pixels, { width: picture.width, height: picture.height })}</bdi>
        </>
      )}
    </p>
  );
}

export function Findings({ item }: { item: Item }) {
  const { findings, files, faults } = words();
  const inspected = item.inspected.value;
  const fault = item.fault.value;
  if (inspected === null && fault === null) {
    return <p aria-live="polite">{files.reading}</p>;
  }
  const going = inspected?.findings.filter(({ stays }) => !stays) ?? [];
  const staying = inspected?.findings.filter(({ stays }) => stays) ?? [];
  return (
    <div class="findings">
      <Head item={item} />
      {fault !== null && (
        <FaultNote
          fault={fault}
          heading={faults.heading}
          known={inspected?.format != null}
          video={inspected?.video ?? false}
        />
      )}
      {fault === null && (
        <p class="sum">{going.length > 0 ? sayCount(findings.count, going.length) : findings.none}</p>
      )}
      {inspected !== null && lacksPlace(inspected.findings) && <p class="note">{findings.noPlace}</p>}
      <Limits item={item} />
      {going.length > 0 && <FindingList findings={going} />}
      {inspected?.cut === true && <p class="quiet">{findings.cut}</p>}
      {fault === null && inspected !== null && inspected.fault !== null && <p class="note">{words().changes.encoded_again}</p>}
      {staying.length > 0 && (
        <>
          <h3>{findings.staysHeading}</h3>
          <FindingList findings={staying} />
        </>
      )}
      {fault === null && <p class="quiet">{findings.visible}</p>}
    </div>
  );
}

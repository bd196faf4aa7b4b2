// SPDX-License-Identifier: GPL-3.0-or-later
// The studio's editor on the file, and what stands in its way.
import { Editing } from "../../studio/parts/Editing.tsx";
import { FaultNote } from "../../studio/parts/FaultNote.tsx";
import { sayCovered } from "../../studio/parts/covered.ts";
import { Toolbar } from "../../studio/parts/Toolbar.tsx";
import { words as studioWords } from "../../studio/speech.ts";
import { canCover, type Item, type Shown } from "../../studio/state/item.ts";
import { words } from "../speech.ts";
import type { Working } from "../state/publishing.ts";
import { Elsewhere } from "./Elsewhere.tsx";
import { isShownEverywhere } from "./made.ts";

function Picture({ item, shown }: { item: Item; shown: Shown }) {
  const { files } = studioWords();
  if (canCover(item)) {
    return <Editing item={item} shown={shown} />;
  }
  return item.inspected.value?.video === true ? (
    <video class="still" src={shown.url} controls aria-label={files.video} />
  ) : (
    <img class="still" src={shown.url} alt={files.pictureAlt} />
  );
}

function Stage({ item }: { item: Item }) {
  const { files } = studioWords();
  const shown = item.shown.value;
  return (
    <section id="stage" class={canCover(item) ? "stage covering" : "stage"} aria-label={files.pictureAlt}>
      {shown !== null ? <Picture item={item} shown={shown} /> : <p class="stage-empty">{item.prepared.value ? files.working : files.reading}</p>}
      {item.progress.value !== null && <progress class="stage-progress" value={item.progress.value || undefined} aria-label={files.working} />}
    </section>
  );
}

export function Cover({ working, onNext }: { working: Working; onNext(): void }) {
  const { publish } = words();
  const { faults, cover } = studioWords();
  const { item } = working;
  const fault = item.fault.value;
  const failed = item.changeFault.value;
  const video = item.inspected.value?.video === true;
  const { inspected, prepared } = item;
  const lost = prepared.value && !video && !canCover(item) && !isShownEverywhere(inspected.value?.format ?? "");
  if (fault !== null || lost) {
    return (
      <>
        {fault !== null && <FaultNote fault={fault} heading={faults.heading} known={inspected.value?.format != null} video={video} />}
        <Elsewhere submission={working.submission} number={working.number} isOnly />
      </>
    );
  }
  return (
    <div class="publishing-work work-cover">
      <Stage item={item} />
      <section class="panel publishing-panel" aria-label={publish.cover}>
        <h2>{publish.cover}</h2>
        {failed !== null && <FaultNote fault={failed} heading={cover.failed} known video={false} />}
        {canCover(item) ? <Toolbar item={item} /> : item.prepared.value && <p class="note">{publish.uncovered}</p>}
        {video && (
          <details class="uncovered">
            <summary>{publish.coverElsewhere}</summary>
            <Elsewhere submission={working.submission} number={working.number} />
          </details>
        )}
        {canCover(item) && (
          <p class="sum" role="status">
            {sayCovered(item)}
          </p>
        )}
        <p class="hint">{publish.coverHint}</p>
        <button type="button" class="button first" disabled={!item.prepared.value || item.progress.value !== null} onClick={onNext}>
          {publish.next}
        </button>
      </section>
    </div>
  );
}

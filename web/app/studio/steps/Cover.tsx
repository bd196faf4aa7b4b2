// SPDX-License-Identifier: GPL-3.0-or-later
// Step two: the tools, and what is covered so far. The picture itself is on the stage (parts/Stage.tsx).
import { FaultNote } from "../parts/FaultNote.tsx";
import { Icon } from "../parts/icons.tsx";
import { sayCovered } from "../parts/covered.ts";
import { Toolbar } from "../parts/Toolbar.tsx";
import { formatTitle } from "../names.ts";
import { areasOf, canCover, isConverted, pictureOf, type Item } from "../state/item.ts";
import { step } from "../state/items.ts";
import { say, words } from "../speech.ts";
import { Limits } from "./Findings.tsx";

function Told({ item }: { item: Item }) {
  const { cover, changes } = words();
  const inspected = item.inspected.value;
  const picture = pictureOf(item);
  const saved = item.result.value;
  const areas = areasOf(item);
  const anew = saved?.changes.includes("encoded_again") === true;
  const blocks = picture !== null && picture.exact && picture.cellWidth > 1 && areas > 0 && !anew;
  return (
    <>
      <p class="sum" role="status">
        {sayCovered(item)}
        {item.progress.value !== null && <span class="quiet"> {cover.applying}</span>}
      </p>
      {blocks && (
        <p class="quiet wide-only">{say(cover.blocks, { width: picture.cellWidth, height: picture.cellHeight })}</p>
      )}
      {isConverted(item) && saved !== null && (
        <p class="quiet">
          {say(cover.converted, { from: formatTitle(inspected?.format ?? ""), format: formatTitle(saved.format) })}
        </p>
      )}
      {anew && <p class="quiet">{changes.encoded_again}</p>}
    </>
  );
}

export function Cover({ item }: { item: Item }) {
  const { cover, faults } = words();
  const fault = item.fault.value;
  const failed = item.changeFault.value;
  return (
    <>
      <div class="panel-body">
        <h2 id="panel-heading" class="cover-heading" tabIndex={-1}>
          {cover.heading}
        </h2>
        <p class="quiet wide-only">{cover.hint}</p>
        {fault !== null && (
          <FaultNote fault={fault} heading={faults.heading} known={item.inspected.value?.format != null} video={false} />
        )}
        {failed !== null && <FaultNote fault={failed} heading={cover.failed} known video={false} />}
        {canCover(item) ? (
          <>
            <Toolbar item={item} />
            <Told item={item} />
          </>
        ) : (
          <Limits item={item} />
        )}
      </div>
      <div class="panel-act">
        <button type="button" class="button first" onClick={() => (step.value = "save")}>
          {cover.next}
          <Icon name="next" flips />
        </button>
      </div>
    </>
  );
}

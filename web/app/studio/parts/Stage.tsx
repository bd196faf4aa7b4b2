// SPDX-License-Identifier: GPL-3.0-or-later
// The picture, as the copy will look: in step two with the editor over it.
import { canCover, type Item, type Shown } from "../state/item.ts";
import { step } from "../state/items.ts";
import { words } from "../speech.ts";
import { Clip } from "./Clip.tsx";
import { Editing } from "./Editing.tsx";
import { Icon } from "./icons.tsx";

function Still({ item, shown }: { item: Item; shown: Shown }) {
  const { files } = words();
  return item.inspected.value?.video === true ? (
    <Clip key={shown.url} url={shown.url} label={files.video} />
  ) : (
    <img class="still" src={shown.url} alt={files.pictureAlt} decoding="async" />
  );
}

export function Stage({ item }: { item: Item }) {
  const { files, faults } = words();
  const shown = item.shown.value;
  const covering = step.value === "cover" && canCover(item);
  return (
    <section id="stage" class={covering ? "stage covering" : "stage"} tabIndex={-1} aria-label={files.pictureAlt}>
      {shown !== null ? (
        covering ? (
          <Editing item={item} shown={shown} />
        ) : (
          <Still item={item} shown={shown} />
        )
      ) : (
        <div class="stage-empty">
          <Icon name={item.fault.value !== null ? "warning" : item.inspected.value?.video === true ? "video" : "preview"} />
          <p>
            {item.fault.value !== null
              ? faults.heading
              : item.progress.value === null
                ? files.noPreviewShort
                : item.inspected.value === null ? files.reading : files.working}
          </p>
        </div>
      )}
      {item.progress.value !== null && <progress class="stage-progress" value={item.progress.value || undefined} aria-label={files.working} />}
    </section>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The picture, as the copy will look: in step two with the editor over it.
import { useEffect } from "preact/hooks";
import { Editor } from "../../editor/Editor.tsx";
import { roundOut } from "../../editor/box.ts";
import { canCover, changeOf, pictureOf, sizeOf, type Item, type Shown } from "../state/item.ts";
import { step } from "../state/items.ts";
import { brush, color, selected, selectedOf, style, takeTool, tool } from "../state/settings.ts";
import { change, chooseCrop, redoChange, undoChange } from "../state/work.ts";
import { turnPoint, turnedSize } from "../turning.ts";
import { locale, words } from "../speech.ts";
import { Clip } from "./Clip.tsx";
import { Icon } from "./icons.tsx";

/** What is cut away is shown while the crop is chosen, on the picture that is looked at. */
function useCropChoice(item: Item): void {
  const choosing = tool.value === "crop";
  useEffect(() => {
    chooseCrop(item, choosing);
    return () => chooseCrop(item, false);
  }, [item, choosing]);
}

function Editing({ item, shown }: { item: Item; shown: Shown }) {
  useCropChoice(item);
  useEffect(() => {
    selected.value = null;
  }, [item]);
  const picture = pictureOf(item);
  if (picture === null) {
    return null;
  }
  const now = changeOf(item);
  // Until the turned picture is there, the stage stays as it was, areas and all.
  const waiting = now.turn !== shown.change.turn || now.mirror !== shown.change.mirror;
  const seen = waiting ? shown.change : now;
  const aside = seen.turn === 90 || seen.turn === 270;
  const size = turnedSize(sizeOf(item), seen);
  const cellWidth = aside ? picture.cellHeight : picture.cellWidth;
  const cellHeight = aside ? picture.cellWidth : picture.cellHeight;
  const [edgeX, edgeY] = turnPoint([picture.gridX, picture.gridY], sizeOf(item), seen);
  const grid = { ...size, cellWidth, cellHeight, gridX: edgeX % cellWidth, gridY: edgeY % cellHeight };
  return (
    <Editor
      picture={{
        ...grid,
        url: shown.url,
        shows: shown.cropped && shown.change.crop !== null ? roundOut(shown.change.crop, grid) : null,
        regions: shown.change.regions,
      }}
      regions={seen.regions}
      selected={selectedOf(seen.regions)}
      crop={seen.crop}
      tool={tool.value}
      style={style.value}
      color={color.value}
      brush={brush.value}
      busy={item.progress.value !== null}
      words={words().editor}
      locale={locale()}
      onChange={(regions) => change(item, { regions })}
      onSelect={(index) => (selected.value = index)}
      onCrop={(crop) => change(item, { crop })}
      onTool={takeTool}
      onBrush={(diameter) => (brush.value = diameter)}
      onUndo={() => undoChange(item)}
      onRedo={() => redoChange(item)}
    />
  );
}

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

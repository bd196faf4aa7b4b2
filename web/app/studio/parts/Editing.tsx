// SPDX-License-Identifier: GPL-3.0-or-later
// The editor over the picture that the copy will be.
import { useEffect } from "preact/hooks";
import { roundOut } from "../../editor/box.ts";
import { Editor } from "../../editor/Editor.tsx";
import { changeOf, pictureOf, sizeOf, type Item, type Shown } from "../state/item.ts";
import { brush, color, selected, selectedOf, style, takeTool, tool } from "../state/settings.ts";
import { change, chooseCrop, redoChange, undoChange } from "../state/work.ts";
import { turnPoint, turnedSize } from "../turning.ts";
import { locale, words } from "../speech.ts";

/** What is cut away is shown while the crop is chosen, on the picture that is looked at. */
function useCropChoice(item: Item): void {
  const choosing = tool.value === "crop";
  useEffect(() => {
    chooseCrop(item, choosing);
    return () => chooseCrop(item, false);
  }, [item, choosing]);
}

/** The desk shows it, too: it knows of one file alone. */
export function Editing({ item, shown }: { item: Item; shown: Shown }) {
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

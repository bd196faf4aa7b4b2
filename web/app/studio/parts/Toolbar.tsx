// SPDX-License-Identifier: GPL-3.0-or-later
// What a picture is covered with, and how. Look and colour also change the area that is selected.
import { remove, restyle, setInvert } from "../../editor/change.ts";
import { canRedo, canUndo } from "../../editor/history.ts";
import type { Style } from "../../editor/regions.ts";
import { brushSizes, tools } from "../../editor/types.ts";
import { areasOf, changeOf, type Item } from "../state/item.ts";
import { brush, color, selected, selectedOf, style, tool } from "../state/settings.ts";
import { change, redoChange, turn, undoChange } from "../state/work.ts";
import { words } from "../speech.ts";
import { Choice } from "./Choice.tsx";
import { ToolIcon, type ToolIconName } from "./tool_icons.tsx";

function takeLook(item: Item, nextStyle: Style, nextColor: string): void {
  style.value = nextStyle;
  color.value = nextColor;
  const before = changeOf(item).regions;
  const index = selectedOf(before);
  if (index !== null) {
    const after = restyle(before, index, nextStyle, nextColor);
    if (after !== before) {
      change(item, { regions: after });
    }
  }
}

interface ActionProps {
  icon: ToolIconName;
  label: string;
  hint?: string;
  disabled?: boolean;
  pressed?: boolean;
  onClick(): void;
}

function Action({ icon, label, hint = label, disabled = false, pressed, onClick }: ActionProps) {
  return (
    <button type="button" class="action" disabled={disabled} aria-pressed={pressed} title={hint} onClick={onClick}>
      <ToolIcon name={icon} />
      <span>{label}</span>
    </button>
  );
}

function Looks({ item }: { item: Item }) {
  const { cover } = words();
  const named: readonly Style[] = ["blur", "mosaic", "fill"];
  return (
    <div class="looks">
      <Choice
        name="style"
        legend={cover.style}
        options={named.map((value) => ({
          value,
          label: cover[value],
          picture: <span class={`swatch swatch-${value}`} />,
        }))}
        value={style.value}
        onChoose={(value) => takeLook(item, value, color.value)}
      />
      {style.value === "fill" && (
        <input
          class="colour"
          type="color"
          aria-label={cover.color}
          value={color.value}
          onChange={(event) => takeLook(item, "fill", event.currentTarget.value)}
        />
      )}
    </div>
  );
}

/** It keeps its place when it is not used, so that the picture does not jump when a tool is taken. */
function BrushSize({ used }: { used: boolean }) {
  const { cover } = words();
  return (
    <label class={used ? "brush-size" : "brush-size unused"}>
      <span>{cover.size}</span>
      <input
        type="range"
        disabled={!used}
        min={brushSizes.least}
        max={brushSizes.most}
        step="4"
        value={brush.value}
        onInput={(event) => (brush.value = Number(event.currentTarget.value))}
      />
    </label>
  );
}

function Actions({ item }: { item: Item }) {
  const { cover } = words();
  const history = item.history.value;
  const { regions, crop } = changeOf(item);
  const index = selectedOf(regions);
  const areas = areasOf(item);
  return (
    <div class="actions">
      <Action icon="undo" label={cover.undo} disabled={!canUndo(history)} onClick={() => undoChange(item)} />
      <Action icon="redo" label={cover.redo} disabled={!canRedo(history)} onClick={() => redoChange(item)} />
      <Action icon="turn" label={cover.turn} onClick={() => turn(item, "right")} />
      <Action icon="mirror" label={cover.mirror} onClick={() => turn(item, "mirror")} />
      <Action
        icon="invert"
        label={cover.invert}
        hint={cover.invertHint}
        disabled={areas === 0}
        pressed={regions.invert === true}
        onClick={() => change(item, { regions: setInvert(regions, regions.invert !== true) })}
      />
      {tool.value === "crop" ? (
        <Action
          icon="remove"
          label={cover.cropClear}
          disabled={crop === null}
          onClick={() => change(item, { crop: null })}
        />
      ) : (
        <Action
          icon="remove"
          label={index === null ? cover.clear : cover.remove}
          disabled={areas === 0}
          onClick={() => {
            selected.value = null;
            change(item, { regions: index === null ? { version: 1, regions: [] } : remove(regions, index) });
          }}
        />
      )}
    </div>
  );
}

export function Toolbar({ item }: { item: Item }) {
  const { cover } = words();
  const now = tool.value;
  return (
    <div class="toolbar">
      <Choice
        name="tool"
        legend={cover.tools}
        options={tools.map((value) => ({ value, label: cover[value], picture: <ToolIcon name={value} /> }))}
        value={now}
        onChoose={(value) => (tool.value = value)}
      />
      <div class="toolbar-look">
        <Looks item={item} />
        <BrushSize used={now === "brush" || now === "tap"} />
      </div>
      <Actions item={item} />
    </div>
  );
}

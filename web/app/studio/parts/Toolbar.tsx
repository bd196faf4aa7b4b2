// SPDX-License-Identifier: GPL-3.0-or-later
// What a picture is covered with, and how. Look and colour are those of the area that is chosen, else of the next one.
import { remove, restyle, setInvert } from "../../editor/change.ts";
import { canRedo, canUndo } from "../../editor/history.ts";
import type { Style } from "../../editor/regions.ts";
import { brushSizes, tools } from "../../editor/types.ts";
import { areasOf, changeOf, type Item } from "../state/item.ts";
import { brush, color, selected, selectedOf, style, takeTool, tool } from "../state/settings.ts";
import { change, redoChange, turn, undoChange } from "../state/work.ts";
import { say, words } from "../speech.ts";
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

/** Whose look it is that the buttons show and change. */
function sayWhose(index: number | null): string {
  const { cover } = words();
  return index === null ? cover.style : say(cover.styleOf, { n: index + 1 });
}

function Looks({ item }: { item: Item }) {
  const { cover } = words();
  const { regions } = changeOf(item).regions;
  const index = selectedOf(changeOf(item).regions);
  const area = index === null ? undefined : regions[index];
  const now = area?.style ?? style.value;
  const nowColor = area?.color ?? color.value;
  const named: readonly Style[] = ["blur", "mosaic", "fill"];
  return (
    <div class="looks">
      <Choice
        name="style"
        legend={sayWhose(index)}
        options={named.map((value) => ({
          value,
          label: cover[value],
          picture: <span class={`swatch swatch-${value}`} />,
        }))}
        value={now}
        onChoose={(value) => takeLook(item, value, nowColor)}
      />
      {now === "fill" && (
        <input
          class="colour"
          type="color"
          aria-label={cover.color}
          value={nowColor}
          onChange={(event) => takeLook(item, "fill", event.currentTarget.value)}
        />
      )}
    </div>
  );
}

function BrushSize() {
  const { cover } = words();
  return (
    <label class="brush-size">
      <span>{cover.size}</span>
      <input
        type="range"
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
  const index = selectedOf(changeOf(item).regions);
  const paints = now === "brush" || now === "tap";
  return (
    <div class="toolbar">
      <Choice
        name="tool"
        legend={cover.tools}
        options={tools.map((value) => ({ value, label: cover[value], picture: <ToolIcon name={value} /> }))}
        value={now}
        onChoose={takeTool}
      />
      <div class="toolbar-look">
        <Looks item={item} />
        {/* In one place and of one height, so that the picture does not jump when a tool is taken. */}
        {paints && index === null ? <BrushSize /> : <p class="whose">{sayWhose(index)}</p>}
      </div>
      <Actions item={item} />
    </div>
  );
}

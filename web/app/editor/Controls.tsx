/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The editor's buttons: on the stage those of what is chosen, below it those of the view. */
import { clamp } from "./box.ts";
import type { Box } from "../core/types.ts";
import { Icon, type IconName } from "./Icon.tsx";
import type { Size } from "./view.ts";
import type { EditorWords } from "./words.ts";

interface ButtonProps {
  icon: IconName;
  label: string;
  onClick(): void;
}

function Button({ icon, label, onClick }: ButtonProps) {
  return (
    <button type="button" class="osk-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

interface ZoomProps {
  words: EditorWords;
  onZoom(factor: number): void;
  onFit(): void;
}

export function ZoomButtons({ words, onZoom, onFit }: ZoomProps) {
  return (
    <div class="osk-zoom">
      <Button icon="minus" label={words.zoomOut} onClick={() => onZoom(1 / 1.5)} />
      <Button icon="plus" label={words.zoomIn} onClick={() => onZoom(1.5)} />
      <Button icon="fit" label={words.zoomFit} onClick={onFit} />
    </div>
  );
}

/** Width of a button with its gap, height of a bar, and how far it keeps from what it belongs to. */
const bar = { button: 48, height: 48, gap: 18 };

/** Above a box of the stage, or below where there is no room, or within. */
export function barPlace(box: Box, stage: Size, buttons: number): { left: number; top: number } {
  const width = bar.button * buttons - 4;
  const above = box.y - bar.gap - bar.height;
  const below = box.y + box.height + bar.gap;
  const top = above >= 4 ? above : below + bar.height <= stage.height - 4 ? below : 8;
  return {
    left: clamp(box.x + box.width / 2 - width / 2, 4, stage.width - width - 4),
    top: clamp(top, 4, stage.height - bar.height - 4),
  };
}

interface BarProps {
  words: EditorWords;
  /** Of the region, on the stage. */
  box: Box;
  stage: Size;
  /** A corner of an outline is chosen. */
  outline: boolean;
  onAddCorner(): void;
  onRemoveCorner(): void;
  onDuplicate(): void;
  onRemove(): void;
}

export function RegionBar({ words, box, stage, outline, ...does }: BarProps) {
  const { onAddCorner, onRemoveCorner, onDuplicate, onRemove } = does;
  const { left, top } = barPlace(box, stage, outline ? 4 : 2);
  return (
    <div class="osk-bar" style={{ left: `${left}px`, top: `${top}px` }}>
      {outline ? (
        <>
          <Button icon="cornerMore" label={words.addCorner} onClick={onAddCorner} />
          <Button icon="cornerLess" label={words.removeCorner} onClick={onRemoveCorner} />
        </>
      ) : null}
      <Button icon="copy" label={words.duplicate} onClick={onDuplicate} />
      <Button icon="bin" label={words.remove} onClick={onRemove} />
    </div>
  );
}

interface OutlineProps {
  words: EditorWords;
  onFinish(): void;
  onCancel(): void;
}

export function OutlineBar({ words, onFinish, onCancel }: OutlineProps) {
  return (
    <div class="osk-outline-bar">
      <Button icon="cross" label={words.cancel} onClick={onCancel} />
      <Button icon="check" label={words.finish} onClick={onFinish} />
    </div>
  );
}

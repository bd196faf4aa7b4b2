// SPDX-License-Identifier: GPL-3.0-or-later
// Step one, once there is a file: what it gives away, and the way on.
import { Icon } from "../parts/icons.tsx";
import { OpenButton } from "../parts/OpenButton.tsx";
import { canCover, type Item } from "../state/item.ts";
import { drop, goTo, items, usable } from "../state/items.ts";
import { canSave } from "../state/saving.ts";
import { words } from "../speech.ts";
import { Findings } from "./Findings.tsx";

export function Open({ item }: { item: Item }) {
  const { findings, open, files, cover } = words();
  const coverable = usable.value.some(canCover);
  return (
    <>
      <div class="panel-body">
        <h2 id="panel-heading" tabIndex={-1}>
          {item.fault.value === null ? findings.heading : files.failed}
        </h2>
        <Findings item={item} />
        {items.value.length === 1 && (
          <div class="panel-more">
            <OpenButton class="button">
              <Icon name="plus" />
              {open.more}
            </OpenButton>
            <button type="button" class="button" onClick={() => drop([item])}>
              <Icon name="close" />
              {files.remove}
            </button>
          </div>
        )}
      </div>
      {usable.value.length > 0 && (
        <div class="panel-act">
          {coverable && (
            <button type="button" class="button first" onClick={() => goTo("cover")}>
              {findings.next}
              <Icon name="next" flips />
            </button>
          )}
          <button
            type="button"
            class={coverable ? "button" : "button first"}
            disabled={!canSave.value}
            onClick={() => goTo("save")}
          >
            {coverable ? findings.skipCover : cover.next}
          </button>
        </div>
      )}
    </>
  );
}

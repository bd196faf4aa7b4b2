// SPDX-License-Identifier: GPL-3.0-or-later
// What the whole page listens to: files that are dropped anywhere or pasted, keys of undo and redo, and leaving with
// unsaved work.
import { addFiles, current, hasUnsaved, step } from "./state/items.ts";
import { nothingPasted } from "./state/notices.ts";
import { redoChange, undoChange } from "./state/work.ts";

const DRAGGED = "dragged";

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

export function watchDrops(): void {
  const body = document.body;
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) {
      event.preventDefault();
      body.classList.add(DRAGGED);
    }
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) {
      body.classList.remove(DRAGGED);
    }
  });
  addEventListener("drop", (event) => {
    if (carriesFiles(event)) {
      event.preventDefault();
      body.classList.remove(DRAGGED);
      addFiles(Array.from(event.dataTransfer?.files ?? []));
    }
  });
}

export function watchPaste(): void {
  addEventListener("paste", (event) => {
    const files = Array.from(event.clipboardData?.files ?? []);
    nothingPasted.value = addFiles(files) === 0;
  });
}

/** Undo and redo also where the picture has not the focus; the editor answers where it has. */
export function watchUndo(): void {
  addEventListener("keydown", (event) => {
    const item = current.value;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (event.defaultPrevented || !command || event.altKey || item === null || step.value !== "cover") {
      return;
    }
    if (key === "y" || (key === "z" && event.shiftKey)) {
      event.preventDefault();
      redoChange(item);
    } else if (key === "z") {
      event.preventDefault();
      undoChange(item);
    }
  });
}

export function warnBeforeLeaving(): void {
  addEventListener("beforeunload", (event) => {
    if (hasUnsaved.value) {
      event.preventDefault();
      // Chromium before 119 asks only where this is set.
      event.returnValue = true;
    }
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// How files come in beside the chooser: dropped anywhere, pasted. And who leaves with unsaved work is asked.
import { addFiles, hasUnsaved } from "./state/items.ts";
import { nothingPasted } from "./state/notices.ts";

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

export function warnBeforeLeaving(): void {
  addEventListener("beforeunload", (event) => {
    if (hasUnsaved.value) {
      event.preventDefault();
    }
  });
}

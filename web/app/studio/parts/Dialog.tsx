// SPDX-License-Identifier: GPL-3.0-or-later
// A question or a page above the page: the browser's own dialog keeps the focus inside and closes on Escape.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../speech.ts";
import { Icon } from "./icons.tsx";

interface Props {
  open: boolean;
  heading: string;
  /** Names it for its heading. */
  id: string;
  onClose(): void;
  children: ComponentChildren;
}

export function Dialog({ open, heading, id, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the page is painted again: from the moment of the question no tap reaches what lies behind it.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (open && element !== null && !element.open) {
      element.showModal();
    } else if (!open && element?.open === true) {
      element.close();
    }
  }, [open]);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
      {open && (
        <div class="dialog-in">
          <div class="dialog-head">
            <h2 id={id}>{heading}</h2>
            <button type="button" class="round" aria-label={words().common.close} onClick={onClose}>
              <Icon name="close" />
            </button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A question above the page: the browser's own dialog keeps the focus inside and closes on Escape.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../../studio/parts/icons.tsx";
import { words } from "../speech.ts";

interface Props {
  heading: string;
  onClose(): void;
  /** For letters that answer it; true when one did. */
  onKey?: (key: string) => boolean;
  children: ComponentChildren;
}

/** Open for as long as it is shown. */
export function Dialog({ heading, onClose, onKey, children }: Props) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        if (onKey?.(event.key) === true) {
          event.preventDefault();
        }
      }}
    >
      <div class="dialog-in">
        <div class="dialog-head">
          <h2 id={id}>{heading}</h2>
          <button type="button" class="round" aria-label={words().app.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

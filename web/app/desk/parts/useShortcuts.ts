// SPDX-License-Identifier: GPL-3.0-or-later
// Single letters that do what a button does. They are quiet while somebody writes, in dialogs, and when switched off.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** For who speaks to their computer, or leans on it. */
export const shortcutsOn = signal(true);

export type Shortcuts = Readonly<Record<string, () => void>>;

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !(target instanceof HTMLInputElement && target.type === "checkbox");
}

/** @param shortcuts by what `KeyboardEvent.key` says: "j", "?", "ArrowDown". */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
      const run = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (run === undefined || !isPlain || isWriting(event.target) || document.querySelector("dialog[open]") !== null) {
        return;
      }
      if (event.key.length === 1 && event.key !== "?" && !shortcutsOn.value) {
        return;
      }
      /* Enter and the arrows mean something on what has the focus. */
      if (event.key === "Enter" && event.target instanceof HTMLElement && event.target.closest("a, button, summary") !== null) {
        return;
      }
      event.preventDefault();
      run();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

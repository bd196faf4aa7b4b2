// SPDX-License-Identifier: GPL-3.0-or-later
// Single letters that do what a button does. They are quiet while somebody writes, in dialogs, and when switched off.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** For who speaks to their computer, or leans on it. */
export const shortcutsOn = signal(true);

export type Shortcuts = Readonly<Record<string, () => void>>;

function isWriting(target: EventTarget | null): boolean {
  /* The editor has letters of its own. */
  if (target instanceof Element && target.closest("[role=application]") !== null) {
    return true;
  }
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !(target instanceof HTMLInputElement && target.type === "checkbox");
}

/* The same keys where the alphabet is another one. */
const PLACES: Readonly<Record<string, string>> = { BracketLeft: "[", BracketRight: "]" };
/* "[" and "]" need a second key on many keyboards, and these need none. */
const SECONDS: Readonly<Record<string, string>> = { ",": "[", ".": "]" };
/* A held key goes on, and decides about nothing twice. */
const HELD = /^([jk]|Arrow(Up|Down))$/;

/** What `event` means by the letters of the page: of a key that writes no Latin letter, its place on the keyboard says so. */
export function letterOf({ key, code, shiftKey }: Pick<KeyboardEvent, "key" | "code" | "shiftKey">): string {
  if (key.length !== 1) {
    return key;
  }
  const places: Readonly<Record<string, string>> = { ...PLACES, Slash: shiftKey ? "?" : "/" };
  const letter = key > "~" ? (/^Key([A-Z])$/.exec(code)?.[1] ?? places[code] ?? key) : key;
  return (SECONDS[letter] ?? letter).toLowerCase();
}

/** @param shortcuts by what `KeyboardEvent.key` says: "j", "?", "ArrowDown". */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      /* Windows calls the key that writes "[" on many keyboards Control and Alt. */
      const isPlain = (event.getModifierState("AltGraph") || !(event.ctrlKey || event.altKey)) && !event.metaKey && !event.isComposing;
      const letter = letterOf(event);
      const run = latest.current[letter];
      if (run === undefined || !isPlain || isWriting(event.target) || document.querySelector("dialog[open]") !== null) {
        return;
      }
      if (letter.length === 1 && letter !== "?" && !shortcutsOn.value) {
        return;
      }
      /* Enter and the arrows mean something on what has the focus. */
      if (event.key === "Enter" && event.target instanceof HTMLElement && event.target.closest("a, button, summary") !== null) {
        return;
      }
      event.preventDefault();
      if (!event.repeat || HELD.test(letter)) {
        run();
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of a list of cards (class "copy"): up and down, and what their buttons do. A button says its letter in `data-key`.
import { useShortcuts } from "./useShortcuts.ts";

const cards = (): readonly HTMLElement[] => [...document.querySelectorAll<HTMLElement>(".copies > .copy")];
const currentOf = (all: readonly HTMLElement[]): number => all.findIndex((card) => card.contains(document.activeElement));

function move(by: number): void {
  const all = cards();
  const next = Math.min(Math.max(currentOf(all) + by, 0), all.length - 1);
  all[next]?.focus();
  all[next]?.scrollIntoView({ block: "nearest" });
}

/** On the card that has the focus, which keeps it: the button may go. */
function press(letter: string): void {
  const all = cards();
  const card = all[currentOf(all)];
  const button = card?.querySelector<HTMLElement>(`button[data-key="${letter}"]`);
  if (card !== undefined && button !== null && button !== undefined) {
    card.focus();
    button.click();
  }
}

export function useCardKeys(again: () => void): void {
  useShortcuts({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    o: () => press("o"),
    Enter: () => press("o"),
    h: () => press("h"),
    b: () => press("b"),
    g: again,
  });
}

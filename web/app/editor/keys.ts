/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which key asks for what. Letters stand for tools only while the stage has the focus. */
import type { Tool } from "./types.ts";

export type Command =
  /** `edge`: 0 moves, 1 moves the right or lower edge, -1 the left or upper one. */
  | { do: "arrow"; x: number; y: number; edge: -1 | 0 | 1 }
  | { do: "area"; to: "next" | "before" | "first" | "last" }
  | { do: "zoom"; by: number }
  | { do: "tool"; tool: Tool }
  | { do: "to-corner"; by: -1 | 1 }
  | { do: "place" | "corner" | "add-corner" | "escape" | "remove" | "undo" | "redo" | "fit" | "full" | "duplicate" | "larger" | "smaller" };

type Key = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

const arrows = new Map<string, readonly [number, number]>([
  ["ArrowLeft", [-1, 0]],
  ["ArrowRight", [1, 0]],
  ["ArrowUp", [0, -1]],
  ["ArrowDown", [0, 1]],
]);

const letters = new Map<string, Tool>([
  ["b", "brush"],
  ["t", "tap"],
  ["r", "box"],
  ["e", "ellipse"],
  ["p", "polygon"],
  ["v", "select"],
  ["c", "crop"],
]);

const plain = new Map<string, Command>([
  ["PageDown", { do: "area", to: "next" }],
  ["PageUp", { do: "area", to: "before" }],
  ["Home", { do: "area", to: "first" }],
  ["End", { do: "area", to: "last" }],
  [".", { do: "to-corner", by: 1 }],
  [",", { do: "to-corner", by: -1 }],
  ["Enter", { do: "place" }],
  [" ", { do: "corner" }],
  ["Escape", { do: "escape" }],
  ["Delete", { do: "remove" }],
  ["Backspace", { do: "remove" }],
  ["+", { do: "zoom", by: 1.25 }],
  ["=", { do: "zoom", by: 1.25 }],
  ["-", { do: "zoom", by: 0.8 }],
  ["_", { do: "zoom", by: 0.8 }],
  ["0", { do: "fit" }],
  ["1", { do: "full" }],
  ["]", { do: "larger" }],
  ["[", { do: "smaller" }],
]);

/** Where letters are not Latin ones, a key is what stands on it in Latin. */
function latin(event: Key): string {
  const letter = event.key.toLowerCase();
  const physical = /^Key([A-Z])$/.exec(event.code)?.[1];
  return physical !== undefined && !/^[ -~]+$/.test(letter) ? physical.toLowerCase() : letter;
}

/** null for keys that are none of the editor's: the browser keeps its own. */
export function commandOf(event: Key): Command | null {
  const command = event.ctrlKey || event.metaKey;
  const letter = latin(event);
  if (command) {
    if (letter === "z" && !event.altKey) return { do: event.shiftKey ? "redo" : "undo" };
    if (letter === "y" && !event.altKey && !event.shiftKey) return { do: "redo" };
    if (letter === "d" && !event.altKey && !event.shiftKey) return { do: "duplicate" };
    return null;
  }
  const arrow = arrows.get(event.key);
  if (arrow !== undefined && (event.shiftKey || !event.altKey)) {
    return { do: "arrow", x: arrow[0], y: arrow[1], edge: !event.shiftKey ? 0 : event.altKey ? -1 : 1 };
  }
  if (event.altKey) return null;
  const found = plain.get(event.key);
  if (found !== undefined) return found;
  if (letter === "n" && !event.shiftKey) return { do: "add-corner" };
  const tool = event.shiftKey ? undefined : letters.get(letter);
  return tool === undefined ? null : { do: "tool", tool };
}

/** The area that a key goes to; round and round. Without one that is chosen, "next" is the first. */
export function areaTo(to: (Command & { do: "area" })["to"], selected: number | null, count: number): number | null {
  if (count === 0) return null;
  switch (to) {
    case "first":
      return 0;
    case "last":
      return count - 1;
    case "next":
      return selected === null ? 0 : (selected + 1) % count;
    case "before":
      return ((selected ?? 0) + count - 1) % count;
  }
}

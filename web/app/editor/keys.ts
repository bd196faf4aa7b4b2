/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which key asks for what. Letters stand for tools only while the stage has the focus. */
import type { Tool } from "./types.ts";

export type Command =
  | { do: "arrow"; x: number; y: number; resize: boolean }
  | { do: "zoom"; by: number }
  | { do: "tool"; tool: Tool }
  | { do: "place" | "corner" | "escape" | "remove" | "undo" | "redo" | "fit" | "full" | "duplicate" | "larger" | "smaller" };

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

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

/** null for keys that are none of the editor's: the browser keeps its own. */
export function commandOf(event: Key): Command | null {
  const command = event.ctrlKey || event.metaKey;
  const letter = event.key.toLowerCase();
  if (command) {
    if (letter === "z" && !event.altKey) return { do: event.shiftKey ? "redo" : "undo" };
    if (letter === "y" && !event.altKey && !event.shiftKey) return { do: "redo" };
    if (letter === "d" && !event.altKey && !event.shiftKey) return { do: "duplicate" };
    return null;
  }
  if (event.altKey) return null;
  const arrow = arrows.get(event.key);
  if (arrow !== undefined) {
    return { do: "arrow", x: arrow[0], y: arrow[1], resize: event.shiftKey };
  }
  const found = plain.get(event.key);
  if (found !== undefined) return found;
  const tool = event.shiftKey ? undefined : letters.get(letter);
  return tool === undefined ? null : { do: "tool", tool };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The page's language, and small pieces of it.
import type { DropWords } from "../words/drop/catalogue.ts";

export interface Say {
  readonly words: DropWords;
  readonly locale: string;
}

/** Works where a page has no secure context, too. */
export function drawHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className: string, text = ""): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className !== "") {
    made.className = className;
  }
  if (text !== "") {
    made.textContent = text;
  }
  return made;
}

export function button(text: string, className: string, onClick: () => void): HTMLButtonElement {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

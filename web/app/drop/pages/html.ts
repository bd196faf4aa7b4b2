// SPDX-License-Identifier: GPL-3.0-or-later
// Templates that the server fills (http/templates.h), put together of the catalogue's texts. A text's `{name}` becomes the
// server's `{{name}}`, isolated, since what the operator writes may run the other way.
import type { DropWords } from "../../words/drop/catalogue.ts";
import type { Language } from "../../words/languages.ts";

/** What a page is made with. */
export interface Making {
  readonly language: Language;
  readonly words: DropWords;
  /** Addresses of this build. */
  readonly style: string;
  readonly script: string;
}

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Sizes come as a number and its unit: "{{file_max_gb}}" or "{{file_max_mb}}". */
const SIZES = new Set(["file_max", "submission_max", "small_max"]);

function sized(name: string, { words }: Making): string {
  return (["gb", "mb"] as const)
    .map((unit) => {
      const slot = `${name}_${unit}`;
      return `{{#${slot}}}${escaped(words.page.sizes[unit]).replace("{n}", `{{${slot}}}`)}{{/${slot}}}`;
    })
    .join("");
}

/** A text, for between tags. */
export function said(text: string, making: Making): string {
  return escaped(text).replace(/\{(\w+)\}/g, (_, name: string) =>
    SIZES.has(name) ? `<bdi>${sized(name, making)}</bdi>` : `<bdi>{{${name}}}</bdi>`,
  );
}

/** Shown where the server says so. */
export const when = (flag: string, html: string): string => `{{#${flag}}}${html}{{/${flag}}}`;
export const unless = (flag: string, html: string): string => `{{^${flag}}}${html}{{/${flag}}}`;

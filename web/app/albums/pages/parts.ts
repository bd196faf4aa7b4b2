// SPDX-License-Identifier: GPL-3.0-or-later
// What several public pages show.
import { said, unless, when, type Making } from "./html.ts";

/** Older and newer pages of a list. */
export function pager(at: string, making: Making): string {
  const { words, language } = making;
  const to = (slot: "newer" | "older") =>
    when(slot, `<a class="button" rel="${slot === "newer" ? "prev" : "next"}" href="${at}?page={{${slot}}}&amp;lang=${language.tag}">${said(words.page[slot])}</a>`);
  return when(
    "has_pages",
    `<nav class="pager" aria-label="${words.page.pages}">${to("newer")}<p class="quiet">${said(words.page.pageOf)}</p>${to("older")}</nav>`,
  );
}

/** The picture itself, at the size that the screen needs. `small`: there are smaller ones than the copy. */
export function picture(options: { readonly sizes: string; readonly first?: boolean }): string {
  const loading = options.first ? `fetchpriority="high"` : `loading="lazy"`;
  return `<img src="/a/f/{{id}}{{#small}}/1{{/small}}"${when("srcset", ` srcset="{{srcset}}" sizes="${options.sizes}"`)} width="{{width}}" height="{{height}}" alt="{{alt}}" ${loading} decoding="async">`;
}

/** @param at the address of the copy, whose poster is the largest rendition. Where there is one nothing else is fetched before somebody plays it. */
export const film = (at: string, making: Making): string =>
  `<video controls ${when("poster", `preload="none" poster="${at}/{{poster}}"`)}${unless("poster", `preload="metadata"`)} playsinline width="{{width}}" height="{{height}}" src="${at}"${when("alt", ` aria-label="{{alt}}"`)}>${said(making.words.piece.cantPlay)}</video>`;

/** What may disturb is shown by who says so. */
export const warned = (html: string, making: Making): string =>
  `${when("warning", `<details class="warned"><summary>${said(making.words.piece.warning)} <span class="show">${said(making.words.piece.show)}</span></summary>${html}</details>`)}${unless("warning", html)}`;

const choice = (kind: string, text: string, checked: boolean): string =>
  `<div class="kind"><input type="radio" id="kind-${kind}" name="kind" value="${kind}" required${checked ? " checked" : ""}><label for="kind-${kind}">${said(text)}</label></div>`;

const wordsField = (making: Making, hint: string): string => `<div class="field-block"><label for="words">${said(making.words.ask.words)}</label>
<p class="quiet" id="words-hint">${said(hint)}</p>
<textarea id="words" name="words" rows="4" maxlength="2000" dir="auto" autocomplete="off" spellcheck="false" aria-describedby="words-hint"></textarea></div>
<button type="submit" class="button first">${said(making.words.ask.send)}</button>
<p class="quiet">${said(making.words.ask.note)}</p>`;

/** Where what is asked for goes, the field that says what it is about, and, of a report, what is to be written. */
export interface AskTo {
  readonly action: string;
  readonly field: string;
  readonly hint?: string;
}

export const OF_ALBUMS: AskTo = { action: "/a/ask", field: "about" };

const askBegin = (about: string, making: Making, to: AskTo): string => `<form method="post" action="${to.action}?lang=${making.language.tag}">
<input type="hidden" name="${to.field}" value="{{${about}}}">`;

/** Anyone asks, without an account. @param about the slot with the id */
export function askForm(about: string, making: Making, to: AskTo = OF_ALBUMS): string {
  const { ask } = making.words;
  return `<details class="card ask" id="ask"><summary>${said(ask.heading)}</summary>
${askBegin(about, making, to)}
<fieldset class="kinds"><legend>${said(ask.kind)}</legend>
${choice("cover", ask.cover, true)}
${choice("remove", ask.remove, false)}
${choice("report", ask.report, false)}
</fieldset>
${wordsField(making, ask.wordsHint)}
</form></details>`;
}

/** Of what has no face to cover: all of an album, or what nobody here can open. */
export function reportForm(about: string, making: Making, to: AskTo = OF_ALBUMS): string {
  return `<details class="card ask" id="report"><summary>${said(making.words.ask.reportThis)}</summary>
${askBegin(about, making, to)}
<input type="hidden" name="kind" value="report">
${wordsField(making, to.hint ?? making.words.ask.wordsHint)}
</form></details>`;
}

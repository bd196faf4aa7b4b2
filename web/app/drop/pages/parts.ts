// SPDX-License-Identifier: GPL-3.0-or-later
// What several pages show: who is behind the drop, the receipt's words, the fields of a form.
import { said, unless, when, type Making } from "./html.ts";

/** Stands above the form: nobody sends before it could be read. */
export function notice(making: Making): string {
  const { notice: words } = making.words;
  const row = (term: string, text: string) => `<div><dt>${said(term, making)}</dt><dd>${text}</dd></div>`;
  return `<section class="card notice" aria-labelledby="notice-heading">
<h2 id="notice-heading">${said(words.heading, making)}</h2>
<dl>
${row(words.operator, "<bdi>{{operator}}</bdi>")}
${row(words.readers, `<bdi id="readers">{{readers}}</bdi>`)}
${row(words.days, "{{retain_days}}")}
${row(words.contact, "<bdi>{{contact}}</bdi>")}
${row(words.onion, when("onion", `<bdi class="mono">{{onion}}</bdi>`) + unless("onion", said(words.noOnion, making)))}
${row(words.mode, when("seal_on_device", said(words.device, making)) + unless("seal_on_device", said(words.arrival, making)) + when("folds_here", ` ${said(words.folds, making)}`))}
</dl>
<p class="note">${said(words.network, making)}</p>
</section>`;
}

/** The words are English in every language, and no translator may touch them. */
export function receiptWords(): string {
  return `<ol class="words" lang="en" dir="ltr" translate="no">{{#words}}<li>{{word}}</li>{{/words}}</ol>`;
}

/** How files are handed on, and the field for them. Scrubbed is what happens when nothing is chosen. */
export function fileFields(making: Making): string {
  const { form } = making.words;
  const choice = (value: string, name: string, hint: string, checked: boolean, more = "") =>
    `<div class="kind"><input type="radio" id="kind-${value}" name="kind" value="${value}" aria-describedby="kind-${value}-hint"${checked ? " checked" : ""}><div><label for="kind-${value}">${said(name, making)}</label><p class="quiet" id="kind-${value}-hint">${said(hint, making)}</p>${more}</div></div>`;
  /* Above the file field, and true of this choice alone. */
  const travels = `<p class="note" id="travels">${said(form.travels, making)}</p>`;
  return `<fieldset class="kinds"><legend>${said(form.kind, making)}</legend>
${choice("scrub", form.scrub, form.scrubHint, true, travels)}
${choice("original", form.original, form.originalHint, false)}
</fieldset>
<div class="field-files">
<p class="quiet" id="kept">${said(form.kept, making)}</p>
<label for="files">${said(form.files, making)}</label>
<input type="file" id="files" name="files" multiple accept="image/*,video/*,.heic,.heif,.avif,.jxl,.mkv" aria-describedby="travels kept limits">
<p class="quiet" id="limits">${said(form.limits, making)}</p>
${when("pause_large", `<p class="note">${said(form.largePaused, making)}</p>`)}
</div>`;
}

/** Texts are not for spelling services, and not for what a browser remembers of forms. */
export const quietly = `autocomplete="off" spellcheck="false"`;

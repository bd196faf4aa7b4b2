// SPDX-License-Identifier: GPL-3.0-or-later
// The drop: who is behind it, the receipt, the form. It works as it is; the script makes it better.
import { frame } from "./frame.ts";
import { said, when, type Making } from "./html.ts";
import { fileFields, notice, quietly, receiptWords } from "./parts.ts";

function receipt(making: Making): string {
  const { receipt: words } = making.words;
  return `<section class="card receipt" aria-labelledby="receipt-heading">
<h2 id="receipt-heading">${said(words.heading, making)} <span class="badge" id="receipt-state">${said(words.notYet, making)}</span></h2>
${receiptWords()}
<p class="note">${said(words.write, making)}</p>
<p class="quiet">${said(words.use, making)}</p>
</section>`;
}

function fields(making: Making): string {
  const { form } = making.words;
  return `<div class="field-block"><label for="message">${said(form.message, making)}</label>
<p class="quiet" id="message-hint">${said(form.messageHint, making)}</p>
<textarea id="message" name="message" rows="6" maxlength="64000" aria-describedby="message-hint" dir="auto" ${quietly}></textarea></div>
<div class="pair">
<div class="field-block"><label for="place">${said(form.place, making)}</label><input type="text" id="place" name="place" maxlength="500" dir="auto" ${quietly}></div>
<div class="field-block"><label for="time">${said(form.time, making)}</label><input type="text" id="time" name="time" maxlength="200" dir="auto" ${quietly}></div>
</div>
${when(
  "has_categories",
  `<div class="field-block"><label for="category">${said(form.category, making)}</label>
<select id="category" name="category"><option value="">${said(form.noCategory, making)}</option>{{#categories}}<option value="{{id}}">${when("paused", form.paused.replace("{label}", "{{label}}"))}{{^paused}}{{label}}{{/paused}}</option>{{/categories}}</select></div>`,
)}`;
}

/** Who came because of a picture that is public finds where to ask, whether or not there is a place for who sends. */
const toAlbums = (making: Making): string =>
  when("has_albums", `<p><a class="link" href="/a/?lang=${making.language.tag}">${said(making.words.page.albums, making)}</a></p>`);

export function dropPage(making: Making): string {
  const { words, language } = making;
  const main = `<h1>${said(words.page.heading, making)}</h1>
<p class="lead">${said(words.page.lead, making)}</p>
${notice(making)}
${receipt(making)}
<section id="resume" class="card" hidden></section>
<form id="form" class="card" method="post" action="/submit?slot={{slot}}&amp;lang=${language.tag}" enctype="multipart/form-data" aria-labelledby="form-heading" data-file-max="{{file_max}}" data-files-max="{{files_max}}" data-submission-max="{{submission_max}}"${when("pause_large", ` data-small-max="{{small_max}}"`)}>
<h2 id="form-heading">${said(words.form.heading, making)}</h2>
<input type="hidden" name="receipt" value="{{receipt}}">
${fields(making)}
${fileFields(making)}
<div id="files-list"></div>
<button type="submit" class="button first large" id="send">${said(words.form.send, making)}</button>
<p class="quiet">${said(words.form.sendHint, making)}</p>
<div id="live" role="status"></div>
</form>
<p><a class="link" href="/studio/">${said(words.page.studio, making)}</a></p>
${toAlbums(making)}`;
  return frame({ title: words.page.title, main, languagesAt: "/", script: true }, making);
}

export function waitingPage(making: Making): string {
  const { waiting } = making.words;
  const address = `/?slot={{slot}}&amp;lang=${making.language.tag}`;
  const main = `<h1>${said(waiting.heading, making)}</h1>
<p class="lead">${said(waiting.lead, making)}</p>
<p><a class="button first" href="${address}">${said(waiting.open, making)}</a></p>
${notice(making)}
${toAlbums(making)}`;
  const head = `<meta http-equiv="refresh" content="{{seconds}};url=${address}">\n`;
  return frame({ title: waiting.title, main, head }, making);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What the server answers: received, not received, and what is there for a receipt.
import { frame } from "./frame.ts";
import { said, unless, when, type Making } from "./html.ts";
import { fileFields, quietly, receiptWords } from "./parts.ts";

export function receivedPage(making: Making): string {
  const { received: words } = making.words;
  const main = `<section class="card done" aria-labelledby="received-heading">
<h1 id="received-heading">${said(words.heading, making)}</h1>
<p class="lead">${said(words.lead, making)}</p>
${when(
  "has_files",
  `<ul class="outcomes">{{#files}}<li><strong>${said(words.file, making)}</strong> ${(["scrubbed", "chosen", "original", "device"] as const)
    .map((outcome) => when(outcome, said(words[outcome], making)))
    .join("")}</li>{{/files}}</ul>`,
)}
</section>
<section class="card receipt" aria-labelledby="words-heading">
<h2 id="words-heading">${said(words.words, making)}</h2>
${receiptWords()}
<p>${said(words.back, making)}</p>
<p class="note">${said(words.close, making)}</p>
</section>`;
  return frame({ title: words.title, main }, making);
}

/** What was written, given back: nothing of it is kept anywhere. */
function yours(making: Making): string {
  const { problem, form } = making.words;
  const line = (name: "place" | "time") =>
    when(
      name,
      `<div class="field-block"><label for="your-${name}">${said(form[name], making)}</label><input type="text" id="your-${name}" readonly dir="auto" value="{{${name}}}" ${quietly}></div>`,
    );
  return when(
    "has_words",
    `<p class="note">${said(problem.yours, making)}</p>
${when("message", `<div class="field-block"><label for="yours">${said(form.message, making)}</label><textarea id="yours" rows="8" readonly dir="auto" ${quietly}>{{message}}</textarea></div>`)}
${line("place")}${line("time")}`,
  );
}

export function problemPage(making: Making): string {
  const { problem: words } = making.words;
  const why = [
    "empty", "fileTooLong", "tooLong", "tooMany", "textTooLong",
    "categoryPaused", "largePaused", "uncleaned", "disk", "busy", "withdrawn", "full", "receipt", "form", "fault",
  ] as const;
  const main = `<section class="card" aria-labelledby="problem-heading">
<h1 id="problem-heading">${said(words.heading, making)}</h1>
<p class="lead" role="alert">${why.map((one) => when(one, said(words[one], making))).join("")}</p>
${when("shorter", `<p>${said(words.nextShorter, making)}</p>`)}
${when("later", `<p>${said(words.nextLater, making)}</p>`)}
${yours(making)}
<p><a class="button first" href="/?lang=${making.language.tag}">${said(words.open, making)}</a></p>
</section>`;
  return frame({ title: words.title, main }, making);
}

function ask(making: Making): string {
  const { back: words } = making.words;
  return `<form class="card" method="post" enctype="multipart/form-data" action="/r?lang=${making.language.tag}" aria-labelledby="back-heading">
<h1 id="back-heading">${said(words.heading, making)}</h1>
<div class="field-block"><label for="receipt">${said(words.words, making)}</label>
<p class="quiet" id="receipt-hint">${said(words.hint, making)}</p>
<textarea id="receipt" name="receipt" rows="2" required lang="en" dir="ltr" translate="no" autocapitalize="none" aria-describedby="receipt-hint" ${quietly}></textarea></div>
<button type="submit" class="button first">${said(words.look, making)}</button>
</form>`;
}

/** What stands there for a receipt; every answer is filled up to one length by the server. */
function found(making: Making): string {
  const { back: words, form } = making.words;
  const tag = making.language.tag;
  const page = (where: string, label: string) =>
    `<form method="post" enctype="multipart/form-data" action="/r?lang=${tag}"><input type="hidden" name="receipt" value="{{receipt}}"><input type="hidden" name="before" value="{{${where}}}"><button type="submit" class="button">${said(label, making)}</button></form>`;
  return `<section class="card done" aria-labelledby="state-heading">
<h1 id="state-heading">${said(words.received, making)}</h1>
<p>${said(words.files, making)}</p>
<h2>${said(words.replies, making)}</h2>
${when(
  "has_letters",
  `<ol class="letters">{{#letters}}<li>{{#desk}}<p class="quiet">${said(words.fromDesk, making)} · {{day}}</p>${when("text", `<p class="letter" dir="auto">{{text}}</p>`)}${unless("text", `<p>${said(words.unreadable, making)}</p>`)}{{/desk}}{{^desk}}<p class="quiet">{{day}}</p><p>${said(words.fromYou, making)}</p>{{/desk}}</li>{{/letters}}</ol>`,
)}
${unless("has_letters", `<p class="quiet">${said(words.noReply, making)}</p>`)}
${when("older", page("older", words.older))}
${when("newest", page("newest", words.newest))}
</section>
<form class="card" method="post" action="/submit?slot={{slot}}&amp;lang=${tag}" enctype="multipart/form-data" aria-labelledby="add-heading">
<h2 id="add-heading">${said(words.add, making)}</h2>
<input type="hidden" name="receipt" value="{{receipt}}">
<div class="field-block"><label for="message">${said(form.message, making)}</label>
<textarea id="message" name="message" rows="5" maxlength="64000" dir="auto" ${quietly}></textarea></div>
${fileFields(making)}
<button type="submit" class="button first">${said(form.send, making)}</button>
<p class="quiet">${said(form.sendHint, making)}</p>
</form>
<form class="card" method="post" enctype="multipart/form-data" action="/r?lang=${tag}" aria-labelledby="withdraw-heading">
<h2 id="withdraw-heading">${said(words.withdraw, making)}</h2>
<p>${said(words.withdrawHint, making)}</p>
${when("unsure", `<p role="alert">${said(making.words.problem.confirm, making)}</p>`)}
<input type="hidden" name="receipt" value="{{receipt}}">
<input type="hidden" name="act" value="withdraw">
<div class="kind"><input type="checkbox" id="sure" name="sure" value="yes" required><label for="sure">${said(words.withdrawSure, making)}</label></div>
<button type="submit" class="button">${said(words.withdrawNow, making)}</button>
</form>`;
}

export function receiptPage(making: Making): string {
  const { back: words, problem } = making.words;
  const alert = (flag: string, text: string) => when(flag, `<p class="card said" role="alert">${said(text, making)}</p>`);
  const main = `${alert("wrong_count", words.wrongCount)}${alert("wrong_word", words.wrongWord)}${alert("none", words.none)}${alert("begun", words.begun)}${alert("withdrawn", words.withdrawn)}${alert("held", words.held)}${alert("busy", problem.busy)}${when("found", found(making))}${unless("found", ask(making))}`;
  return frame({ title: words.title, main, languagesAt: "/r", isReceipt: true }, making);
}

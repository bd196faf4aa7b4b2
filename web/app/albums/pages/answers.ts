// SPDX-License-Identifier: GPL-3.0-or-later
// What is said where there is nothing to be seen, and to who has asked for something.
import { frame } from "./frame.ts";
import { plain, said, unless, when, type Making } from "./html.ts";

export function problemPage(making: Making): string {
  const { problem: words, page } = making.words;
  const kinds = ["none", "hidden", "gone", "form", "busy", "clock"] as const;
  const headings = kinds.map((kind) => when(kind, said(words[kind].heading))).join("");
  const texts = kinds.map((kind) => when(kind, said(words[kind].text))).join("");
  const main = `<section class="card" aria-labelledby="problem-heading">
<h1 id="problem-heading">${headings}</h1>
<p class="lead">${texts}</p>
${when("has_albums", `<p><a href="/a/?lang=${making.language.tag}">${said(page.albums)}</a></p>`)}
</section>`;
  return frame({ title: kinds.map((kind) => when(kind, plain(words[kind].heading))).join(""), main }, making);
}

export function askedPage(making: Making): string {
  const { asked: words, page } = making.words;
  const main = `<section class="card done" aria-labelledby="asked-heading">
<h1 id="asked-heading">${said(words.heading)}</h1>
${when("counted", `<p class="lead">${said(words.counted)}</p>`)}${unless("counted", `<p class="lead">${said(words.kept)}</p>`)}
<h2>${said(words.next)}</h2>
<ol class="steps"><li>${said(words.looks)}</li><li>${said(words.decides)}</li><li>${said(words.copies)}</li></ol>
<p class="note">${said(words.noAnswer)}</p>
${when("has_albums", `<p><a href="/a/?lang=${making.language.tag}">${said(page.albums)}</a></p>`)}
</section>`;
  return frame({ title: plain(words.heading), main }, making);
}

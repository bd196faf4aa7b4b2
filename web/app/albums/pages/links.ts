// SPDX-License-Identifier: GPL-3.0-or-later
// A link: a page with a button, what it opens, and what is said where it opens nothing. Before the button nothing tells what
// is behind it: programs that fetch previews are shown the same.
import type { LinkWords } from "../../words/links/catalogue.ts";
import { frame } from "./frame.ts";
import { plain, said, when, type Making } from "./html.ts";
import { askForm, film, warned } from "./parts.ts";

export interface LinkMaking extends Making {
  readonly links: LinkWords;
}

const alertOf = (flag: string, text: string): string => when(flag, `<p class="note" role="alert" id="${flag}">${said(text)}</p>`);

export function linkPage(making: LinkMaking): string {
  const { closed: words } = making.links;
  const passphrase = `<div class="field-block"><label for="passphrase">${said(words.passphrase)}</label>
<p class="quiet" id="passphrase-hint">${said(words.passphraseHint)}</p>
<input type="password" id="passphrase" name="passphrase" required maxlength="256" dir="auto" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="${when("wrong", "wrong ")}passphrase-hint"${when("wrong", ` aria-invalid="true"`)}></div>`;
  const main = `<section class="card" aria-labelledby="link-heading">
<h1 id="link-heading">${said(words.heading)}</h1>
<p class="lead">${said(words.lead)}</p>
${when("views", `<p>${said(words.views)}</p>`)}
${when("expires", `<p>${said(words.expires)}</p>`)}
${alertOf("wrong", words.wrong)}${alertOf("busy", words.busy)}
<form method="post" action="/s/{{share}}?lang=${making.language.tag}">
<input type="hidden" name="open" value="yes">
${when("passphrase", passphrase)}
<button type="submit" class="button first">${said(words.open)}</button>
</form>
</section>
${askForm("share", making, { action: "/s/ask", field: "share" })}`;
  return frame({ title: plain(words.heading), main, languagesAt: "/s/{{share}}" }, making);
}

/** The copy, or the size of it that the screen needs, below the grant. */
const still = `<img src="/s/g/{{grant}}/f{{#small}}/1{{/small}}"${when("sizes", ` srcset="{{sizes}}" sizes="(max-width: 62rem) 96vw, 60rem"`)} width="{{width}}" height="{{height}}" alt="{{alt}}" decoding="async">`;

export function openedPage(making: LinkMaking): string {
  const { opened: words } = making.links;
  const { piece } = making.words;
  const video = `${film("/s/g/{{grant}}/f", making)}${when("alt", `<p class="caption" dir="auto">{{alt}}</p>`)}`;
  const shown = `${when("is_still", `<div class="shown">${still}</div>`)}${when("is_video", video)}`;
  const main = `<article class="piece">
<h1>${said(words.heading)}</h1>
${warned(shown + when("caption", `<p class="caption lead" dir="auto">{{caption}}</p>`), making)}
<p class="quiet"><time datetime="{{day}}">{{day}}</time></p>
<p><a class="button" href="/s/g/{{grant}}/f?save=yes" download>${said(piece.save)}</a></p>
<p class="note">${said(words.minutes)}</p>
</article>
${askForm("grant", making, { action: "/s/ask", field: "grant" })}`;
  return frame({ title: plain(words.heading), main, languagesAt: "/s/g/{{grant}}" }, making);
}

export function gonePage(making: LinkMaking): string {
  const { gone: words } = making.links;
  const main = `<section class="card" aria-labelledby="gone-heading">
<h1 id="gone-heading">${said(words.heading)}</h1>
<p class="lead">${said(words.text)}</p>
</section>`;
  return frame({ title: plain(words.heading), main }, making);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The page of a sealed link, for the server to fill. Every state of it stands here, and all but the first are hidden: the
// script only chooses. Nothing here says what is shared; so no messenger's preview does, either.
import { reportForm } from "../albums/pages/parts.ts";
import { languageLinks, MARK } from "../drop/pages/frame.ts";
import { escaped, when } from "../drop/pages/html.ts";
import type { AlbumWords } from "../words/albums/catalogue.ts";
import type { Language } from "../words/languages.ts";
import type { SealedWords } from "../words/sealed/catalogue.ts";

/** What the page is made with. */
export interface Making {
  readonly language: Language;
  readonly words: SealedWords;
  /** For the form of a report, which public pages share. */
  readonly public: AlbumWords;
  /** Addresses of this build. */
  readonly style: string;
  readonly script: string;
}

/** A text with its `{name}`s as slots of the server. */
const said = (text: string): string => escaped(text).replace(/\{(\w+)\}/g, "<bdi>{{$1}}</bdi>");

/** Only what a script can do is here: without one, the sentence that says so stands in place of the button. */
function ask({ ask: words }: SealedWords): string {
  return `<section class="card" id="ask" aria-labelledby="ask-heading">
<h2 id="ask-heading">${said(words.heading)}</h2>
<p>${said(words.unchecked)}</p>
<p>${said(words.how)}</p>
${when("has_views", `<p class="note">${said(words.views)}</p>`)}
${when("has_expires", `<p class="quiet">${said(words.expires)}</p>`)}
<p class="note" id="script">${said(words.script)}</p>
<button type="button" class="button first large" id="open" disabled>${said(words.open)}</button>
</section>`;
}

function working({ working: words }: SealedWords): string {
  return `<section class="card" id="working" aria-labelledby="working-heading" hidden>
<h2 id="working-heading" tabindex="-1">${said(words.heading)}</h2>
<progress id="progress" aria-label="${escaped(words.bar)}" max="1"></progress>
</section>`;
}

function shown({ shown: words, ask: asked }: SealedWords): string {
  return `<section class="card" id="shown" aria-labelledby="shown-heading" hidden>
<h2 id="shown-heading" tabindex="-1">${said(words.heading)}</h2>
<img id="picture" alt="${escaped(words.alt)}" hidden>
<video id="clip" aria-label="${escaped(words.clip)}" controls playsinline preload="metadata" hidden></video>
<p class="note" id="unseen" hidden>${said(words.unseen)}</p>
<p><strong>${said(asked.heading)}.</strong> ${said(words.note)}</p>
<a class="button" id="save" download>${said(words.save)}</a>
</section>`;
}

function refused({ refused: words }: SealedWords): string {
  const why = ["key", "gone", "network", "wrong", "format", "unclean", "unread"] as const;
  return `<section class="card" id="refused" aria-labelledby="refused-heading" hidden>
<h2 id="refused-heading" tabindex="-1">${said(words.heading)}</h2>
${why.map((one) => `<p data-why="${one}" hidden>${said(words[one])}</p>`).join("\n")}
<button type="button" class="button" id="again" hidden>${said(words.again)}</button>
</section>`;
}

export function sealedPage(making: Making): string {
  const { language, words, style, script } = making;
  return `<!doctype html>
<html lang="${language.lang}" dir="${language.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${escaped(words.page.title)}</title>
<link rel="icon" href="/sealed/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
</head>
<body>
<header class="head">
<a class="skip" href="#main">${said(words.page.skip)}</a>
<p class="brand">${MARK}Oilskin</p>
</header>
${when("is_demo", `<aside class="demo">${said(words.page.demo)}</aside>`)}
<main id="main">
<h1>${said(words.page.heading)}</h1>
${ask(words)}
${working(words)}
${shown(words)}
${refused(words)}
${reportForm("share", { language, words: making.public, style }, { action: "/s/ask", field: "share" })}
<p class="quiet">${said(words.page.report)}</p>
</main>
<footer class="foot">${languageLinks("", language, words.page.language)}</footer>
</body>
</html>
`;
}

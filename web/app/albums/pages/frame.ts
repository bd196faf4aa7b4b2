// SPDX-License-Identifier: GPL-3.0-or-later
// What every public page has around it. None has a script.
import { languages } from "../../words/languages.ts";
import { plain, said, when, type Making } from "./html.ts";

const MARK = `<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path class="mark-fill" d="M7.5 19C7.5 10.5 11 6 16 6s8.5 4.5 8.5 13c2.7.7 4.5 1.8 4.5 3.2 0 2.6-5.8 4.8-13 4.8S3 24.8 3 22.2C3 20.8 4.8 19.7 7.5 19z"/><path class="mark-line" d="M7.5 19c2.3 1.5 5.2 2.2 8.5 2.2s6.2-.7 8.5-2.2"/></svg>`;

export interface Frame {
  readonly title: string;
  readonly main: string;
  /** Where the same page is in another language, slots and all; none for what can't be asked for again. */
  readonly languagesAt?: string;
  /** Of albums: search engines may show them unless the operator says otherwise. */
  readonly mayBeIndexed?: boolean;
  readonly head?: string;
}

function languageLinks(at: string, making: Making): string {
  const links = languages
    .map(({ tag, lang, name }) =>
      tag === making.language.tag
        ? `<li><span aria-current="true" lang="${lang}">${name}</span></li>`
        : `<li><a href="${at}${at.includes("?") ? "&amp;" : "?"}lang=${tag}" lang="${lang}" hreflang="${lang}">${name}</a></li>`,
    )
    .join("");
  return `<nav class="languages" aria-label="${plain(making.words.page.language)}"><ul>${links}</ul></nav>`;
}

export function frame(page: Frame, making: Making): string {
  const { language, words } = making;
  const noIndex = `<meta name="robots" content="noindex">\n`;
  return `<!doctype html>
<html lang="${language.lang}" dir="${language.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${page.mayBeIndexed ? when("is_unindexed", noIndex) : noIndex}<title>${page.title}</title>
${page.head ?? ""}<link rel="icon" href="/a/look/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${making.style}">
</head>
<body>
<header class="head">
<a class="skip" href="#main">${said(words.page.skip)}</a>
<p class="brand">${MARK}<bdi>{{title}}</bdi></p>
</header>
${when("is_demo", `<aside class="demo">${said(words.page.demo)}</aside>`)}
<main id="main">
${page.main}
</main>
${page.languagesAt === undefined ? "" : `<footer class="foot">${languageLinks(page.languagesAt, making)}</footer>`}
</body>
</html>
`;
}

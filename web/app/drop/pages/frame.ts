// SPDX-License-Identifier: GPL-3.0-or-later
// What every page of the drop has around it; the mark and the languages are on all pages that the server fills.
import { type Language, languages } from "../../words/languages.ts";
import { escaped, said, when, type Making } from "./html.ts";

export const MARK = `<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path class="mark-fill" d="M7.5 19C7.5 10.5 11 6 16 6s8.5 4.5 8.5 13c2.7.7 4.5 1.8 4.5 3.2 0 2.6-5.8 4.8-13 4.8S3 24.8 3 22.2C3 20.8 4.8 19.7 7.5 19z"/><path class="mark-line" d="M7.5 19c2.3 1.5 5.2 2.2 8.5 2.2s6.2-.7 8.5-2.2"/></svg>`;

export interface Frame {
  readonly title: string;
  readonly main: string;
  /** Where the same page is in another language; none for what can't be asked for again. */
  readonly languagesAt?: string;
  readonly head?: string;
  readonly script?: boolean;
  readonly isReceipt?: boolean;
}

/** @param at where the page is, slots and all, as an attribute has it; "" for here. @param label of the list. */
export function languageLinks(at: string, now: Language, label: string): string {
  const links = languages
    .map(({ tag, lang, name }) =>
      tag === now.tag
        ? `<li><span aria-current="true" lang="${lang}">${name}</span></li>`
        : `<li><a href="${at}${at.includes("?") ? "&amp;" : "?"}lang=${tag}" lang="${lang}" hreflang="${lang}">${name}</a></li>`,
    )
    .join("");
  return `<nav class="languages" aria-label="${escaped(label)}"><ul>${links}</ul></nav>`;
}

export function frame(page: Frame, making: Making): string {
  const { language, words } = making;
  const other = page.isReceipt
    ? `<a class="link" href="/?lang=${language.tag}">${said(words.page.home, making)}</a>`
    : `<a class="link" href="/r?lang=${language.tag}">${said(words.page.haveReceipt, making)}</a>`;
  return `<!doctype html>
<html lang="${language.lang}" dir="${language.direction}" data-tag="${language.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
${page.head ?? ""}<title>${escaped(page.title)}</title>
<link rel="icon" href="/drop/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${making.style}">
${page.script ? `<script type="module" src="${making.script}"></script>\n` : ""}</head>
<body>
<header class="head">
<a class="skip" href="#main">${said(words.page.skip, making)}</a>
<p class="brand">${MARK}Oilskin</p>
${other}
</header>
${when("is_demo", `<aside class="demo">${said(words.page.demo, making)}</aside>`)}
<main id="main">
${page.main}
</main>
${page.languagesAt === undefined ? "" : `<footer class="foot">${languageLinks(page.languagesAt, language, words.page.language)}</footer>`}
</body>
</html>
`;
}

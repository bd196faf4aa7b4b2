// SPDX-License-Identifier: GPL-3.0-or-later
// What every public page has around it. None has a script.
import { languageLinks, MARK } from "../../drop/pages/frame.ts";
import { said, when, type Making } from "./html.ts";

export interface Frame {
  readonly title: string;
  readonly main: string;
  /** Where the same page is in another language, slots and all; none for what can't be asked for again. */
  readonly languagesAt?: string;
  /** Of albums: search engines may show them unless the operator says otherwise. */
  readonly mayBeIndexed?: boolean;
  readonly head?: string;
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
${page.languagesAt === undefined ? "" : `<footer class="foot">${languageLinks(page.languagesAt, language, words.page.language)}</footer>`}
</body>
</html>
`;
}

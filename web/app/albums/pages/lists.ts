// SPDX-License-Identifier: GPL-3.0-or-later
// All albums, and one.
import { frame } from "./frame.ts";
import { plain, said, unless, when, type Making } from "./html.ts";
import { OF_ALBUMS, pager, picture, reportForm, warned } from "./parts.ts";

const TILE = "(max-width: 40rem) 92vw, 22rem";
const play = `<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M8 5v14l11-7z"/></svg>`;

export function albumsPage(making: Making): string {
  const { words, language } = making;
  const card = `<li class="tile album"><a href="/a/{{album}}?lang=${language.tag}">
${when("cover", `<img src="/a/f/{{cover}}{{#small}}/1{{/small}}" width="{{width}}" height="{{height}}" alt="" loading="lazy" decoding="async">`)}${unless("cover", `<span class="blank"></span>`)}
<h2 lang="{{album_lang}}" dir="auto">{{album_title}}</h2></a>
${when("album_text", `<p class="caption" lang="{{album_lang}}" dir="auto">{{album_text}}</p>`)}
${when("album_warning", `<p class="note" lang="{{album_lang}}">${said(words.albums.warning)}</p>`)}
<p class="quiet">${said(words.albums.total)} · <time dir="ltr" datetime="{{newest}}">{{newest}}</time></p></li>`;
  const main = `<h1>${said(words.albums.heading)}</h1>
${when("has_any", `<ul class="tiles albums">{{#albums}}${card}{{/albums}}</ul>`)}
${unless("has_any", `<p class="lead">${said(words.albums.none)}</p>`)}
${pager("/a/", making)}`;
  const head = `<meta property="og:type" content="website">\n<meta property="og:title" content="{{title}}">\n`;
  return frame({ title: `{{title}} · ${plain(words.albums.title)}`, main, languagesAt: "/a/?page={{page}}", mayBeIndexed: true, head }, making);
}

export function albumPage(making: Making): string {
  const { words, language } = making;
  const to = `/a/{{album}}/{{id}}?lang=${language.tag}`;
  const shown = `<a class="shown" href="${to}">${when("is_still", picture({ sizes: TILE }))}${when(
    "is_video",
    `${when("poster", `<span class="film">${picture({ sizes: TILE })}${play}</span>`)}${unless("poster", `<span class="blank film">${play}</span>`)}<span>${said(words.piece.video)}${when("duration", ` <bdi>{{duration}}</bdi>`)}</span>${unless("poster", when("alt", `<span lang="{{album_lang}}" dir="auto">{{alt}}</span>`))}`,
  )}</a>`;
  const caption = when("caption", `<p class="caption" lang="{{album_lang}}" dir="auto">{{caption}}</p>`);
  const tile = `<li class="tile">${warned(shown + caption, making)}
<p class="quiet"><a href="${to}"><time dir="ltr" datetime="{{day}}">{{day}}</time></a></p>
<p class="to-ask"><a href="${to}#ask">${said(words.ask.heading)}</a></p></li>`;
  const main = `<p><a href="/a/?lang=${language.tag}">${said(words.page.albums)}</a></p>
<h1 lang="{{album_lang}}" dir="auto">{{album_title}}</h1>
${when("album_text", `<p class="lead caption" lang="{{album_lang}}" dir="auto">{{album_text}}</p>`)}
${when("has_any", `<ul class="tiles">{{#pieces}}${tile}{{/pieces}}</ul>`)}
${unless("has_any", `<p class="lead">${said(words.album.none)}</p>`)}
${pager("/a/{{album}}", making)}
<p><a href="/a/{{album}}/feed?lang=${language.tag}" type="application/atom+xml">${said(words.album.feed)}</a></p>
${reportForm("album", making, { ...OF_ALBUMS, hint: words.ask.albumHint })}`;
  const head = `<meta property="og:type" content="website">
<meta property="og:title" content="{{album_title}}">
<link rel="alternate" type="application/atom+xml" title="{{album_title}}" href="/a/{{album}}/feed">
`;
  return frame({ title: "{{album_title}} · {{title}}", main, languagesAt: "/a/{{album}}?page={{page}}", mayBeIndexed: true, head }, making);
}

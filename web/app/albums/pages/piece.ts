// SPDX-License-Identifier: GPL-3.0-or-later
// One picture or video.
import { frame } from "./frame.ts";
import { plain, said, when, unless, type Making } from "./html.ts";
import { askForm, film, picture, warned } from "./parts.ts";

export function piecePage(making: Making): string {
  const { words, language } = making;
  const video = `${film("/a/f/{{id}}", making)}${when("alt", `<p class="caption" lang="{{album_lang}}" dir="auto">{{alt}}</p>`)}`;
  const shown = `${when("is_still", `<a class="shown" href="/a/f/{{id}}">${picture({ sizes: "(max-width: 62rem) 96vw, 60rem", first: true })}</a>`)}${when("is_video", video)}`;
  const neighbour = (slot: "previous" | "next") =>
    when(slot, `<a class="button" rel="${slot === "previous" ? "prev" : "next"}" href="/a/{{album}}/{{${slot}}}?lang=${language.tag}">${said(words.piece[slot])}</a>`);
  const main = `<p><a href="/a/{{album}}?page={{page}}&amp;lang=${language.tag}"><span lang="{{album_lang}}" dir="auto">{{album_title}}</span></a></p>
<article class="piece">
<h1 class="quiet">${when("is_still", said(words.piece.still))}${when("is_video", said(words.piece.video))} · <time dir="ltr" datetime="{{day}}">{{day}}</time></h1>
${warned(shown + when("caption", `<p class="caption lead" lang="{{album_lang}}" dir="auto">{{caption}}</p>`), making)}
<p><a href="/a/f/{{id}}?save=yes" download="{{name}}">${said(words.piece.save)}</a></p>
</article>
<nav class="pager" aria-label="${plain(words.piece.others)}">${neighbour("previous")}${neighbour("next")}</nav>
${askForm("id", making)}`;
  const ogImage = `<meta property="og:image" content="{{address}}/a/f/{{id}}{{#small}}/1{{/small}}">\n<meta property="og:image:alt" content="{{alt}}">\n`;
  const image = when(
    "address",
    unless("warning", when("is_still", ogImage) + when("is_video", when("poster", ogImage))),
  );
  const head = `<meta property="og:type" content="${when("is_still", "article")}${when("is_video", "video.other")}">
<meta property="og:title" content="{{album_title}}">
${image}`;
  return frame({ title: "{{day}} · {{album_title}} · {{title}}", main, languagesAt: "/a/{{album}}/{{id}}", mayBeIndexed: true, head }, making);
}

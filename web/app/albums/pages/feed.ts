// SPDX-License-Identifier: GPL-3.0-or-later
// An album's newest pictures and videos, for feed readers: RFC 4287. Times are whole days; what carries a warning is named
// by it alone.
import { plain, unless, when, type Making } from "./html.ts";

export function feedPage(making: Making): string {
  const { words, language } = making;
  const file = `<link rel="enclosure" type="{{media_type}}" length="{{bytes}}" href="{{address}}/a/f/{{id}}"/>`;
  const kind = `${when("is_still", plain(words.piece.still))}${when("is_video", plain(words.piece.video))} · {{day}}`;
  const summary = when("caption", "{{caption}}") + unless("caption", when("alt", "{{alt}}") + unless("alt", kind));
  const warning = plain(words.piece.warning);
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${language.lang}">
<id>urn:uuid:{{album_uuid}}</id>
<title>{{album_title}}</title>
${when("album_text", "<subtitle>{{album_text}}</subtitle>\n")}<updated>{{newest}}T00:00:00Z</updated>
<author><name>{{operator}}</name></author>
<link rel="alternate" type="text/html" href="{{address}}/a/{{album}}"/>
<link rel="self" type="application/atom+xml" href="{{address}}/a/{{album}}/feed"/>
{{#pieces}}<entry>
<id>urn:uuid:{{uuid}}</id>
<title>${when("warning", warning)}${unless("warning", kind)}</title>
<updated>{{day}}T00:00:00Z</updated>
<link rel="alternate" type="text/html" href="{{address}}/a/{{album}}/{{id}}"/>
${unless("warning", file)}
<summary>${when("warning", warning)}${unless("warning", summary)}</summary>
</entry>
{{/pieces}}</feed>
`;
}

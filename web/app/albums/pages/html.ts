// SPDX-License-Identifier: GPL-3.0-or-later
// Templates of public pages, put together of the catalogue's texts, for the server to fill (http/templates.h).
import { escaped } from "../../drop/pages/html.ts";
import type { AlbumWords } from "../../words/albums/catalogue.ts";
import type { Language } from "../../words/languages.ts";

export { escaped, unless, when } from "../../drop/pages/html.ts";

/** What a page is made with. */
export interface Making {
  readonly language: Language;
  readonly words: AlbumWords;
  /** Address of this build's. */
  readonly style: string;
}

/** A text, for between tags. A `{name}` becomes the server's, isolated: what people write may run the other way. */
export const said = (text: string): string => escaped(text).replace(/\{(\w+)\}/g, "<bdi>{{$1}}</bdi>");

/** A text, for within an attribute or XML. */
export const plain = (text: string): string => escaped(text).replace(/\{(\w+)\}/g, "{{$1}}");

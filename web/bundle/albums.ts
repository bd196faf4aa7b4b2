// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the public pages, each in each language, for the server to fill.
//   node bundle/albums.ts ASSETS OUT
// ASSETS: what vite.albums.config.ts built; OUT: one file per page and language
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { askedPage, problemPage } from "../app/albums/pages/answers.ts";
import { feedPage } from "../app/albums/pages/feed.ts";
import { gonePage, linkPage, openedPage, type LinkMaking } from "../app/albums/pages/links.ts";
import { albumPage, albumsPage } from "../app/albums/pages/lists.ts";
import { piecePage } from "../app/albums/pages/piece.ts";
import { loadAlbums } from "../app/words/albums/catalogue.ts";
import { loadLinks } from "../app/words/links/catalogue.ts";
import { languages } from "../app/words/languages.ts";
import { iconSvg } from "./icons.ts";

const pages: Readonly<Record<string, (making: LinkMaking) => string>> = {
  albums: albumsPage,
  album: albumPage,
  piece: piecePage,
  problem: problemPage,
  asked: askedPage,
  feed: feedPage,
  link: linkPage,
  opened: openedPage,
  gone: gonePage,
};

const [assets = "", out = ""] = process.argv.slice(2);
const style = /<link rel="stylesheet"[^>]* href="([^"]+)"/.exec(readFileSync(join(assets, "index.html"), "utf8"))?.[1];
if (style === undefined) {
  throw new Error("the index.html of the albums names no style");
}
mkdirSync(out, { recursive: true });
writeFileSync(join(assets, "icon.svg"), iconSvg());
for (const language of languages) {
  const making = { language, words: await loadAlbums(language.tag), links: await loadLinks(language.tag), style };
  for (const [name, page] of Object.entries(pages)) {
    writeFileSync(join(out, `${name}.${language.tag}.html`), page(making));
  }
}
console.log(`${Object.keys(pages).length * languages.length} public pages`);

// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the drop's pages, each in each language, for the server to fill.
//   node bundle/intake.ts ASSETS OUT STUDIO
// ASSETS: what vite.drop.config.ts built; OUT: one file per page and language; STUDIO: what vite.config.ts built
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { problemPage, receiptPage, receivedPage } from "../app/drop/pages/answers.ts";
import { dropPage, waitingPage } from "../app/drop/pages/drop.ts";
import type { Making } from "../app/drop/pages/html.ts";
import { loadDrop } from "../app/words/drop/catalogue.ts";
import { languages } from "../app/words/languages.ts";
import { builtPage } from "../one_core.ts";
import { iconSvg } from "./icons.ts";

const pages: Readonly<Record<string, (making: Making) => string>> = {
  drop: dropPage,
  waiting: waitingPage,
  received: receivedPage,
  receipt: receiptPage,
  problem: problemPage,
};

const [assets = "", out = "", studio = ""] = process.argv.slice(2);
const { style, script } = builtPage(assets, "/drop/", studio);
mkdirSync(out, { recursive: true });
writeFileSync(join(assets, "icon.svg"), iconSvg());
for (const language of languages) {
  const making = { language, words: await loadDrop(language.tag), style, script };
  for (const [name, page] of Object.entries(pages)) {
    writeFileSync(join(out, `${name}.${language.tag}.html`), page(making));
  }
}
console.log(`${Object.keys(pages).length * languages.length} pages of the drop`);

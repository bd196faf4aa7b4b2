// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the drop's pages, each in each language, for the server to fill.
//   node bundle/intake.ts ASSETS OUT STUDIO
// ASSETS: what vite.drop.config.ts built; OUT: one file per page and language; STUDIO: what vite.config.ts built
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { problemPage, receiptPage, receivedPage } from "../app/drop/pages/answers.ts";
import { dropPage, waitingPage } from "../app/drop/pages/drop.ts";
import type { Making } from "../app/drop/pages/html.ts";
import { loadDrop } from "../app/words/drop/catalogue.ts";
import { languages } from "../app/words/languages.ts";
import { iconSvg } from "./icons.ts";

const pages: Readonly<Record<string, (making: Making) => string>> = {
  drop: dropPage,
  waiting: waitingPage,
  received: receivedPage,
  receipt: receiptPage,
  problem: problemPage,
};

const [assets = "", out = "", studio = ""] = process.argv.slice(2);
const index = readFileSync(join(assets, "index.html"), "utf8");
const style = /<link rel="stylesheet"[^>]* href="([^"]+)"/.exec(index)?.[1];
const script = /<script type="module"[^>]* src="([^"]+)"/.exec(index)?.[1];
if (style === undefined || script === undefined) {
  throw new Error("the drop's index.html names no style or no script");
}
const shared = [...readFileSync(join(assets, script.slice("/drop/".length)), "utf8").matchAll(/\/studio\/(assets\/[\w.-]+)/g)];
for (const [, path = ""] of shared) {
  if (!existsSync(join(studio, path))) {
    throw new Error(`the drop's script asks for ${path}, which the studio's build has not`);
  }
}
mkdirSync(out, { recursive: true });
writeFileSync(join(assets, "icon.svg"), iconSvg());
for (const language of languages) {
  const making = { language, words: await loadDrop(language.tag), style, script };
  for (const [name, page] of Object.entries(pages)) {
    writeFileSync(join(out, `${name}.${language.tag}.html`), page(making));
  }
}
console.log(`${Object.keys(pages).length * languages.length} pages of the drop`);

// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the page of a sealed link in each language, for the server to fill.
//   node bundle/sealed.ts ASSETS OUT STUDIO
// ASSETS: what vite.sealed.config.ts built; OUT: where the pages go; STUDIO: what vite.config.ts built
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sealedPage } from "../app/sealed/page.ts";
import { loadAlbums } from "../app/words/albums/catalogue.ts";
import { languages } from "../app/words/languages.ts";
import { loadSealed } from "../app/words/sealed/catalogue.ts";
import { builtPage } from "../one_core.ts";
import { iconSvg } from "./icons.ts";

const [assets = "", out = "", studio = ""] = process.argv.slice(2);
const built = builtPage(assets, "/sealed/", studio);
mkdirSync(out, { recursive: true });
writeFileSync(join(assets, "icon.svg"), iconSvg());
for (const language of languages) {
  const making = { language, words: await loadSealed(language.tag), public: await loadAlbums(language.tag), ...built };
  writeFileSync(join(out, `sealed.${language.tag}.html`), sealedPage(making));
}

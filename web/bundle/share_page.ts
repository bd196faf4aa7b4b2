// SPDX-License-Identifier: GPL-3.0-or-later
// The page that answers what was shared while the service worker was missing (http/policy.c says where). One for all
// languages, with no script: nobody knows yet which one the person chose.
import { languages } from "../app/words/languages.ts";
import { notReady } from "../app/words/not_ready.ts";
import { studioPolicy } from "../policy.ts";

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** @param style the address of the studio's style, of this build. */
export function sharePage(style: string): string {
  const parts = languages.map(({ tag, lang, direction }) => {
    const words = notReady[tag];
    return `    <section lang="${lang}" dir="${direction}">
      <h1>${escaped(words.heading)}</h1>
      <p>${escaped(words.happened)}</p>
      <p>${escaped(words.next)}</p>
      <p><a href="/studio/">${escaped(words.open)}</a></p>
    </section>`;
  });
  return `<!doctype html>
<html lang="en">
  <head>
    <meta http-equiv="Content-Security-Policy" content="${escaped(studioPolicy)}" />
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <title>Oilskin</title>
    <link rel="stylesheet" href="${escaped(style)}" />
  </head>
  <body class="not-ready">
${parts.join("\n")}
  </body>
</html>
`;
}

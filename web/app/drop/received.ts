// SPDX-License-Identifier: GPL-3.0-or-later
// "Received": the page that the server sends to browsers without scripts, made here.
import { fill } from "../words/speak.ts";
import { element, type Say } from "./say.ts";
import type { Outcome } from "./sending.ts";

/** @param receipt eight words. */
export function showReceived(outcomes: readonly Outcome[], receipt: string, say: Say): void {
  const { received: words } = say.words;
  const names = { scrubbed: words.scrubbed, "original-chosen": words.chosen, "original-kept": words.original, device: words.device };
  const main = document.querySelector("main");
  const readers = document.getElementById("readers")?.textContent ?? "";
  const done = element("section", "card done");
  const heading = element("h1", "", words.heading);
  heading.tabIndex = -1;
  done.append(heading, element("p", "lead", fill(words.lead, { readers }, say.locale)));
  if (outcomes.length > 0) {
    const list = element("ul", "outcomes");
    outcomes.forEach((outcome, i) => {
      const row = element("li", "");
      row.append(element("strong", "", fill(words.file, { number: i + 1 }, say.locale)), ` ${names[outcome]}`);
      list.append(row);
    });
    done.append(list);
  }
  const again = element("section", "card receipt");
  const list = element("ol", "words");
  list.lang = "en";
  list.dir = "ltr";
  list.translate = false;
  list.append(...receipt.split(" ").map((word) => element("li", "", word)));
  again.append(element("h2", "", words.words), list, element("p", "", words.back), element("p", "note", words.close));
  main?.replaceChildren(done, again);
  document.title = words.title;
  scrollTo(0, 0);
  heading.focus();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The page of a sealed link. All of its words stand in it; this shows those that are true. The key behind "#" stays here: no
// request carries it.
import { readSecret, withoutSecrets } from "../seal/link.ts";
import { neutralName } from "../studio/names.ts";
import { core, loadCore } from "./core.ts";
import { open, type Why } from "./opening.ts";
import { judge } from "./verdict.ts";

type State = "ask" | "working" | "shown" | "refused";
const STATES: readonly State[] = ["ask", "working", "shown", "refused"];

function part<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, id: string): HTMLElementTagNameMap[Tag] {
  const found = document.querySelector<HTMLElementTagNameMap[Tag]>(`${tag}#${id}`);
  if (found === null) {
    throw new Error(`the page has no ${id}`);
  }
  return found;
}

/** Who can't see the page hears where it is now: the heading takes the focus. */
function turnTo(state: State): void {
  for (const each of STATES) {
    part("section", each).hidden = each !== state;
  }
  part("section", state).querySelector<HTMLElement>("h2")?.focus();
}

/** @param again the same address can be tried once more. */
function refuse(why: Why, again = false): void {
  for (const said of document.querySelectorAll<HTMLElement>("[data-why]")) {
    said.hidden = said.dataset["why"] !== why;
  }
  part("button", "again").hidden = !again;
  turnTo("refused");
}

/** Of what was found clean, and of nothing else. */
function show(file: Blob, { type, extension, video }: { type: string; extension: string; video: boolean }): void {
  const address = URL.createObjectURL(file.slice(0, file.size, type));
  const picture = part("img", "picture");
  const clip = part("video", "clip");
  const seen = video ? clip : picture;
  const cannot = () => {
    seen.hidden = true;
    part("p", "unseen").hidden = false;
  };
  seen.addEventListener("error", cannot, { once: true });
  seen.hidden = false;
  seen.src = address;
  const save = part("a", "save");
  save.href = address;
  save.download = neutralName(extension);
  turnTo("shown");
}

async function start(secret: Uint8Array): Promise<void> {
  turnTo("working");
  const bar = part("progress", "progress");
  const opened = await open(secret, {
    address: `${location.pathname}/f`,
    ready: loadCore,
    onProgress: (partDone) => (bar.value = partDone),
  });
  if (opened.file === null) {
    refuse(opened.why, opened.again);
    return;
  }
  bar.removeAttribute("value");
  const verdict = await judge(core, opened.file);
  if (verdict.clean) {
    show(opened.file, verdict);
  } else {
    refuse(verdict.why);
  }
}

function begin(): void {
  const secret = readSecret(location.hash);
  if (secret === null) {
    refuse("key");
    return;
  }
  start(secret).catch(() => refuse("unread", true));
}

/** The same page in another language opens the same thing. */
function keepKeyInLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("nav.languages a")) {
    link.hash = location.hash;
  }
}

/** Who reports pastes the address as it is, and the form goes to the server. */
function keepKeyOutOfReport(): void {
  const words = part("textarea", "words");
  words.form?.addEventListener("submit", () => (words.value = withoutSecrets(words.value, location.hash)));
}

keepKeyInLinks();
keepKeyOutOfReport();
addEventListener("hashchange", keepKeyInLinks);
part("button", "open").addEventListener("click", begin);
part("button", "again").addEventListener("click", begin);
part("p", "script").hidden = true;
part("button", "open").disabled = false;

// SPDX-License-Identifier: GPL-3.0-or-later
// "Go on after a break": the receipt from paper finds what was begun with it.
import { button, element, type Say } from "./say.ts";
import { draftOf } from "./sending.ts";
import { whyNot } from "./why.ts";

export function offerResume(say: Say, onResume: (words: string, begun: number, isReceived: boolean) => void): void {
  const place = document.getElementById("resume");
  if (place === null) {
    return;
  }
  const { live, back, problem } = say.words;
  const details = element("details", "");
  const label = element("label", "", back.words);
  label.htmlFor = "resume-words";
  const hint = element("p", "quiet", `${live.resumeHint} ${back.hint}`);
  hint.id = "resume-hint";
  const words = element("textarea", "");
  words.id = "resume-words";
  words.rows = 2;
  words.lang = "en";
  words.dir = "ltr";
  words.translate = false;
  words.spellcheck = false;
  words.autocapitalize = "none";
  words.setAttribute("autocomplete", "off");
  words.setAttribute("aria-describedby", "resume-hint");
  const status = element("p", "");
  status.setAttribute("role", "status");
  const go = button(live.resume, "button", () => void look());
  const block = element("div", "field-block");
  block.append(label, hint, words);
  details.append(element("summary", "", live.resumeHeading), block, go, status);
  place.replaceChildren(details);
  place.hidden = false;

  async function look(): Promise<void> {
    go.disabled = true;
    status.textContent = "";
    const signal = new AbortController().signal;
    const onOffline = (isOffline: boolean) => (status.textContent = isOffline ? live.offline : "");
    const onBusy = () => (status.textContent = say.words.waiting.heading);
    try {
      const draft = await draftOf(words.value, { signal, onProgress: () => undefined, onOffline, onBusy });
      const text = draft.state === "withdrawn" ? problem.withdrawn : "";
      status.textContent = text;
      if (text === "") {
        onResume(words.value.toLowerCase().match(/[a-z]+/g)?.join(" ") ?? "", draft.uploads.length, draft.state === "received");
        details.open = false;
      }
    } catch (error) {
      status.textContent = whyNot(error, null, say);
    } finally {
      go.disabled = false;
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the page together: the core, what works offline, the words, and what is seen.
import { render } from "preact";
import { openCore } from "../core/client.ts";
import { App } from "./App.tsx";
import { warnBeforeLeaving, watchDrops, watchPaste } from "./arriving.ts";
import { readDigest } from "./parts/Foot.tsx";
import { speakAsWanted } from "./speech.ts";
import { useCore } from "./state/core.ts";
import { broken, watchNetwork } from "./state/notices.ts";

async function start(root: HTMLElement): Promise<void> {
  await speakAsWanted();
  try {
    useCore(openCore());
  } catch {
    broken.value = true;
  }
  root.replaceChildren();
  render(<App />, root);
  watchDrops();
  watchPaste();
  warnBeforeLeaving();
  watchNetwork();
  await readDigest();
}

const root = document.getElementById("studio");
if (root !== null) {
  void start(root);
}

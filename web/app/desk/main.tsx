// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the page together: the words, who is logged in, and what is seen.
import { render } from "preact";
import { App } from "./App.tsx";
import { watchPlace } from "./route.ts";
import { speakAsWanted } from "./speech.ts";
import { watchDemo } from "./state/demo.ts";
import { recall } from "./state/session.ts";
import { watchTabs } from "./state/tabs.ts";

async function start(root: HTMLElement): Promise<void> {
  watchPlace();
  watchTabs();
  await Promise.all([speakAsWanted(), watchDemo()]);
  render(<App />, root);
  await recall();
}

const root = document.getElementById("desk");
if (root !== null) {
  void start(root);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the page together: the core, what works offline, the words, and what is seen.
import { render } from "preact";
import { openCore } from "../core/client.ts";
import { removeFromDevice, startOffline } from "../offline/register.ts";
import { App } from "./App.tsx";
import { warnBeforeLeaving, watchDrops, watchPaste, watchUndo } from "./listening.ts";
import { readDigest } from "./parts/Foot.tsx";
import { speakAsWanted } from "./speech.ts";
import { useCore } from "./state/core.ts";
import { addFiles, sharedCount } from "./state/items.ts";
import { readTerms } from "./state/linking.ts";
import { broken, offlineReady, remover, update, watchNetwork } from "./state/notices.ts";

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
  watchUndo();
  warnBeforeLeaving();
  watchNetwork();
  startOffline({
    updateReady: (apply) => (update.value = apply),
    offlineReady: () => (offlineReady.value = true),
    shared: (files) => (sharedCount.value = addFiles(files)),
  });
  if ("serviceWorker" in navigator) {
    remover.value = removeFromDevice;
  }
  /* Without a network there is no link either. */
  readTerms().catch(() => undefined);
  await readDigest();
}

const root = document.getElementById("studio");
if (root !== null) {
  void start(root);
}

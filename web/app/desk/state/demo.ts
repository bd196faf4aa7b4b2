// SPDX-License-Identifier: GPL-3.0-or-later
// The desk of a demonstration: it says so above everything, lets in who has its link, and looks again by itself.
import { effect, signal } from "@preact/signals";
import { getDemo } from "../api/account.ts";
import { goInstead, place } from "../route.ts";
import { keyring, loadKey } from "./keys.ts";
import { loading, lookAgain } from "./queue.ts";
import { me, signIn } from "./session.ts";

/** The server says so; false until it does. */
export const isDemo = signal(false);

/** So often a queue that fills while somebody watches is asked for. */
const LOOK_MS = 1500;

/**
 * "NAME.PASSPHRASE.KEY", as the link of a demonstration ends. Only where the server says that it is one: elsewhere a link
 * that signs somebody in, or gives them a key, would be an attacker's.
 */
export async function enterDemo(link: string): Promise<void> {
  const [name = "", passphrase = "", key = ""] = link.split(".", 3).map(decodeURIComponent);
  if (!isDemo.peek()) {
    return;
  }
  if (!me.peek()) {
    await signIn(name, passphrase, "");
  }
  if (keyring.peek() === null) {
    await loadKey(new Blob([`${key}\n`]), "");
  }
  goInstead("queue");
}

export async function watchDemo(): Promise<void> {
  isDemo.value = await getDemo().then(({ demo }) => demo, () => false);
  if (!isDemo.value) {
    return;
  }
  let timer = 0;
  effect(() => {
    clearInterval(timer);
    if (me.value && place.value.page === "queue") {
      timer = window.setInterval(() => {
        if (!loading.peek() && !document.hidden) {
          void lookAgain();
        }
      }, LOOK_MS);
    }
  });
}

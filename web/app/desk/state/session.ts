// SPDX-License-Identifier: GPL-3.0-or-later
// Who is logged in. The session is a cookie that no script can read; what is here goes with the page.
import { effect, signal, untracked } from "@preact/signals";
import { loggedOut, useToken } from "../api/ask.ts";
import { getMe, login, logout, makeFirst } from "../api/desk.ts";
import type { Me } from "../api/types.ts";

/** null: nobody; undefined: not known yet. */
export const me = signal<Me | null | undefined>(undefined);

/** What else has to be forgotten when the session ends. */
const endings: (() => void)[] = [];

export function onEnd(forget: () => void): void {
  endings.push(forget);
}

function take(given: Me): void {
  useToken(given.token);
  me.value = given;
}

/** What the server says of who is logged in, after that has changed. */
export const renew = take;

function end(): void {
  useToken(null);
  me.value = null;
  for (const forget of endings) {
    forget();
  }
}

effect(() => {
  if (loggedOut.value > 0 && me.peek() !== null) {
    /* What is forgotten by this is read by it, too, and must not call it again. */
    untracked(end);
  }
});

/** Whether the browser still has a session. */
export async function recall(): Promise<void> {
  try {
    take(await getMe());
  } catch {
    me.value = null;
  }
}

export async function signIn(name: string, passphrase: string, code: string): Promise<void> {
  take(await login(name, passphrase, code === "" ? undefined : code));
}

export async function signInFirst(link: string, name: string, passphrase: string, recipient: string): Promise<void> {
  take(await makeFirst(link, name, passphrase, recipient));
}

/** What the page holds is forgotten even where the server can't be told. */
export async function signOut(): Promise<void> {
  try {
    await logout();
  } finally {
    end();
  }
}

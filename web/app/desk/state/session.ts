// SPDX-License-Identifier: GPL-3.0-or-later
// Who is logged in. The session is a cookie that no script can read; what is here goes with the page.
import { effect, signal, untracked } from "@preact/signals";
import { loggedOut, Refusal, useRenewal, useToken } from "../api/ask.ts";
import { getMe, login, logout } from "../api/desk.ts";
import type { Me } from "../api/types.ts";

/** null: nobody; undefined: not known yet. */
export const me = signal<Me | null | undefined>(undefined);

/** The public sees copies here: not so where nothing but links is open that strangers seal. */
export const showsCopies = (): boolean => me.value?.publish?.albums === true || me.value?.publish?.links === true;

/** Whoever is in publishes here: by their role, at a desk that publishes at all. */
export const mayPublish = (): boolean => me.value != null && me.value.role !== "reviewer" && showsCopies();

/** Somebody signed out, and the server may not know: its session is still the browser's. */
export const isUntold = signal(false);

/** Why nobody is in any more, where it was not by signing out: nobody used the page, or the server knows the session no more. */
export const ended = signal<"idle" | "over" | null>(null);

/** How long the server may take to hear of it until that is said. */
const TELL_MS = 8000;

/** What else has to be forgotten when the session ends. */
const endings: ((isSignOut: boolean) => void)[] = [];

/** `forget` hears whether somebody signed out, or the session ended by itself. */
export function onEnd(forget: (isSignOut: boolean) => void): void {
  endings.push(forget);
}

/** Somebody is in. */
export function take(given: Me): void {
  useToken(given.token);
  isUntold.value = false;
  ended.value = null;
  me.value = given;
}

/** What the server says of who is logged in, after that has changed. Whoever is out by then stays out. */
export function renew(given: Me): void {
  if (me.peek()?.id === given.id) {
    take(given);
  }
}

/** Everything that this tab holds is forgotten, at once. */
export function end(isSignOut: boolean): void {
  useToken(null);
  ended.value = isSignOut ? null : me.peek() ? "over" : ended.peek();
  me.value = null;
  for (const forget of endings) {
    forget(isSignOut);
  }
}

let tellTabs: (isSignOut: boolean) => void = () => undefined;

/** Who tells the browser's other tabs that the session has ended. */
export function useTabs(tell: (isSignOut: boolean) => void): void {
  tellTabs = tell;
}

function endEverywhere(isSignOut: boolean): void {
  end(isSignOut);
  tellTabs(isSignOut);
}

effect(() => {
  if (loggedOut.value > 0 && me.peek()) {
    /* What is forgotten by this is read by it, too, and must not call it again. */
    untracked(() => endEverywhere(false));
  }
});

/* Somebody may have signed in once more in another tab: the browser has one session for all of them. */
useRenewal(async () => {
  const now = await getMe().catch(() => null);
  const before = me.peek();
  if (now === null || !before) {
    return false;
  }
  if (now.id !== before.id) {
    /* Somebody else is in, there: this tab alone is over. */
    end(false);
    return false;
  }
  renew(now);
  return now.token !== before.token;
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

/** First the page, then the server: it may be slow, or not to be reached. */
async function endBoth(isSignOut: boolean): Promise<void> {
  /* Asked with the token that end() forgets. */
  const telling = logout();
  endEverywhere(isSignOut);
  const late = setTimeout(() => (isUntold.value = me.peek() === null), TELL_MS);
  let isTold = true;
  try {
    await telling;
  } catch (cause) {
    isTold = cause instanceof Refusal && cause.status === 401;
  }
  clearTimeout(late);
  isUntold.value = !isTold && me.peek() === null;
}

export const signOut = (): Promise<void> => endBoth(true);

/** Nobody was there for long. */
export function endIdle(): Promise<void> {
  const ending = endBoth(false);
  ended.value = "idle";
  return ending;
}

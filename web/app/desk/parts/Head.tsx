// SPDX-License-Identifier: GPL-3.0-or-later
// What stands above every page of who is logged in: where to go, who one is, the way out.
import { Mark } from "../../studio/parts/icons.tsx";
import { pageOf, pages } from "../pages.ts";
import { helping } from "./Help.tsx";
import { addressOf, place } from "../route.ts";
import { words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { me, signOut } from "../state/session.ts";

export function Head() {
  const { app, nav } = words();
  const who = me.value;
  const here = pageOf(place.value);
  return (
    <header class="head">
      <a class="skip" href="#content" onClick={(event) => {
        event.preventDefault();
        document.getElementById("content")?.focus();
      }}>
        {app.skip}
      </a>
      <p class="brand">
        <Mark />
        {app.name} <span class="quiet">{app.desk}</span>
      </p>
      {who && (
        <>
          <nav class="nav" aria-label={app.pages}>
            {pages.filter(({ isAbove, isFor }) => isAbove && isFor?.(who) !== false).map(({ page, name }) => (
              <a key={page} href={addressOf(page)} aria-current={place.value.page === page ? "page" : here.under === page ? "true" : undefined}>
                {name(words(), place.value)}
              </a>
            ))}
          </nav>
          <div class="head-end">
            <button type="button" class="plain keys-button" aria-label={app.keys} title={app.keys} onClick={() => (helping.value = true)}>
              <kbd aria-hidden="true">?</kbd>
            </button>
            <a class="plain key-state" href={addressOf("key")} aria-current={place.value.page === "key" ? "page" : undefined}>
              {keyring.value === null ? nav.loadKey : nav.keyLoaded}
            </a>
            <span class="who">{who.name}</span>
            <button type="button" class="plain" onClick={() => void signOut()}>
              {nav.signOut}
            </button>
          </div>
        </>
      )}
    </header>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What a link for somebody new, or for a lost passphrase, shows to who is signed in already.
import { go } from "../route.ts";
import { say, words } from "../speech.ts";
import { me, signOut } from "../state/session.ts";

export function LinkInside() {
  const { linkInside, nav } = words();
  return (
    <section class="card" aria-label={linkInside.heading}>
      <h1 tabIndex={-1}>{linkInside.heading}</h1>
      <p>{say(linkInside.lead, { name: me.value?.name ?? "" })}</p>
      <button type="button" class="button first" onClick={() => void signOut()}>
        {nav.signOut}
      </button>
      <button type="button" class="button" onClick={() => go("queue")}>
        {nav.queue}
      </button>
    </section>
  );
}

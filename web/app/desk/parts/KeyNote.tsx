// SPDX-License-Identifier: GPL-3.0-or-later
// Where something sealed would be shown, and no key is there to open it.
import { addressOf } from "../route.ts";
import { words } from "../speech.ts";
import { keyring } from "../state/keys.ts";

export function KeyNote() {
  const { keyNote } = words();
  return keyring.value !== null ? null : (
    <p class="note key-note">
      {keyNote.text} <a href={addressOf("key")}>{keyNote.load}</a>
    </p>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Asked before words leave the desk: what in them leads to a person, and whether it is to stay.
import type { Contact, ContactKind } from "../../words_check.ts";
import { words } from "../speech.ts";
import { Dialog } from "./Dialog.tsx";

interface Props {
  readonly found: readonly Contact[];
  /** They are to be changed. */
  onClose(): void;
  /** They go as they are. */
  onAnyway(): void;
}

export function ContactsDialog({ found, onClose, onAnyway }: Props) {
  const { contacts } = words();
  const names: Readonly<Record<ContactKind, string>> = { phone: contacts.phone, email: contacts.email, handle: contacts.handle, link: contacts.link };
  return (
    <Dialog heading={contacts.heading} onClose={onClose}>
      <p>{contacts.lead}</p>
      <ul class="found" aria-label={contacts.heading}>
        {found.map(({ kind, at, text }) => (
          <li key={`${at} ${text}`}>
            <span class="quiet">{names[kind]}</span> <strong dir="auto">{text}</strong>
          </li>
        ))}
      </ul>
      <div class="dialog-act">
        <button type="button" class="button first" onClick={onClose}>
          {contacts.change}
        </button>
        <button type="button" class="button" onClick={onAnyway}>
          {contacts.anyway}
        </button>
      </div>
    </Dialog>
  );
}

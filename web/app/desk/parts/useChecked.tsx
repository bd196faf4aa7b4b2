// SPDX-License-Identifier: GPL-3.0-or-later
// Words that are for the public are looked through before they are sent; the server looks, too, and says what it found.
import { useState } from "preact/hooks";
import { type Contact, findContacts } from "../../words_check.ts";
import { contactsIn } from "../api/publish.ts";
import { ContactsDialog } from "./Contacts.tsx";

/** Sends it; `isChecked` says that somebody has seen what was found and wants it so. */
type Send = (isChecked: boolean) => Promise<void>;

export interface Checked {
  /** What stands in each text leads to nobody, or somebody is asked. */
  submit(texts: readonly string[]): void;
  /** For `tell`: true where the server found something, which is then asked about. */
  onFault(cause: unknown): boolean;
  /** The question, where there is one. */
  readonly question: preact.ComponentChildren;
}

export function useChecked(send: Send): Checked {
  const [found, setFound] = useState<readonly Contact[]>([]);
  return {
    submit: (texts) => {
      const contacts = texts.flatMap(findContacts);
      if (contacts.length > 0) {
        setFound(contacts);
      } else {
        void send(false);
      }
    },
    onFault: (cause) => {
      const contacts = contactsIn(cause);
      setFound(contacts ?? []);
      return contacts !== null;
    },
    question: found.length > 0 && (
      <ContactsDialog
        found={found}
        onClose={() => setFound([])}
        onAnyway={() => {
          setFound([]);
          void send(true);
        }}
      />
    ),
  };
}

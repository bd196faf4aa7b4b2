// SPDX-License-Identifier: GPL-3.0-or-later
// What an invitation opens, and the link of the server's terminal: somebody new chooses a name, a passphrase and a key.
import { useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";
import { makeFirst } from "../api/desk.ts";
import { join } from "../api/people.ts";
import { faultText } from "../fault_text.ts";
import { Field } from "../parts/Field.tsx";
import { LanguageChoice } from "../parts/LanguageChoice.tsx";
import { noKey, OwnKey, type OwnKeyValue } from "../parts/OwnKey.tsx";
import { goInstead } from "../route.ts";
import { words } from "../speech.ts";
import { loadKey } from "../state/keys.ts";
import { take } from "../state/session.ts";

interface Props {
  link: string;
  /** The first admin's. */
  first?: boolean;
}

function whyNot(fault: unknown, wrong: string): string {
  const { join: text } = words();
  if (fault instanceof Refusal && fault.status === 409) {
    return text.taken;
  }
  return fault instanceof Refusal && (fault.status === 400 || fault.status === 401 || fault.status === 403) ? wrong : faultText(fault);
}

export function Join({ link, first = false }: Props) {
  const { first: ofFirst, join: invited, signIn } = words();
  const text = first ? ofFirst : invited;
  const [name, setName] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [key, setKey] = useState<OwnKeyValue>(noKey);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      const given = await (first ? makeFirst : join)(link, name.trim(), passphrase, key.recipient);
      goInstead("queue");
      take(given);
    } catch (cause) {
      setFault(cause);
      setBusy(false);
      return;
    }
    if (key.file !== null) {
      /* Who has just made it need not choose it; where this fails the page of the key asks for it. */
      await loadKey(key.file.blob, key.passphrase).catch(() => undefined);
    }
  };
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h1 tabIndex={-1}>{text.heading}</h1>
      <p>{text.lead}</p>
      <Field label={signIn.name} value={name} onValue={setName} required autocomplete="username" />
      <Field label={signIn.passphrase} hint={ofFirst.passphraseHint} value={passphrase} onValue={setPassphrase} secret required minLength={12} autocomplete="new-password" />
      <OwnKey name={name} value={key} onValue={setKey} />
      {fault !== null && (
        <p role="alert" class="fault">
          {whyNot(fault, text.wrong)}
        </p>
      )}
      <button type="submit" class="button first" disabled={busy || key.recipient === ""}>
        {text.go}
      </button>
      <LanguageChoice />
    </form>
  );
}

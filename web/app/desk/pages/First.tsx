// SPDX-License-Identifier: GPL-3.0-or-later
// What the one-time link of the server's terminal opens: the first admin chooses a name and a passphrase.
import { useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";
import { faultText } from "../parts/Fault.tsx";
import { Field } from "../parts/Field.tsx";
import { go } from "../route.ts";
import { words } from "../speech.ts";
import { signInFirst } from "../state/session.ts";

export function First({ link }: { link: string }) {
  const { first, signIn: text } = words();
  const [name, setName] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [recipient, setRecipient] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await signInFirst(link, name.trim(), passphrase, recipient.trim());
      go("queue");
    } catch (cause) {
      setFault(cause);
      setBusy(false);
    }
  };
  const refused = fault instanceof Refusal && (fault.status === 400 || fault.status === 401 || fault.status === 403);
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h1>{first.heading}</h1>
      <p>{first.lead}</p>
      <Field label={text.name} value={name} onValue={setName} required autocomplete="username" />
      <Field label={text.passphrase} hint={first.passphraseHint} value={passphrase} onValue={setPassphrase} secret required minLength={12} autocomplete="new-password" />
      <Field label={first.recipient} hint={first.recipientHint} value={recipient} onValue={setRecipient} required pattern="\s*age1[0-9a-z]+\s*" autocomplete="off" />
      {fault !== null && (
        <p role="alert" class="fault">
          {refused ? first.wrong : faultText(fault)}
        </p>
      )}
      <button type="submit" class="button first" disabled={busy}>
        {first.go}
      </button>
    </form>
  );
}

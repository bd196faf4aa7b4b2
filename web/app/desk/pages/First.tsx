// SPDX-License-Identifier: GPL-3.0-or-later
// What the one-time link of the server's terminal opens: the first admin chooses a name, a passphrase and a key.
import { useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";
import { faultText } from "../parts/Fault.tsx";
import { Field } from "../parts/Field.tsx";
import { noKey, OwnKey, type OwnKeyValue } from "../parts/OwnKey.tsx";
import { go } from "../route.ts";
import { words } from "../speech.ts";
import { loadKey } from "../state/keys.ts";
import { signInFirst } from "../state/session.ts";

export function First({ link }: { link: string }) {
  const { first, signIn: text } = words();
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
      await signInFirst(link, name.trim(), passphrase, key.recipient);
    } catch (cause) {
      setFault(cause);
      setBusy(false);
      return;
    }
    go("queue");
    if (key.file !== null) {
      /* Who has just made it need not choose it; where this fails the page of the key asks for it. */
      await loadKey(key.file, key.passphrase).catch(() => undefined);
    }
  };
  const refused = fault instanceof Refusal && (fault.status === 400 || fault.status === 401 || fault.status === 403);
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h1>{first.heading}</h1>
      <p>{first.lead}</p>
      <Field label={text.name} value={name} onValue={setName} required autocomplete="username" />
      <Field label={text.passphrase} hint={first.passphraseHint} value={passphrase} onValue={setPassphrase} secret required minLength={12} autocomplete="new-password" />
      <OwnKey name={name} value={key} onValue={setKey} />
      {fault !== null && (
        <p role="alert" class="fault">
          {refused ? first.wrong : faultText(fault)}
        </p>
      )}
      <button type="submit" class="button first" disabled={busy || key.recipient === ""}>
        {first.go}
      </button>
    </form>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Changing one's own passphrase, and one's own key: both ask for the passphrase that is there.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";
import { changeSecrets, type NewSecrets } from "../api/people.ts";
import { faultText } from "../fault_text.ts";
import { words } from "../speech.ts";
import { keyring, loadKey } from "../state/keys.ts";
import { me, renew } from "../state/session.ts";
import { Field } from "./Field.tsx";
import { noKey, OwnKey, type OwnKeyValue } from "./OwnKey.tsx";

interface FormProps {
  heading: string;
  lead: string;
  go: string;
  done: string;
  /** null: nothing is chosen yet. */
  secrets: NewSecrets | null;
  onDone(): void;
  children: ComponentChildren;
}

function SecretsForm({ heading, lead, go, done, secrets, onDone, children }: FormProps) {
  const { secrets: text } = words();
  const [passphrase, setPassphrase] = useState("");
  const [isDone, setDone] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setFault(null);
    setDone(false);
    if (secrets === null) {
      return;
    }
    try {
      renew(await changeSecrets(passphrase, secrets));
      setPassphrase("");
      setDone(true);
      onDone();
    } catch (cause) {
      setFault(cause);
    }
  };
  return (
    <form class="part" onSubmit={(event) => void submit(event)}>
      <h2>{heading}</h2>
      <p>{lead}</p>
      {children}
      <Field label={text.current} value={passphrase} onValue={setPassphrase} secret required autocomplete="current-password" />
      {fault !== null && (
        <p role="alert" class="fault">
          {fault instanceof Refusal && fault.status === 403 ? text.wrong : faultText(fault)}
        </p>
      )}
      <div role="status">{isDone && <p>{done}</p>}</div>
      <button type="submit" class="button" disabled={secrets === null}>
        {go}
      </button>
    </form>
  );
}

export function OwnPassphrase() {
  const { secrets, first } = words();
  const [fresh, setFresh] = useState("");
  return (
    <SecretsForm
      heading={secrets.passphraseHeading}
      lead={secrets.passphraseLead}
      go={secrets.passphraseGo}
      done={secrets.passphraseDone}
      secrets={fresh.length < 12 ? null : { new_passphrase: fresh }}
      onDone={() => setFresh("")}
    >
      <Field label={secrets.fresh} hint={first.passphraseHint} value={fresh} onValue={setFresh} secret required minLength={12} autocomplete="new-password" />
    </SecretsForm>
  );
}

export function RotateKey() {
  const { secrets } = words();
  const [key, setKey] = useState<OwnKeyValue>(noKey);
  const done = () => {
    setKey(noKey);
    /* A key that is loaded opens what came before; the new one opens none of that until it is given to it. */
    if (key.file !== null && keyring.peek() === null) {
      void loadKey(key.file.blob, key.passphrase).catch(() => undefined);
    }
  };
  return (
    <SecretsForm
      heading={secrets.keyHeading}
      lead={secrets.keyLead}
      go={secrets.keyGo}
      done={secrets.keyDone}
      secrets={key.recipient === "" ? null : { recipient: key.recipient }}
      onDone={done}
    >
      <p class="mono digest" dir="ltr">
        {me.value?.recipient}
      </p>
      <OwnKey name={me.value?.name ?? ""} value={key} onValue={setKey} />
    </SecretsForm>
  );
}

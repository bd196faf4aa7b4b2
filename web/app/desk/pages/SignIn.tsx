// SPDX-License-Identifier: GPL-3.0-or-later
// The way in: a name, a passphrase, and the code of a second factor where there is one.
import { useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";
import { faultText } from "../fault_text.ts";
import { Field } from "../parts/Field.tsx";
import { LanguageChoice } from "../parts/LanguageChoice.tsx";
import { words } from "../speech.ts";
import { ended, isUntold, signIn } from "../state/session.ts";
import { isAnythingUnsent } from "../state/unsent.ts";

export function SignIn() {
  const { signIn: text } = words();
  const [name, setName] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await signIn(name.trim(), passphrase, code.trim());
    } catch (cause) {
      setFault(cause);
      setBusy(false);
    }
  };
  const status = fault instanceof Refusal ? fault.status : -1;
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h1 tabIndex={-1}>{text.heading}</h1>
      {ended.value !== null && (
        <p role="alert" class="note">
          {ended.value === "idle" ? text.idle : text.over}
        </p>
      )}
      {isUntold.value && (
        <p role="alert" class="note">
          {text.untold}
        </p>
      )}
      {isAnythingUnsent() && <p class="note">{text.unsent}</p>}
      <Field label={text.name} value={name} onValue={setName} required autocomplete="username" />
      <Field label={text.passphrase} value={passphrase} onValue={setPassphrase} secret required autocomplete="current-password" />
      <Field label={text.code} hint={text.codeHint} value={code} onValue={setCode} digits autocomplete="one-time-code" pattern="[0-9 ]*" />
      {fault !== null && (
        <p role="alert" class="fault">
          {status === 401 ? text.wrong : status === 429 ? text.rest : faultText(fault)}
        </p>
      )}
      <button type="submit" class="button first" disabled={busy}>
        {text.go}
      </button>
      <LanguageChoice />
    </form>
  );
}

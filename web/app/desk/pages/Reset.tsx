// SPDX-License-Identifier: GPL-3.0-or-later
// What the link for a lost passphrase opens.
import { useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";
import { resetByLink } from "../api/people.ts";
import { faultText } from "../fault_text.ts";
import { Field } from "../parts/Field.tsx";
import { go } from "../route.ts";
import { say, words } from "../speech.ts";

export function Reset({ link }: { link: string }) {
  const { reset, first } = words();
  const [passphrase, setPassphrase] = useState("");
  const [done, setDone] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setFault(null);
    try {
      setDone((await resetByLink(link, passphrase)).name);
      setPassphrase("");
    } catch (cause) {
      setFault(cause);
    }
  };
  if (done !== null) {
    return (
      <section class="card" aria-label={reset.heading}>
        <h1 tabIndex={-1}>{reset.heading}</h1>
        <p role="status">{say(reset.done, { name: done })}</p>
        <button type="button" class="button first" onClick={() => go("queue")}>
          {words().signIn.go}
        </button>
      </section>
    );
  }
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h1 tabIndex={-1}>{reset.heading}</h1>
      <p>{reset.lead}</p>
      <Field label={reset.passphrase} hint={first.passphraseHint} value={passphrase} onValue={setPassphrase} secret required minLength={12} autocomplete="new-password" />
      {fault !== null && (
        <p role="alert" class="fault">
          {fault instanceof Refusal && fault.status === 403 ? words().join.wrong : faultText(fault)}
        </p>
      )}
      <button type="submit" class="button first">
        {reset.go}
      </button>
    </form>
  );
}

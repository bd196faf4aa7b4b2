// SPDX-License-Identifier: GPL-3.0-or-later
// Where a reviewer loads their key. It stays in this tab, and goes nowhere.
import { useState } from "preact/hooks";
import { CoreError } from "../../core/types.ts";
import { faultText } from "../fault_text.ts";
import { Field } from "../parts/Field.tsx";
import { FileField } from "../parts/FileField.tsx";
import { words } from "../speech.ts";
import { forgetKey, keyring, loadKey } from "../state/keys.ts";
import { me } from "../state/session.ts";

function Loaded({ recipients }: { recipients: readonly string[] }) {
  const { key } = words();
  const isMine = me.value != null && recipients.includes(me.value.recipient);
  return (
    <section class="card" aria-label={key.heading}>
      <h1 tabIndex={-1}>{key.heading}</h1>
      <p role="status">{key.loaded}</p>
      {!isMine && <p class="note">{key.notMine}</p>}
      <button type="button" class="button" onClick={forgetKey}>
        {key.forget}
      </button>
    </section>
  );
}

/** What went wrong; null: the file asks for a passphrase, which is nothing wrong. */
function whyNot(cause: unknown): string | null {
  const { key } = words();
  if (!(cause instanceof CoreError)) {
    return faultText(cause);
  }
  const { status, part } = cause.fault;
  if (part === "passphrase" && status === "misuse") {
    return null;
  }
  const known: Readonly<Record<string, string>> = { auth: key.wrong, malformed: key.noKey, limit: key.costly, "no-memory": key.costly };
  return known[status] ?? faultText(cause);
}

export function Key() {
  const { key } = words();
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const loaded = keyring.value;
  if (loaded !== null) {
    return <Loaded recipients={loaded.recipients} />;
  }
  const load = async (event: Event) => {
    event.preventDefault();
    if (file === null) {
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      await loadKey(file, passphrase);
    } catch (cause) {
      setAsks(asks || (cause instanceof CoreError && cause.fault.part === "passphrase"));
      setFault(whyNot(cause));
    }
    setBusy(false);
  };
  return (
    <form class="card" onSubmit={(event) => void load(event)}>
      <h1 tabIndex={-1}>{key.heading}</h1>
      <p>{key.lead}</p>
      <FileField label={key.file} hint={key.fileHint} onFile={setFile} />
      {asks && fault === null && <p role="status">{key.asks}</p>}
      {asks && <Field label={key.passphrase} hint={key.passphraseHint} value={passphrase} onValue={setPassphrase} secret required isWanted autocomplete="off" />}
      {fault !== null && (
        <p role="alert" class="fault">
          {fault}
        </p>
      )}
      <button type="submit" class="button first" disabled={busy}>
        {busy ? key.loading : key.load}
      </button>
    </form>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A reviewer's own key: made here, saved as a file that a passphrase opens; or one that they have, of which the desk learns
// the public half.
import { useState } from "preact/hooks";
import { makeKey } from "../../seal/unsealing.ts";
import { faultText } from "../fault_text.ts";
import { saveFile } from "../saving.ts";
import { say, words } from "../speech.ts";
import { Field } from "./Field.tsx";

/** What is known of it so far; `file` and `passphrase` for one that was made here. */
export interface OwnKeyValue {
  readonly recipient: string;
  readonly file: { readonly name: string; readonly blob: Blob } | null;
  readonly passphrase: string;
}

export const noKey: OwnKeyValue = { recipient: "", file: null, passphrase: "" };

interface Props {
  /** Of the reviewer, for the file's. */
  name: string;
  value: OwnKeyValue;
  onValue(value: OwnKeyValue): void;
}

const fileName = (name: string) => `oilskin-key-${name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 40) || "desk"}.age`;

function MakeKey({ name, value, onValue }: Props) {
  const { ownKey } = words();
  const [passphrase, setPassphrase] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const make = async () => {
    setBusy(true);
    setFault(null);
    try {
      const { recipient, file } = await makeKey(passphrase);
      const saved = { name: fileName(name), blob: file };
      saveFile(saved.name, saved.blob);
      onValue({ recipient, file: saved, passphrase });
    } catch (cause) {
      setFault(cause);
    }
    setBusy(false);
  };
  const { file } = value;
  if (file !== null) {
    return (
      <div class="note" role="status">
        <p>{say(ownKey.saved, { name: file.name })}</p>
        <button type="button" class="link" onClick={() => saveFile(file.name, file.blob)}>
          {ownKey.saveAgain}
        </button>
      </div>
    );
  }
  return (
    <>
      <Field label={ownKey.passphrase} hint={ownKey.passphraseHint} value={passphrase} onValue={setPassphrase} secret minLength={12} autocomplete="off" />
      {fault !== null && (
        <p role="alert" class="fault">
          {faultText(fault)}
        </p>
      )}
      <button type="button" class="button" disabled={busy || passphrase.length < 12} onClick={() => void make()}>
        {busy ? ownKey.making : ownKey.make}
      </button>
    </>
  );
}

export function OwnKey(props: Props) {
  const { ownKey } = words();
  const { value, onValue } = props;
  const [has, setHas] = useState(false);
  const way = (mine: boolean, label: string) => (
    <label class="way">
      <input
        type="radio"
        name="own-key"
        checked={has === mine}
        onChange={() => {
          setHas(mine);
          onValue(noKey);
        }}
      />
      {label}
    </label>
  );
  return (
    <fieldset class="ways">
      <legend>{ownKey.legend}</legend>
      <p class="hint">{ownKey.lead}</p>
      {way(false, ownKey.new)}
      {way(true, ownKey.have)}
      {has ? (
        <Field
          label={ownKey.recipient}
          hint={ownKey.recipientHint}
          value={value.recipient}
          onValue={(recipient) => onValue({ ...noKey, recipient: recipient.trim() })}
          required
          pattern="\s*age1[0-9a-z]+\s*"
          autocomplete="off"
        />
      ) : (
        <MakeKey {...props} />
      )}
    </fieldset>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What is one's own: the second factor, the passphrase, the key, the language.
import { useState } from "preact/hooks";
import { drawTotp, keepTotp } from "../api/account.ts";
import { Refusal } from "../api/ask.ts";
import { faultText } from "../fault_text.ts";
import { Field } from "../parts/Field.tsx";
import { LanguageChoice } from "../parts/LanguageChoice.tsx";
import { QrCode } from "../parts/QrCode.tsx";
import { OwnPassphrase, RotateKey } from "../parts/Secrets.tsx";
import { words } from "../speech.ts";
import { me, renew } from "../state/session.ts";

function Language() {
  const { account } = words();
  return (
    <section class="part">
      <h2>{account.language}</h2>
      <LanguageChoice />
    </section>
  );
}

/** "ABCD EFGH": as people type it into a phone. */
const grouped = (key: string) => key.replace(/(.{4})(?=.)/g, "$1 ");

function Enrolment({ secret, name }: { secret: string; name: string }) {
  const { account, signIn } = words();
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<unknown>(null);
  const keep = async (event: Event) => {
    event.preventDefault();
    setFault(null);
    try {
      renew(await keepTotp(code.replace(/\s/g, "")));
    } catch (cause) {
      setFault(cause);
    }
  };
  const address = `otpauth://totp/${encodeURIComponent(`Oilskin:${name}`)}?secret=${secret}&issuer=Oilskin`;
  return (
    <form class="steps" onSubmit={(event) => void keep(event)}>
      <p>{account.totpScan}</p>
      <QrCode text={address} label={account.totpCode} />
      <p>{account.totpType}</p>
      <p class="mono secret" dir="ltr">
        {grouped(secret)}
      </p>
      <p>
        <a class="link" href={address}>
          {account.totpOpen}
        </a>
      </p>
      <Field label={signIn.code} hint={account.totpCodeHint} value={code} onValue={setCode} digits required pattern="[0-9 ]*" autocomplete="one-time-code" />
      {fault !== null && (
        <p role="alert" class="fault">
          {fault instanceof Refusal && fault.status === 403 ? account.totpWrong : faultText(fault)}
        </p>
      )}
      <button type="submit" class="button first">
        {account.totpKeep}
      </button>
    </form>
  );
}

function SecondFactor() {
  const { account, secrets } = words();
  const [passphrase, setPassphrase] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const who = me.value;
  if (who == null) {
    return null;
  }
  const draw = async (event: Event) => {
    event.preventDefault();
    setFault(null);
    try {
      setSecret((await drawTotp(passphrase)).key);
      setPassphrase("");
    } catch (cause) {
      setFault(cause);
    }
  };
  return (
    <section class="part">
      <h2>{account.totp}</h2>
      {who.totp && <p role="status">{account.totpOn}</p>}
      {!who.totp && <p>{account.totpLead}</p>}
      {!who.totp && secret !== null && <Enrolment secret={secret} name={who.name} />}
      {!who.totp && secret === null && (
        <form class="steps" onSubmit={(event) => void draw(event)}>
          <Field label={secrets.current} value={passphrase} onValue={setPassphrase} secret required autocomplete="current-password" />
          {fault !== null && (
            <p role="alert" class="fault">
              {fault instanceof Refusal && fault.status === 403 ? secrets.wrong : faultText(fault)}
            </p>
          )}
          <button type="submit" class="button">
            {account.totpBegin}
          </button>
        </form>
      )}
    </section>
  );
}

export function Account() {
  const { account } = words();
  return (
    <div class="page">
      <h1 tabIndex={-1}>{account.heading}</h1>
      <SecondFactor />
      <OwnPassphrase />
      <RotateKey />
      <Language />
    </div>
  );
}

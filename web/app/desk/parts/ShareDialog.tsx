// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a link to a copy. Its address is shown once: the server keeps none that leads to it.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { makeShare, type Publication } from "../api/publish.ts";
import { words } from "../speech.ts";
import { tell, telling } from "../state/public.ts";
import { me } from "../state/session.ts";
import { Dialog } from "./Dialog.tsx";
import { Field } from "./Field.tsx";
import { Choice } from "./Filters.tsx";
import { FormActs } from "./FormActs.tsx";
import { QrCode } from "./QrCode.tsx";

const DAYS = [1, 7, 30, 90] as const;
const VIEWS = [1, 3, 10, 100] as const;

/** What a choice says, as a member of what is asked; "": no limit, and none. */
const limit = <K extends string>(name: K, value: string): { readonly [name in K]?: number } => (value === "" ? {} : ({ [name]: Number(value) } as { [name in K]?: number }));

function Made({ address, onClose }: { address: string; onClose(): void }) {
  const { shares, app } = words();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => field.current?.focus(), []);
  const isWhole = !address.startsWith("/");
  const copy = () =>
    navigator.clipboard.writeText(address).then(
      () => setCopied(true),
      () => field.current?.select(),
    );
  return (
    <div class="steps">
      <label for={id}>{shares.address}</label>
      <input ref={field} id={id} class="link-text mono" dir="ltr" readOnly aria-describedby={`${id}-hint`} value={address} onFocus={(event) => event.currentTarget.select()} />
      <p id={`${id}-hint`} class="hint">
        {isWhole ? shares.once : `${shares.once} ${shares.noHost}`}
      </p>
      {isWhole && <QrCode text={address} label={shares.qr} />}
      <div class="dialog-act">
        <button type="button" class="button first" onClick={() => void copy()}>
          {shares.copy}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {app.close}
        </button>
      </div>
      <p role="status">{isCopied && shares.copied}</p>
    </div>
  );
}

export function ShareDialog({ copy: { publication }, onClose }: { copy: Publication; onClose(): void }) {
  const { shares } = words();
  const [days, setDays] = useState("7");
  const [views, setViews] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [address, setAddress] = useState<string | null>(null);
  const make = async () => {
    const made = await tell(
      () => makeShare({ publication, ...limit("expires_days", days), ...limit("views", views), ...(passphrase === "" ? {} : { passphrase }) }),
      () => ({ text: shares.made }),
    );
    if (made !== null) {
      setPassphrase("");
      setAddress(`${me.peek()?.publish?.address ?? ""}${made.address}`);
    }
  };
  return (
    <Dialog heading={shares.makeHeading} onClose={onClose}>
      {address !== null ? (
        <Made address={address} onClose={onClose} />
      ) : (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <p>{shares.makeLead}</p>
          <Choice label={shares.days} value={days} onValue={setDays}>
            {DAYS.map((n) => (
              <option key={n} value={n}>
                {n}
              </option>
            ))}
            <option value="">{shares.noEnd}</option>
          </Choice>
          <Choice label={shares.views} value={views} onValue={setViews}>
            <option value="">{shares.anyViews}</option>
            {VIEWS.map((n) => (
              <option key={n} value={n}>
                {n}
              </option>
            ))}
          </Choice>
          <Field label={shares.passphrase} hint={shares.passphraseHint} value={passphrase} onValue={setPassphrase} secret autocomplete="off" />
          <FormActs go={shares.make} disabled={telling.value} onClose={onClose} />
        </form>
      )}
    </Dialog>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Why files are dismissed. What it means stands there each time: it is a rule for files, and words stay.
import { useState } from "preact/hooks";
import { type Reason, reasons } from "../api/types.ts";
import { sayCount, words } from "../speech.ts";
import { Dialog } from "./Dialog.tsx";
import { FormActs } from "./FormActs.tsx";

/** @param n how many clusters it is about. */
export function DismissDialog({ n, onClose, onChosen }: { n: number; onClose(): void; onChosen(reason: Reason): void }) {
  const { dismiss } = words();
  const [reason, setReason] = useState<Reason>("off-topic");
  const pick = (key: string) => {
    const picked = reasons[Number(key) - 1];
    if (picked !== undefined) {
      onChosen(picked);
    }
    return picked !== undefined;
  };
  return (
    <Dialog heading={sayCount(dismiss.heading, n)} onClose={onClose} onKey={pick}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onChosen(reason);
        }}
      >
        <p>{dismiss.lead}</p>
        <fieldset class="choices">
          <legend class="hidden">{dismiss.why}</legend>
          {reasons.map((one, index) => (
            <label key={one} class="choice">
              <input type="radio" name="reason" checked={one === reason} autofocus={index === 0} onChange={() => setReason(one)} />
              <span>{dismiss[one]}</span>
              <kbd aria-hidden="true">{index + 1}</kbd>
            </label>
          ))}
        </fieldset>
        <FormActs go={dismiss.go} onClose={onClose} />
      </form>
    </Dialog>
  );
}

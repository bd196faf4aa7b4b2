// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of what the public asks about one thing. What is chosen is done, too.
import { useState } from "preact/hooks";
import type { Outcome, RequestGroup } from "../api/publish.ts";
import { outcomesOf } from "../outcomes.ts";
import { words } from "../speech.ts";
import { telling } from "../state/public.ts";
import { mayPublish } from "../state/session.ts";
import { Dialog } from "./Dialog.tsx";
import { FormActs } from "./FormActs.tsx";

interface Props {
  readonly group: RequestGroup;
  onClose(): void;
  onSettled(did: Outcome): void;
}

export function SettleDialog({ group, onClose, onSettled }: Props) {
  const { asked, published } = words();
  const some = outcomesOf(group, mayPublish());
  const [did, setDid] = useState<Outcome | null>(null);
  /* What settling would do is called a deed; what is done already, what it is. */
  const isThere = group.state !== null && group.state !== "withdrawn";
  const names: Readonly<Record<Outcome, string>> = {
    covered: isThere ? asked.coverNow : asked.covered,
    withdrawn: isThere ? asked.withdrawNow : asked.withdrawn,
    hidden: asked.staysHidden,
    ended: asked.ended,
    nothing: group.state === "hidden" ? asked.nothingShown : asked.nothing,
  };
  const isDeleted = (did === "covered" || did === "withdrawn") && isThere;
  return (
    <Dialog heading={asked.settleHeading} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (did !== null) {
            onSettled(did);
          }
        }}
      >
        {some.length === 0 ? (
          <p>{asked.needsPublisher}</p>
        ) : (
          <fieldset class="choices">
            <legend class="hidden">{asked.settleHeading}</legend>
            {some.map((one, index) => (
              <label key={one} class="choice">
                <input type="radio" name="did" checked={one === did} autofocus={index === 0} onChange={() => setDid(one)} />
                <span>{names[one]}</span>
              </label>
            ))}
          </fieldset>
        )}
        {isDeleted && <p class="note">{`${published.withdrawLead} ${published.withdrawStays}`}</p>}
        <FormActs go={asked.settleGo} disabled={did === null || telling.value} onClose={onClose} />
      </form>
    </Dialog>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Asked before a copy is withdrawn: it is deleted here, at once, and that can't be taken back.
import { changePublication, type Publication } from "../api/publish.ts";
import { words } from "../speech.ts";
import { tell, telling } from "../state/public.ts";
import { Dialog } from "./Dialog.tsx";

interface Props {
  readonly copy: Publication;
  put(copy: Publication): void;
  onClose(): void;
}

export function WithdrawDialog({ copy: { publication }, put, onClose }: Props) {
  const { published, app } = words();
  const go = async () => {
    const changed = await tell(() => changePublication({ publication, state: "withdraw" }), () => ({ text: published.withdrawDone }));
    if (changed !== null) {
      put(changed);
      onClose();
    }
  };
  return (
    <Dialog heading={published.withdrawHeading} onClose={onClose}>
      <p>{published.withdrawLead}</p>
      <p class="note">{published.withdrawStays}</p>
      <div class="dialog-act">
        <button type="button" class="button" onClick={onClose}>
          {app.cancel}
        </button>
        <button type="button" class="button first" aria-disabled={telling.value} onClick={() => void go()}>
          {published.withdrawGo}
        </button>
      </div>
    </Dialog>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked and told above the page.
import { useState } from "preact/hooks";
import { dropAnyway, dropping } from "../state/items.ts";
import { checking, remover, removing } from "../state/notices.ts";
import { asking, bare, coverFirst, saveAnyway } from "../state/saving.ts";
import { sayCount, words } from "../speech.ts";
import { Dialog } from "./Dialog.tsx";

export function CheckDialog() {
  const { check } = words();
  return (
    <Dialog open={checking.value} id="check-heading" heading={check.heading} onClose={() => (checking.value = false)}>
      <ol class="check-list">
        <li>{check.airplane}</li>
        <li>{check.rules}</li>
        <li>{check.tools}</li>
        <li>{check.digest}</li>
      </ol>
      <p class="note">{check.host}</p>
    </Dialog>
  );
}

export function AskDialog() {
  const { save } = words();
  return (
    <Dialog open={asking.value !== null} id="ask-heading" heading={save.askHeading} onClose={() => (asking.value = null)}>
      <p>{sayCount(save.ask, bare.value.length)}</p>
      <div class="dialog-act">
        <button type="button" class="button first" onClick={coverFirst}>
          {save.askCover}
        </button>
        <button type="button" class="button" onClick={saveAnyway}>
          {asking.value === "link" ? save.askLink : save.askSave}
        </button>
      </div>
    </Dialog>
  );
}

export function DropDialog() {
  const { common, device, files } = words();
  const keep = () => (dropping.value = []);
  return (
    <Dialog open={dropping.value.length > 0} id="drop-heading" heading={common.unsaved} onClose={keep}>
      <p>{device.updateWarning}</p>
      <div class="dialog-act">
        <button type="button" class="button first" onClick={keep}>
          {common.back}
        </button>
        <button type="button" class="button" onClick={dropAnyway}>
          {files.remove}
        </button>
      </div>
    </Dialog>
  );
}

export function RemoveDialog() {
  const { device, common } = words();
  const [ended, setEnded] = useState<"removed" | "failed" | null>(null);
  const close = () => {
    removing.value = false;
    setEnded(null);
  };
  const remove = () => {
    remover.value?.().then(
      (done) => setEnded(done ? "removed" : "failed"),
      () => setEnded("failed"),
    );
  };
  return (
    <Dialog open={removing.value} id="remove-heading" heading={device.remove} onClose={close}>
      <p role="status">
        {ended === null ? device.removeText : ended === "removed" ? device.removed : device.removeFailed}
      </p>
      <div class="dialog-act">
        {ended === null && (
          <button type="button" class="button first" onClick={remove}>
            {device.removeNow}
          </button>
        )}
        <button type="button" class="button" onClick={close}>
          {ended === null ? common.cancel : common.close}
        </button>
      </div>
    </Dialog>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// How a form above the page ends: what it does, or nothing.
import { words } from "../speech.ts";

export function FormActs({ go, disabled = false, onClose }: { go: string; disabled?: boolean; onClose(): void }) {
  return (
    <div class="dialog-act">
      <button type="submit" class="button first" disabled={disabled}>
        {go}
      </button>
      <button type="button" class="button" onClick={onClose}>
        {words().app.cancel}
      </button>
    </div>
  );
}

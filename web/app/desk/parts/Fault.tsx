// SPDX-License-Identifier: GPL-3.0-or-later
// What went wrong, where somebody looks.
import { faultText } from "../fault_text.ts";
import { words } from "../speech.ts";

/** @param onAgain where trying once more can help. */
export function Fault({ cause, onAgain }: { cause: unknown; onAgain?: () => void }) {
  return (
    <div class="fault" role="alert">
      <p>{faultText(cause)}</p>
      {onAgain !== undefined && (
        <button type="button" class="button" onClick={onAgain}>
          {words().faults.again}
        </button>
      )}
    </div>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Short news above the work; the region is there before the news, so that it is read out.
import { mode } from "../state/core.ts";
import { allCopied, hasUnsaved, items, sharedCount } from "../state/items.ts";
import { nothingPasted, offline, offlineReady, update } from "../state/notices.ts";
import { sayCount, words } from "../speech.ts";

export function Notices() {
  const { device, open } = words();
  const take = update.value;
  // While a picture is worked on, it gets the room.
  const atRest = items.value.length === 0;
  const between = atRest || allCopied.value;
  return (
    <div class="notices" role="status">
      {between && take !== null && (
        <p class="notice">
          <span>
            {device.update} {hasUnsaved.value && device.updateWarning}
          </span>
          <button type="button" class="link" onClick={take}>
            {device.updateNow}
          </button>
          <button type="button" class="link" onClick={() => (update.value = null)}>
            {device.later}
          </button>
        </p>
      )}
      {offline.value ? (
        <p class="notice">{device.offline}</p>
      ) : (
        atRest && offlineReady.value && <p class="notice">{device.offlineReady}</p>
      )}
      {atRest && mode.value === "js" && <p class="notice">{device.slow}</p>}
      {sharedCount.value > 0 && <p class="notice">{sayCount(open.shared, sharedCount.value)}</p>}
      {nothingPasted.value && <p class="notice">{open.nothingPasted}</p>}
    </div>
  );
}

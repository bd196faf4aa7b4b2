// SPDX-License-Identifier: GPL-3.0-or-later
// Short news above the work; the region is there before the news, so that it is read out.
import { mode } from "../state/core.ts";
import { allCopied, hasUnsaved, items, sharedCount } from "../state/items.ts";
import { isDemo } from "../state/linking.ts";
import { nothingPasted, offline, offlineReady, tabsOpen, update } from "../state/notices.ts";
import { sayCount, saySentences, words } from "../speech.ts";

async function takeUpdate(take: () => Promise<boolean>): Promise<void> {
  tabsOpen.value = !(await take());
}

export function Notices() {
  const { device, open } = words();
  const take = update.value;
  // While a picture is worked on, it gets the room.
  const atRest = items.value.length === 0;
  const between = atRest || allCopied.value;
  return (
    <div class="notices" role="status">
      {isDemo.value && <p class="notice demo">{device.demo}</p>}
      {between && take !== null && (
        <p class="notice">
          <span>
            {saySentences([device.update, ...(hasUnsaved.value ? [device.updateWarning] : [])])}
          </span>
          {tabsOpen.value && <span>{device.updateTabs}</span>}
          <button type="button" class="link" onClick={() => void takeUpdate(take)}>
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

// SPDX-License-Identifier: GPL-3.0-or-later
// The decisions about the chosen rows, or the one that is looked at: as buttons, and as functions for keys.
import { signal } from "@preact/signals";
import type { SeenCluster, Targets } from "../api/desk.ts";
import type { Deed, Row } from "../api/types.ts";
import { words } from "../speech.ts";
import { acting, perform } from "../state/acts.ts";
import { notice } from "../state/notice.ts";
import { chooseAll, clustersOf, submissionsOf, targetRows } from "../state/queue.ts";
import { me } from "../state/session.ts";
import { DismissDialog } from "./DismissDialog.tsx";

/** The clusters that somebody is about to dismiss. */
const dismissing = signal<readonly SeenCluster[] | null>(null);

async function decide(deed: Deed, targets: Targets): Promise<void> {
  if (await perform(deed, targets)) {
    chooseAll(false);
  }
}

function aboutFiles(deed: Deed | "ask"): void {
  const clusters = clustersOf(targetRows());
  if (clusters.length === 0) {
    notice.value = { text: words().acts.noFiles };
  } else if (deed === "ask") {
    dismissing.value = clusters;
  } else {
    void decide(deed, { clusters });
  }
}

const areAll = (some: readonly Row[], holds: (row: Row) => boolean) => some.length > 0 && some.every(holds);
const isFlagged = (row: Row) => row.state === "flagged";
const isMine = (row: Row) => row.claim !== null && row.claim === me.value?.name;

export const deciding = {
  dismiss: () => aboutFiles("ask"),
  withdraw: () => aboutFiles("withdraw-rule"),
  confirm: () => aboutFiles("confirm"),
  keep: () => aboutFiles("keep"),
  flag: () => aboutFiles(areAll(targetRows(), isFlagged) ? "unflag" : "flag"),
  read: () => void decide("seen", { submissions: submissionsOf(targetRows().filter((row) => row.has_words)) }),
  take: () => {
    const some = targetRows();
    const words = some.filter((row) => row.cluster === null);
    void decide(areAll(some, isMine) ? "release" : "claim", { clusters: clustersOf(some), submissions: submissionsOf(words) });
  },
} as const;

export function Decide() {
  const { acts, queue } = words();
  const some = targetRows();
  const busy = acting.value || some.length === 0;
  const files = some.some((row) => row.cluster !== null);
  const button = (key: string, name: string, run: () => void, first = false) => (
    <button type="button" class={first ? "button first" : "button"} disabled={busy} onClick={run}>
      {name} <kbd aria-hidden="true">{key}</kbd>
    </button>
  );
  return (
    <div class="decide" role="group" aria-label={queue.actions}>
      {some.some((row) => row.why !== null) && button("c", acts.confirm, deciding.confirm)}
      {files && (areAll(some, (row) => row.state === "dismissed") ? button("d", acts.withdraw, deciding.withdraw) : button("d", acts.dismiss, deciding.dismiss))}
      {files && button("s", acts.keep, deciding.keep)}
      {files && button("f", areAll(some, isFlagged) ? acts.unflag : acts.flag, deciding.flag)}
      {some.some((row) => row.has_words) && button("r", acts.read, deciding.read)}
      {button("a", areAll(some, isMine) ? acts.giveBack : acts.take, deciding.take)}
    </div>
  );
}

export function DecideDialogs() {
  const about = dismissing.value;
  if (about === null) {
    return null;
  }
  return (
    <DismissDialog
      n={about.length}
      onClose={() => (dismissing.value = null)}
      onChosen={(reason) => {
        dismissing.value = null;
        void perform("dismiss", { clusters: about }, reason).then((changed) => {
          if (changed) {
            chooseAll(false);
          }
        });
      }}
    />
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What the page tells beside the work: offline, a new version, removal; and which dialogs are open.
import { signal } from "@preact/signals";

export const checking = signal(false);
export const removing = signal(false);
export const offlineReady = signal(false);
export const offline = signal(!navigator.onLine);
/** Deletes what the browser keeps of the page; null where it keeps nothing. */
export const remover = signal<(() => Promise<boolean>) | null>(null);
/** Takes the new version, or gives false while another tab shows the old one; null while there is none. */
export const update = signal<(() => Promise<boolean>) | null>(null);
export const tabsOpen = signal(false);
export const nothingPasted = signal(false);
/** The page could not start. */
export const broken = signal(false);

export function watchNetwork(): void {
  const tell = () => {
    offline.value = !navigator.onLine;
  };
  addEventListener("online", tell);
  addEventListener("offline", tell);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What was just done, and the way back.
import { words } from "../speech.ts";
import { acting, takeBack } from "../state/acts.ts";
import { notice } from "../state/notice.ts";
import { telling } from "../state/public.ts";

export function NoticeBar() {
  const { done, app } = words();
  const said = notice.value;
  const shown = said !== null && (
    <div class={said.bad ? "notice notice-bad" : "notice"}>
      <p>{said.text}</p>
      {(said.undo ?? said.back) !== undefined && (
        <button type="button" class="plain" disabled={acting.value || telling.value} onClick={() => (said.back === undefined ? void takeBack(said.undo) : said.back())}>
          {done.undo} <kbd aria-hidden="true">u</kbd>
        </button>
      )}
      <button type="button" class="plain" aria-label={app.close} onClick={() => (notice.value = null)}>
        ×
      </button>
    </div>
  );
  /* What did not work is said at once, over whatever is being read. */
  return (
    <div class="notice-place">
      <div role="status">{!said?.bad && shown}</div>
      <div role="alert">{said?.bad && shown}</div>
    </div>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// From one thing of the queue to the next, or back to all of them.
import { Icon } from "../../studio/parts/icons.tsx";
import { addressOf, go } from "../route.ts";
import { words } from "../speech.ts";
import { current, currentIndex, loadMore, moveTo, next, rows } from "../state/queue.ts";
import { placeOf } from "./QueueRow.tsx";

/** To the next row of the queue, where there is one, without going back to it. */
export async function goBy(by: number): Promise<void> {
  if (currentIndex.value + by >= rows.value.length && next.value !== null) {
    await loadMore();
  }
  const before = current.value;
  moveTo(currentIndex.value + by);
  if (current.value !== null && current.value !== before) {
    go(...placeOf(current.value));
  }
}

/** Where somebody came from, and what stands beside it there. */
export function Ways() {
  const { submission: text } = words();
  const n = rows.value.length;
  return (
    <nav class="around" aria-label={text.back}>
      <a class="back" href={addressOf("queue")}>
        <Icon name="back" flips />
        {text.back}
      </a>
      {(n > 1 || next.value !== null) && (
        <>
          <button type="button" class="plain" disabled={currentIndex.value <= 0} onClick={() => void goBy(-1)}>
            {text.previous} <kbd aria-hidden="true">[</kbd>
          </button>
          <button type="button" class="plain" disabled={currentIndex.value >= n - 1 && next.value === null} onClick={() => void goBy(1)}>
            {text.next} <kbd aria-hidden="true">]</kbd>
          </button>
        </>
      )}
    </nav>
  );
}

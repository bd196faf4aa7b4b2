// SPDX-License-Identifier: GPL-3.0-or-later
// All keys in one table, and the switch that makes them quiet.
import { signal } from "@preact/signals";
import { decisions } from "../deeds.ts";
import { words } from "../speech.ts";
import { Dialog } from "./Dialog.tsx";
import { shortcutsOn } from "./useShortcuts.ts";

export const helping = signal(false);

export function Help() {
  const { keys } = words();
  if (!helping.value) {
    return null;
  }
  const table: readonly (readonly [string, string])[] = [
    ["j / ↓", keys.next],
    ["k / ↑", keys.previous],
    ["o / ↵", keys.open],
    ["p", keys.publish],
    ["b", keys.unblur],
    ["x", keys.choose],
    ...decisions.flatMap(({ letter, means }): [string, string][] => (letter === null || means === undefined ? [] : [[letter, means(keys)]])),
    ["h", keys.hide],
    ["t", keys.tag],
    ["n", keys.note],
    ["w", keys.assign],
    ["] / [  ·  . / ,", keys.nextRow],
    ["g", keys.refresh],
    ["/", keys.search],
    ["u", keys.undo],
    ["Esc", keys.back],
    ["?", keys.help],
  ];
  return (
    <Dialog heading={keys.heading} onClose={() => (helping.value = false)}>
      <table class="keys">
        <tbody>
          {table.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label class="choice">
        <input type="checkbox" checked={shortcutsOn.value} onChange={(event) => (shortcutsOn.value = event.currentTarget.checked)} />
        <span>{keys.on}</span>
      </label>
    </Dialog>
  );
}

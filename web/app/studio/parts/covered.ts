// SPDX-License-Identifier: GPL-3.0-or-later
// How much of a picture is covered, in one sentence.
import { areasOf, changeOf, type Item } from "../state/item.ts";
import { sayCount, words } from "../speech.ts";

export function sayCovered(item: Item): string {
  const { cover, done } = words();
  const areas = areasOf(item);
  if (areas === 0) {
    return cover.nothing;
  }
  return changeOf(item).regions.invert === true ? done.coveredRest : sayCount(cover.areas, areas);
}

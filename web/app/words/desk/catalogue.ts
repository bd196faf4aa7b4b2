// SPDX-License-Identifier: GPL-3.0-or-later
// The desk's words in each language. They stand apart from the studio's and the drop's: no page carries another's.
import type { Shape } from "../catalogue.ts";
import type { Tag } from "../languages.ts";
import { en } from "./en.ts";

export type DeskWords = Shape<typeof en>;

/** English where the desk has no words in that language. */
export async function loadDesk(_tag: Tag): Promise<DeskWords> {
  return en;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A decision about many, cut into what the server takes at once.
import type { Targets } from "./desk.ts";

/** The server says the same. */
const TARGETS_MAX = 500;

/** Each once, in the order in which they stand. */
export function inCalls({ clusters = [], submissions = [] }: Targets, most: number = TARGETS_MAX): Targets[] {
  const behind = (at: number) => Math.max(0, at - clusters.length);
  return Array.from({ length: Math.ceil((clusters.length + submissions.length) / most) }, (_, n) => {
    const [from, to] = [n * most, (n + 1) * most];
    return { clusters: clusters.slice(from, to), submissions: submissions.slice(behind(from), behind(to)) };
  });
}

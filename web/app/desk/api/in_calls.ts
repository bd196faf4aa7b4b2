// SPDX-License-Identifier: GPL-3.0-or-later
// A decision about many, cut into what the server takes at once.
import type { Targets } from "./desk.ts";

/** Of ids; the server says the same. */
const TARGETS_MAX = 500;

/** Each id once, in the order in which they stand. */
export function inCalls({ clusters = [], submissions = [] }: Targets, most: number = TARGETS_MAX): Targets[] {
  const all = [...clusters.map((id) => ({ id, isCluster: true })), ...submissions.map((id) => ({ id, isCluster: false }))];
  return Array.from({ length: Math.ceil(all.length / most) }, (_, n) => {
    const some = all.slice(n * most, (n + 1) * most);
    const ids = (wanted: boolean) => some.filter(({ isCluster }) => isCluster === wanted).map(({ id }) => id);
    return { clusters: ids(true), submissions: ids(false) };
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A cluster as the server has it: its row, its members page by page, what differs from it, and what it differs from.
import { useEffect, useState } from "preact/hooks";
import { getCluster, getQueue } from "../api/desk.ts";
import type { Cluster, Id, Member, Row } from "../api/types.ts";
import { changes } from "../state/acts.ts";

export interface Loaded {
  readonly found: Cluster;
  readonly members: readonly Member[];
  readonly next: string | null;
  /** Those that were asked for; how many there are says the row. */
  readonly differences: readonly Row[];
  readonly nextDifference: string | null;
  /** What it is like, where it differs. */
  readonly root: Row | null;
}

export function useCluster(id: Id): { loaded: Loaded | null; fault: unknown; more(): void; moreDifferences(): void } {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const { value: changed } = changes;
  useEffect(() => {
    const over = new AbortController();
    (async () => {
      const [found, differing] = await Promise.all([
        getCluster(id, undefined, over.signal),
        getQueue({ view: "differences", root: id }, over.signal),
      ]);
      /* It may have been withdrawn meanwhile. */
      const root = found.row.root === null ? null : await getCluster(found.row.root, undefined, over.signal).catch(() => null);
      setLoaded({ found, members: found.members, next: found.next, differences: differing.rows, nextDifference: differing.next, root: root?.row ?? null });
      setFault(null);
    })().catch((cause: unknown) => {
      if (!over.signal.aborted) {
        setFault(cause);
      }
    });
    return () => over.abort();
  }, [id, changed]);
  /** Behind what is there: what was asked for twice, or before something changed, is not wanted any more. */
  const add = (isWanted: (now: Loaded) => boolean, added: (now: Loaded) => Loaded) =>
    setLoaded((now) => (now !== null && now.found === loaded?.found && isWanted(now) ? added(now) : now));
  const more = () => {
    const after = loaded?.next;
    if (after) {
      getCluster(id, after).then(({ members, next }) => add((now) => now.next === after, (now) => ({ ...now, members: [...now.members, ...members], next })), setFault);
    }
  };
  const moreDifferences = () => {
    const after = loaded?.nextDifference;
    if (after) {
      getQueue({ view: "differences", root: id, after }).then(
        ({ rows, next }) => add((now) => now.nextDifference === after, (now) => ({ ...now, differences: [...now.differences, ...rows], nextDifference: next })),
        setFault,
      );
    }
  };
  return { loaded, fault, more, moreDifferences };
}

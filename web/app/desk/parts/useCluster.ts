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
  readonly differences: readonly Row[];
  /** What it is like, where it differs. */
  readonly root: Row | null;
}

export function useCluster(id: Id): { loaded: Loaded | null; fault: unknown; more(): void } {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const { value: changed } = changes;
  useEffect(() => {
    const over = new AbortController();
    (async () => {
      const [found, { rows }] = await Promise.all([
        getCluster(id, undefined, over.signal),
        getQueue({ view: "differences", root: id }, over.signal),
      ]);
      /* It may have been withdrawn meanwhile. */
      const root = found.row.root === null ? null : await getCluster(found.row.root, undefined, over.signal).catch(() => null);
      setLoaded({ found, members: found.members, next: found.next, differences: rows, root: root?.row ?? null });
      setFault(null);
    })().catch((cause: unknown) => {
      if (!over.signal.aborted) {
        setFault(cause);
      }
    });
    return () => over.abort();
  }, [id, changed]);
  const more = () => {
    if (loaded?.next) {
      getCluster(id, loaded.next).then((page) => setLoaded({ ...loaded, members: [...loaded.members, ...page.members], next: page.next }), setFault);
    }
  };
  return { loaded, fault, more };
}

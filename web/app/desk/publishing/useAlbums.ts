// SPDX-License-Identifier: GPL-3.0-or-later
// The albums that something can be put into, loaded once a visit of the page.
import { useEffect, useState } from "preact/hooks";
import { type Album, getAlbums } from "../api/publish.ts";

export function useAlbums(): { albums: readonly Album[] | null; fault: unknown; again(): void } {
  const [albums, setAlbums] = useState<readonly Album[] | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const over = new AbortController();
    setFault(null);
    getAlbums(over.signal).then(
      (found) => over.signal.aborted || setAlbums(found),
      (cause: unknown) => over.signal.aborted || setFault(cause),
    );
    return () => over.abort();
  }, [turn]);
  return { albums, fault, again: () => setTurn((n) => n + 1) };
}

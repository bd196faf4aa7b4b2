// SPDX-License-Identifier: GPL-3.0-or-later
// Whether there is room for what stands beside: what nobody sees is not asked for, nor opened.
import { useEffect, useState } from "preact/hooks";

/** @param query as a style sheet asks: "(min-width: 1000px)". */
export function useRoom(query: string): boolean {
  const [room] = useState(() => matchMedia(query));
  const [is, set] = useState(room.matches);
  useEffect(() => {
    const look = () => set(room.matches);
    room.addEventListener("change", look);
    return () => room.removeEventListener("change", look);
  }, [room]);
  return is;
}

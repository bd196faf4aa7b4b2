// SPDX-License-Identifier: GPL-3.0-or-later
// A list that comes page by page, and what of it was changed here.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Id } from "../api/types.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: Id | null;
}

export interface Pages<T> {
  /** null: not there yet. */
  readonly items: readonly T[] | null;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly fault: unknown;
  more(): void;
  /** From the start. */
  again(): void;
  /** In the place of what `is` finds. */
  put(item: T, is: (one: T) => boolean): void;
}

/** @param asked what the list is asked for: another one is another list. */
export function usePages<T>(asked: string, load: (after: Id | undefined, signal: AbortSignal) => Promise<Page<T>>): Pages<T> {
  const [items, setItems] = useState<readonly T[] | null>(null);
  const [next, setNext] = useState<Id | null>(null);
  const [isLoading, setLoading] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const over = useRef<AbortController | null>(null);
  const fetchFrom = async (after: Id | undefined) => {
    over.current?.abort();
    const mine = new AbortController();
    over.current = mine;
    setLoading(true);
    setFault(null);
    try {
      const page = await load(after, mine.signal);
      if (!mine.signal.aborted) {
        setItems((before) => [...(after === undefined ? [] : (before ?? [])), ...page.items]);
        setNext(page.next);
        setLoading(false);
      }
    } catch (cause) {
      if (!mine.signal.aborted) {
        setFault(cause);
        setLoading(false);
      }
    }
  };
  useEffect(() => {
    setItems(null);
    void fetchFrom(undefined);
    return () => over.current?.abort();
  }, [asked]);
  return {
    items,
    hasMore: next !== null,
    isLoading,
    fault,
    more: () => void fetchFrom(next ?? undefined),
    again: () => void fetchFrom(undefined),
    put: (item, is) => setItems((before) => before?.map((one) => (is(one) ? item : one)) ?? null),
  };
}

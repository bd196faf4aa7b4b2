// SPDX-License-Identifier: GPL-3.0-or-later
// One submission, loaded again after each decision and with each key.
import { useEffect, useState } from "preact/hooks";
import type { Id } from "../api/types.ts";
import { changes } from "../state/acts.ts";
import { keyring } from "../state/keys.ts";
import { loadSubmission, type Opened } from "../state/submission.ts";

export function useSubmission(id: Id): { opened: Opened | null; fault: unknown; again(): void } {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const keys = keyring.value;
  const { value: changed } = changes;
  useEffect(() => {
    const over = new AbortController();
    loadSubmission(id, keys, over.signal).then(
      (found) => {
        if (!over.signal.aborted) {
          setOpened(found);
          setFault(null);
        }
      },
      (cause: unknown) => {
        if (!over.signal.aborted) {
          setFault(cause);
        }
      },
    );
    return () => over.abort();
  }, [id, keys, turn, changed]);
  return { opened, fault, again: () => setTurn((n) => n + 1) };
}

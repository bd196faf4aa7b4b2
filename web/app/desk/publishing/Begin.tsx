// SPDX-License-Identifier: GPL-3.0-or-later
// Before a file is opened to be published: what happens, and what this page can't do.
import { useState } from "preact/hooks";
import { CoreError } from "../../core/types.ts";
import { ANOTHER } from "../../seal/expected.ts";
import type { DeskFile, Id } from "../api/types.ts";
import { faultText } from "../fault_text.ts";
import { sayPart, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import type { SentFile } from "../state/opened.ts";
import { Undescribed } from "../state/originals.ts";
import { me } from "../state/session.ts";
import { begin } from "../state/publishing.ts";
import { Elsewhere, LARGEST_BYTES } from "./Elsewhere.tsx";

interface Props {
  file: DeskFile;
  submission: Id;
  sent: SentFile | undefined;
}

function whyNot(cause: unknown): string {
  const { original } = words();
  if (cause instanceof Undescribed) {
    return original.undescribed;
  }
  return cause instanceof CoreError && cause.fault.part === ANOTHER ? original.another : faultText(cause);
}

export function Begin({ file, submission, sent }: Props) {
  const { publish, original } = words();
  const [progress, setProgress] = useState<number | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const keys = keyring.value;
  if (file.sealed_len > Math.min(LARGEST_BYTES, me.value?.publish?.copy_max ?? 0)) {
    return <Elsewhere submission={submission} number={file.number} isOnly />;
  }
  const open = async () => {
    if (keys === null) {
      return;
    }
    setFault(null);
    setProgress(0);
    try {
      await begin(keys, { file, submission }, sent, (done, total) => setProgress(total === 0 ? 0 : done / total));
    } catch (cause) {
      setFault(cause);
    }
    setProgress(null);
  };
  return (
    <section class="card publishing-begin" aria-label={publish.open}>
      <p>{publish.lead}</p>
      <p class="hint">{publish.audited}</p>
      <div class="note">
        <p>{file.kind === "scrubbed" ? publish.dangerScrubbed : publish.danger}</p>
        <details>
          <summary>{publish.dangerElsewhere}</summary>
          <Elsewhere submission={submission} number={file.number} />
        </details>
      </div>
      {fault !== null && (
        <p class="fault" role="alert">
          {whyNot(fault)}
        </p>
      )}
      {progress !== null && (
        <p role="status">
          {original.fetching} {sayPart(progress)}
        </p>
      )}
      <button type="button" class="button first" disabled={progress !== null} onClick={() => void open()}>
        {publish.open}
      </button>
    </section>
  );
}

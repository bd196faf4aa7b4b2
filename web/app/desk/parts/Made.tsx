// SPDX-License-Identifier: GPL-3.0-or-later
// What was published of a submission: which original became which copy, as it was written down then.
import { useEffect, useState } from "preact/hooks";
import { getMade, type MadeCopy } from "../api/publish.ts";
import type { DeskFile, Id } from "../api/types.ts";
import { addressOf } from "../route.ts";
import { say, sayCount, sayDay, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { openSealed, type Provenance, readProvenance } from "../state/opened.ts";
import { nameOfCopy } from "./CopyPicture.tsx";

/** null: on its way, or without a key; "closed": it does not open, or is no such record. */
function useProvenance({ provenance }: MadeCopy): Provenance | "closed" | null {
  const keys = keyring.value;
  const [said, setSaid] = useState<Provenance | "closed" | null>(null);
  useEffect(() => {
    let isOver = false;
    setSaid(null);
    if (keys !== null) {
      openSealed(keys, provenance).then(
        (json) => isOver || setSaid(readProvenance(json) ?? "closed"),
        () => isOver || setSaid("closed"),
      );
    }
    return () => {
      isOver = true;
    };
  }, [keys, provenance]);
  return said;
}

function Record({ copy, files }: { copy: MadeCopy; files: readonly DeskFile[] }) {
  const { published, talk, queue } = words();
  const said = useProvenance(copy);
  if (said === null || said === "closed") {
    return said === null ? null : <p class="quiet">{talk.closed}</p>;
  }
  const file = files.find((one) => one.file === said.file);
  return (
    <>
      <dl class="copy-words">
        <dt>{`${published.madeOriginal}${file === undefined ? "" : ` · ${say(queue.file, { number: file.number + 1 })}`}`}</dt>
        <dd class="mono digest" dir="ltr">
          {said.original}
        </dd>
        <dt>{`${published.madeCopy} · ${said.areas === 0 ? published.noAreas : sayCount(published.areas, said.areas)}`}</dt>
        <dd class="mono digest" dir="ltr">
          {said.copy}
        </dd>
      </dl>
      {said.copy !== copy.sha256 && (
        <p role="alert" class="fault">
          {published.madeOther}
        </p>
      )}
    </>
  );
}

export function Made({ submission, files }: { submission: Id; files: readonly DeskFile[] }) {
  const { published } = words();
  const [copies, setCopies] = useState<readonly MadeCopy[]>([]);
  useEffect(() => {
    const over = new AbortController();
    /* Without it the submission is there all the same. */
    getMade(submission, over.signal).then(setCopies, () => undefined);
    return () => over.abort();
  }, [submission]);
  return copies.length === 0 ? null : (
    <section class="block" aria-labelledby="made-heading">
      <h2 id="made-heading">{published.madeHeading}</h2>
      <ul class="files" aria-labelledby="made-heading">
        {copies.map((copy) => (
          <li key={copy.publication} class="copy-about">
            <p>
              <a href={addressOf("public", "", { copy: copy.publication })}>{nameOfCopy(copy)}</a> <span class="quiet">{sayDay(copy.day)}</span>{" "}
              <span class={`copy-state copy-${copy.state}`}>{published[copy.state]}</span>
            </p>
            <Record copy={copy} files={files} />
          </li>
        ))}
      </ul>
    </section>
  );
}

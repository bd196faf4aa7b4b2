// SPDX-License-Identifier: GPL-3.0-or-later
// One submission: what was said, its files, what reviewers wrote about it.
import { useEffect, useState } from "preact/hooks";
import type { DeskFile, Id } from "../api/types.ts";
import type { PageProps } from "../pages.ts";
import { deedKeys, Deeds } from "../parts/Deeds.tsx";
import { Fault } from "../parts/Fault.tsx";
import { FileCard } from "../parts/FileCard.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { Notes } from "../parts/Notes.tsx";
import { OpenDialog } from "../parts/OpenDialog.tsx";
import { claimOf } from "../parts/RowFacts.tsx";
import { Talk } from "../parts/Talk.tsx";
import { useShortcuts } from "../parts/useShortcuts.ts";
import { goBy, Ways } from "../parts/Ways.tsx";
import { go } from "../route.ts";
import { sayCount, sayDay, shortId, words } from "../speech.ts";
import { changes } from "../state/acts.ts";
import { keyring } from "../state/keys.ts";
import type { SentFile } from "../state/opened.ts";
import { toggleBlur } from "../state/previews.ts";
import { subjectOfFile, subjectOfSubmission } from "../state/subjects.ts";
import { loadSubmission, type Opened } from "../state/submission.ts";

function useSubmission(id: Id): { opened: Opened | null; fault: unknown; again(): void } {
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

function sentOf(opened: Opened, file: DeskFile): SentFile | undefined {
  return opened.said?.flatMap(({ files }) => files).find(({ number }) => number === file.number);
}

function Standing({ opened }: { opened: Opened }) {
  const { queue, submission: text } = words();
  const { sent } = opened;
  const claim = claimOf(sent.claim);
  return (
    <div class="standing">
      <div>
        <h1 tabIndex={-1}>{text.heading}</h1>
        <p class="row-more">
          {sayDay(sent.day)}
          {sent.category !== null && ` · ${sent.category}`} · <span class="mono">{shortId(sent.submission)}</span>
        </p>
        <p class="marks">
          {sent.has_words && <span class="mark-word mark-strong">{queue.hasWords}</span>}
          {sent.held && <span class="mark-word">{queue.held}</span>}
          {claim !== null && <span class="mark-word">{claim}</span>}
        </p>
      </div>
      <div class="decide">
        <Deeds subject={subjectOfSubmission(sent)} />
      </div>
    </div>
  );
}

const focusOn = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus();

function Loaded({ opened, again }: { opened: Opened; again(): void }) {
  const { submission: text } = words();
  const { sent } = opened;
  const [at, setAt] = useState(0);
  const [byKey, setByKey] = useState(0);
  const [opening, setOpening] = useState<DeskFile | null>(null);
  const file = sent.files[at];
  const move = (by: number) => {
    setAt(Math.max(0, Math.min(at + by, sent.files.length - 1)));
    setByKey((n) => n + 1);
  };
  const withFile = (run: (about: DeskFile) => void) => () => {
    if (file !== undefined) {
      run(file);
    }
  };
  useShortcuts({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    b: withFile((about) => toggleBlur(about.file)),
    ...deedKeys(subjectOfSubmission(sent)),
    ...deedKeys(file === undefined ? null : subjectOfFile(file)),
    o: withFile(setOpening),
    Enter: withFile(setOpening),
    "]": () => void goBy(1),
    "[": () => void goBy(-1),
    n: () => focusOn(".note-field"),
    t: () => focusOn(".tag-field"),
    w: () => focusOn(".assigned-field"),
    Escape: () => go("queue"),
  });
  return (
    <>
      <Standing opened={opened} />
      <KeyNote />
      <div class="submission-in">
        <section class="block" aria-labelledby="files-heading">
          <h2 id="files-heading">{sayCount(text.files, sent.files.length)}</h2>
          <ul class="files">
            {sent.files.map((one, index) => (
              <FileCard
                key={one.file}
                file={one}
                sent={sentOf(opened, one)}
                isCurrent={index === at}
                byKey={byKey}
                onCurrent={() => setAt(index)}
                onOpen={() => setOpening(one)}
              />
            ))}
          </ul>
        </section>
        <div class="submission-side">
          <Talk opened={opened} onChanged={again} />
          <Notes opened={opened} onChanged={again} />
        </div>
      </div>
      {opening !== null && <OpenDialog file={opening} sent={sentOf(opened, opening)} onClose={() => setOpening(null)} />}
    </>
  );
}

export function Submission({ place }: PageProps) {
  const { app } = words();
  const { opened, fault, again } = useSubmission(place.of);
  return (
    <div class="submission">
      <Ways />
      {fault !== null && <Fault cause={fault} onAgain={again} />}
      {opened !== null ? <Loaded opened={opened} again={again} /> : fault === null && <p role="status">{app.working}</p>}
    </div>
  );
}

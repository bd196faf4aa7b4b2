// SPDX-License-Identifier: GPL-3.0-or-later
// One submission: what was said, its files, what reviewers wrote about it.
import { useState } from "preact/hooks";
import type { DeskFile } from "../api/types.ts";
import type { PageProps } from "../pages.ts";
import { deedKeys, Deeds } from "../parts/Deeds.tsx";
import { Fault } from "../parts/Fault.tsx";
import { FileCard } from "../parts/FileCard.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { Made } from "../parts/Made.tsx";
import { Notes } from "../parts/Notes.tsx";
import { OpenDialog } from "../parts/OpenDialog.tsx";
import { claimOf } from "../parts/RowFacts.tsx";
import { Talk } from "../parts/Talk.tsx";
import { useSubmission } from "../parts/useSubmission.ts";
import { useShortcuts } from "../parts/useShortcuts.ts";
import { goBy, Ways } from "../parts/Ways.tsx";
import { go } from "../route.ts";
import { sayCount, sayDay, shortId, words } from "../speech.ts";
import { toggleBlur } from "../state/previews.ts";
import { mayPublish } from "../state/session.ts";
import { subjectOfFile, subjectOfSubmission } from "../state/subjects.ts";
import { type Opened, sentOf } from "../state/submission.ts";

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
  const publishes = mayPublish();
  const toPublish = ({ file: one }: DeskFile) => go("publish", one, { of: sent.submission });
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
    ...(publishes ? { p: withFile(toPublish) } : {}),
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
                onPublish={publishes ? () => toPublish(one) : null}
              />
            ))}
          </ul>
        </section>
        <div class="submission-side">
          <Talk opened={opened} onChanged={again} />
          <Made submission={sent.submission} files={sent.files} />
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

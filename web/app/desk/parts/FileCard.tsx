// SPDX-License-Identifier: GPL-3.0-or-later
// One file of a submission: its preview, what is known of it, what can be done about it.
import { useEffect, useRef } from "preact/hooks";
import type { DeskFile } from "../api/types.ts";
import { addressOf } from "../route.ts";
import { say, saySize, words } from "../speech.ts";
import type { SentFile } from "../state/opened.ts";
import { subjectOfFile } from "../state/subjects.ts";
import { DeedButton, Deeds } from "./Deeds.tsx";
import { Preview } from "./Preview.tsx";

interface Props {
  file: DeskFile;
  sent: SentFile | undefined;
  isCurrent: boolean;
  /** Grows with each move by a key. */
  byKey: number;
  onCurrent(): void;
  onOpen(): void;
  /** null: not by who looks at it, or not at this desk. */
  onPublish: (() => void) | null;
}

export function FileCard({ file, sent, isCurrent, byKey, onCurrent, onOpen, onPublish }: Props) {
  const { submission: text, kinds, views, queue } = words();
  const card = useRef<HTMLLIElement>(null);
  const moved = useRef(byKey);
  useEffect(() => {
    const isByKey = byKey !== moved.current;
    moved.current = byKey;
    /* Who came by Tab or by the mouse has the focus where they want it. */
    if (isCurrent && isByKey) {
      card.current?.focus({ preventScroll: true });
      card.current?.scrollIntoView({ block: "nearest" });
    }
  }, [isCurrent, byKey]);
  const name = say(queue.file, { number: file.number + 1 });
  return (
    <li ref={card} class={isCurrent ? "file file-current" : "file"} tabIndex={-1} aria-label={name} onClick={onCurrent} onFocusCapture={onCurrent}>
      <Preview file={file.file} looked={file.looked} media={file.media} size="large" hasKey={isCurrent} name={name} />
      <div class="file-words">
        <h3>{name}</h3>
        <p class="row-more">
          {[sent?.format ?? null, sent?.len != null ? saySize(sent.len) : null, kinds[file.kind], file.state === "new" ? null : views[file.state]].filter((one) => one !== null).join(" · ")}
        </p>
        {sent?.reason != null && (
          <p class="row-more" lang="en">
            {sent.reason}
          </p>
        )}
        <div class="decide">
          <Deeds subject={subjectOfFile(file)} isHeard={isCurrent} />
          <DeedButton letter="o" isHeard={isCurrent} onPress={onOpen}>
            {text.original}
          </DeedButton>
          {onPublish !== null && (
            <DeedButton letter="p" isHeard={isCurrent} onPress={onPublish}>
              {text.publish}
            </DeedButton>
          )}
          <a class="button" href={addressOf("clusters", file.cluster)}>
            {text.copies}
          </a>
        </div>
      </div>
    </li>
  );
}

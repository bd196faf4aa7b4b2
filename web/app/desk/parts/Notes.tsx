// SPDX-License-Identifier: GPL-3.0-or-later
// What reviewers write about a submission for each other: tags, who sees to it, notes. All of it is sealed here.
import { useId, useState } from "preact/hooks";
import { faultText } from "../fault_text.ts";
import { say, sayDay, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { notice } from "../state/notice.ts";
import { addNote, type Opened, removeNote, setAssigned, setTags } from "../state/submission.ts";
import type { Keyring } from "../../seal/unsealing.ts";
import { usePeople } from "./usePeople.ts";
import { useUnsent } from "./useUnsent.ts";

interface Props {
  opened: Opened;
  onChanged(): void;
}

/** More would not be seen at a glance, nor fit in what the server takes. */
const TAGS_MAX = 24;
const TAG_LENGTH_MAX = 40;

type Write = (what: (keys: Keyring) => Promise<void>, onWritten?: () => void) => Promise<void>;

/** One write at a time: a second press is not a second note. */
function useWriting(onChanged: () => void): { busy: boolean; writing: Write } {
  const [busy, setBusy] = useState(false);
  const writing: Write = async (what, onWritten) => {
    if (busy || keyring.value === null) {
      return;
    }
    setBusy(true);
    try {
      await what(keyring.value);
      onWritten?.();
    } catch (cause) {
      notice.value = { text: faultText(cause), bad: true };
    }
    onChanged();
    setBusy(false);
  };
  return { busy, writing };
}

/** In place of a form: what can't be read is not written over. */
function Closed({ of }: { of: string }) {
  const { notes } = words();
  return (
    <div class="tags-form">
      <p>{of}</p>
      <p class="note">{notes.closed}</p>
    </div>
  );
}

function Tags({ opened, onChanged }: Props) {
  const { notes } = words();
  const id = useId();
  const { text, write, settle } = useUnsent(opened.sent.submission, "tag");
  const { busy, writing } = useWriting(onChanged);
  const { value: tags } = opened.tags;
  const set = (wanted: readonly string[], onWritten?: () => void) => writing((keys) => setTags(keys, opened, wanted), onWritten);
  const add = () => {
    const tag = text.trim().slice(0, TAG_LENGTH_MAX);
    if (tag !== "" && !tags.includes(tag) && tags.length < TAGS_MAX) {
      void set([...tags, tag], () => settle(""));
    }
  };
  if (opened.tags.closed) {
    return <Closed of={notes.tags} />;
  }
  return (
    <form
      class="tags-form"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <ul class="tags" aria-label={notes.tags}>
        {tags.map((tag) => (
          <li key={tag} class="tag">
            <bdi>{tag}</bdi>
            <button type="button" class="tag-remove" aria-label={say(notes.removeTag, { tag })} onClick={() => void set(tags.filter((one) => one !== tag))}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <label for={id}>{notes.newTag}</label>
      <div class="line-act">
        <input id={id} class="tag-field" dir="auto" value={text} readOnly={busy} maxLength={TAG_LENGTH_MAX} autocomplete="off" onInput={(event) => write(event.currentTarget.value)} />
        <button type="submit" class="button" disabled={text.trim() === ""}>
          {notes.addTag}
        </button>
      </div>
    </form>
  );
}

function Assigned({ opened, onChanged }: Props) {
  const { notes } = words();
  const id = useId();
  const { value: to, closed } = opened.assigned;
  const { text, write, settle } = useUnsent(opened.sent.submission, "assigned", to);
  const { busy, writing } = useWriting(onChanged);
  /* Who has left may see to it still. */
  const names = [...new Set([...usePeople().map(({ name }) => name), to, text])].filter((name) => name !== "");
  if (closed) {
    return <Closed of={notes.assigned} />;
  }
  return (
    <form
      class="tags-form"
      onSubmit={(event) => {
        event.preventDefault();
        void writing((keys) => setAssigned(keys, opened, text), () => settle(text));
      }}
    >
      <label for={id}>{notes.assigned}</label>
      <div class="line-act">
        <select id={id} class="assigned-field" value={text} onChange={(event) => write(event.currentTarget.value)}>
          <option value="">{notes.nobody}</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <button type="submit" class="button" disabled={busy || text === to}>
          {notes.assign}
        </button>
      </div>
    </form>
  );
}

function NoteList({ opened, onChanged }: Props) {
  const { notes, talk } = words();
  const id = useId();
  const owner = opened.sent.submission;
  const { text, write, settle } = useUnsent(owner, "note");
  const { busy, writing } = useWriting(onChanged);
  return (
    <>
      <ul class="note-list">
        {opened.notes.map((note) => (
          <li key={note.id} class="said">
            <p class="said-head">
              <bdi>{note.by}</bdi> <span class="quiet">{sayDay(note.day)}</span>
              {!note.closed && (
                <button type="button" class="plain note-remove" onClick={() => void writing((keys) => removeNote(keys, owner, note))}>
                  {notes.remove}
                </button>
              )}
            </p>
            {note.closed ? (
              <p class="quiet">{talk.closed}</p>
            ) : (
              <p class="said-text" dir="auto">
                {note.text}
              </p>
            )}
          </li>
        ))}
      </ul>
      <form
        class="answer"
        onSubmit={(event) => {
          event.preventDefault();
          void writing((keys) => addNote(keys, owner, text.trim()), () => settle(""));
        }}
      >
        <label for={id}>{notes.note}</label>
        <textarea id={id} class="note-field" rows={2} dir="auto" maxLength={4000} value={text} readOnly={busy} onInput={(event) => write(event.currentTarget.value)} />
        <div class="dialog-act">
          <button type="submit" class="button" disabled={text.trim() === ""}>
            {notes.add}
          </button>
        </div>
      </form>
    </>
  );
}

export function Notes({ opened, onChanged }: Props) {
  const { notes } = words();
  return (
    <section class="block" aria-labelledby="notes-heading">
      <h2 id="notes-heading">{notes.heading}</h2>
      {opened.said === null ? (
        <p class="quiet">{notes.noKey}</p>
      ) : (
        <>
          <p class="hint">{notes.hint}</p>
          <Tags opened={opened} onChanged={onChanged} />
          <Assigned key={opened.assigned.value} opened={opened} onChanged={onChanged} />
          <NoteList opened={opened} onChanged={onChanged} />
        </>
      )}
    </section>
  );
}

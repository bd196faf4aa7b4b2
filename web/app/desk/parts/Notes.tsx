// SPDX-License-Identifier: GPL-3.0-or-later
// What reviewers write about a submission for each other: tags, who sees to it, notes. All of it is sealed here.
import { useId, useState } from "preact/hooks";
import { say, sayDay, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { notice } from "../state/notice.ts";
import { addNote, type Opened, removeNote, setAssigned, setTags } from "../state/submission.ts";
import type { Keyring } from "../../seal/unsealing.ts";
import { faultText } from "./Fault.tsx";

interface Props {
  opened: Opened;
  onChanged(): void;
}

/** More would not be seen at a glance, nor fit in what the server takes. */
const TAGS_MAX = 24;
const TAG_LENGTH_MAX = 40;

async function writing(what: (keys: Keyring) => Promise<void>, onChanged: () => void): Promise<boolean> {
  if (keyring.value === null) {
    return false;
  }
  try {
    await what(keyring.value);
    return true;
  } catch (cause) {
    notice.value = { text: faultText(cause), bad: true };
    return false;
  } finally {
    onChanged();
  }
}

function Tags({ opened, onChanged }: Props) {
  const { notes } = words();
  const id = useId();
  const [text, setText] = useState("");
  const { value: tags } = opened.tags;
  const set = (wanted: readonly string[]) => writing((keys) => setTags(keys, opened, wanted), onChanged);
  const add = async () => {
    const tag = text.trim().slice(0, TAG_LENGTH_MAX);
    if (tag !== "" && !tags.includes(tag) && tags.length < TAGS_MAX && (await set([...tags, tag]))) {
      setText("");
    }
  };
  return (
    <form
      class="tags-form"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
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
        <input id={id} class="tag-field" dir="auto" value={text} maxLength={TAG_LENGTH_MAX} autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} />
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
  const [text, setText] = useState(opened.assigned.value);
  return (
    <form
      class="tags-form"
      onSubmit={(event) => {
        event.preventDefault();
        void writing((keys) => setAssigned(keys, opened, text.trim()), onChanged);
      }}
    >
      <label for={id}>{notes.assigned}</label>
      <div class="line-act">
        <input id={id} dir="auto" value={text} maxLength={64} autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit" class="button" disabled={text.trim() === opened.assigned.value}>
          {notes.assign}
        </button>
      </div>
    </form>
  );
}

function NoteList({ opened, onChanged }: Props) {
  const { notes } = words();
  const id = useId();
  const [text, setText] = useState("");
  const owner = opened.sent.submission;
  const add = async () => {
    if (await writing((keys) => addNote(keys, owner, text.trim()), onChanged)) {
      setText("");
    }
  };
  return (
    <>
      <ul class="note-list">
        {opened.notes.map((note) => (
          <li key={note.id} class="said">
            <p class="said-head">
              <bdi>{note.by}</bdi> <span class="quiet">{sayDay(note.day)}</span>
              <button type="button" class="plain note-remove" onClick={() => void writing((keys) => removeNote(keys, owner, note), onChanged)}>
                {notes.remove}
              </button>
            </p>
            <p class="said-text" dir="auto">
              {note.text}
            </p>
          </li>
        ))}
      </ul>
      <form
        class="answer"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <label for={id}>{notes.note}</label>
        <textarea id={id} class="note-field" rows={2} dir="auto" maxLength={4000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
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

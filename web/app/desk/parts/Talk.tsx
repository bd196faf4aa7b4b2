// SPDX-License-Identifier: GPL-3.0-or-later
// What the sender and the desk said to each other, and the next answer. Text of strangers is shown as text.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { reply } from "../api/desk.ts";
import { sayDay, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { notice } from "../state/notice.ts";
import { sealFor } from "../state/opened.ts";
import { type Opened, type Said, setDraft } from "../state/submission.ts";
import { faultText } from "./Fault.tsx";

/** What the drop's pages show of one. */
const REPLY_BYTES_MAX = 8 * 1024;

function One({ said }: { said: Said }) {
  const { talk } = words();
  return (
    <li class={said.fromDesk ? "said said-desk" : "said"}>
      <p class="said-head">
        {said.fromDesk ? talk.desk : talk.sender} <span class="quiet">{sayDay(said.day)}</span>
      </p>
      {said.closed ? <p class="quiet">{talk.closed}</p> : <p class="said-text" dir="auto">{said.text === "" ? <span class="quiet">{talk.noWords}</span> : said.text}</p>}
      {(said.place !== "" || said.time !== "") && (
        <dl class="said-about">
          {said.place !== "" && (
            <>
              <dt>{talk.place}</dt>
              <dd dir="auto">{said.place}</dd>
            </>
          )}
          {said.time !== "" && (
            <>
              <dt>{talk.time}</dt>
              <dd dir="auto">{said.time}</dd>
            </>
          )}
        </dl>
      )}
    </li>
  );
}

function Answer({ opened, onChanged }: { opened: Opened; onChanged(): void }) {
  const { talk } = words();
  const { sent, draft } = opened;
  const id = useId();
  const [text, setText] = useState(draft.value);
  const [busy, setBusy] = useState(false);
  /* A draft that is loaded later does not take away what is being written. */
  const untouched = useRef(true);
  useEffect(() => {
    if (untouched.current) {
      setText(draft.value);
    }
  }, [draft.value]);
  const tooLong = new TextEncoder().encode(text).length > REPLY_BYTES_MAX;
  const doing = async (what: () => Promise<string>) => {
    setBusy(true);
    try {
      notice.value = { text: await what() };
      untouched.current = true;
    } catch (cause) {
      notice.value = { text: faultText(cause), bad: true };
    }
    /* Also when somebody was quicker: what they said is to be seen beside what is being written. */
    onChanged();
    setBusy(false);
  };
  const send = () =>
    doing(async () => {
      const keys = keyring.value;
      if (keys === null || sent.reply_key === null) {
        throw new Error(talk.noKey);
      }
      await reply(sent.submission, sent.messages.length, await sealFor(keys, { schema: "oilskin/message/1", text }, [sent.reply_key]));
      if (draft.version > 0) {
        await setDraft(keys, opened, "");
      }
      setText("");
      return talk.sent;
    });
  const keep = () =>
    doing(async () => {
      if (keyring.value !== null) {
        await setDraft(keyring.value, opened, text);
      }
      return talk.kept;
    });
  return (
    <form
      class="answer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label for={id}>{talk.answer}</label>
      <textarea
        id={id}
        rows={4}
        dir="auto"
        value={text}
        aria-describedby={`${id}-hint`}
        onInput={(event) => {
          untouched.current = false;
          setText(event.currentTarget.value);
        }}
      />
      <p id={`${id}-hint`} class="hint">
        {tooLong ? talk.tooLong : talk.hint}
      </p>
      <div class="dialog-act">
        <button type="submit" class="button first" disabled={busy || tooLong || text.trim() === ""}>
          {talk.send}
        </button>
        <button type="button" class="button" disabled={busy || text === draft.value} onClick={() => void keep()}>
          {talk.keep}
        </button>
      </div>
    </form>
  );
}

export function Talk({ opened, onChanged }: { opened: Opened; onChanged(): void }) {
  const { talk } = words();
  const { said, sent } = opened;
  return (
    <section class="block" aria-labelledby="talk-heading">
      <h2 id="talk-heading">{talk.heading}</h2>
      {said === null ? (
        <p class="note">{talk.noKey}</p>
      ) : (
        <>
          <ol class="talk">
            {said.map((one) => (
              <One key={one.number} said={one} />
            ))}
          </ol>
          {sent.reply_key === null ? <p class="quiet">{talk.noReceipt}</p> : <Answer opened={opened} onChanged={onChanged} />}
        </>
      )}
    </section>
  );
}

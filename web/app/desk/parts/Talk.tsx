// SPDX-License-Identifier: GPL-3.0-or-later
// What the sender and the desk said to each other, and the next answer. Text of strangers is shown as text.
import { useEffect, useId, useState } from "preact/hooks";
import type { Keyring } from "../../seal/unsealing.ts";
import { findContacts } from "../../words_check.ts";
import { reply } from "../api/desk.ts";
import { faultText } from "../fault_text.ts";
import { sayDay, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { notice } from "../state/notice.ts";
import { giveSealed } from "../state/sealing.ts";
import { openAgain } from "../state/search.ts";
import { type Opened, type Said, setDraft } from "../state/submission.ts";
import { keepUnsent, unsentOf } from "../state/unsent.ts";
import { ContactsDialog } from "./Contacts.tsx";
import { type UnsentField, useUnsent } from "./useUnsent.ts";

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

/** The draft; one that was sent and could not be taken away is none any more. */
function draftOf({ draft, said }: Opened): string {
  const last = said?.at(-1);
  return last?.fromDesk && last.text === draft.value ? "" : draft.value;
}

function isSaid({ said }: Opened, { text, after }: { text: string; after: number }): boolean {
  /* Before the messages is what was sent with the files. */
  return said?.slice(1 + after).some((one) => one.fromDesk && one.text === text) ?? false;
}

/** What fails may have come through: what was answered is lost then, and what is loaded next says so. */
async function sendOnce(keys: Keyring, { sent }: Opened, text: string): Promise<void> {
  const { submission, messages, reply_key } = sent;
  try {
    await giveSealed(keys, { schema: "oilskin/message/1", text }, (sealed) => reply(submission, messages.length, sealed), reply_key === null ? [] : [reply_key]);
  } catch (cause) {
    keepUnsent(submission, "tried", { text, after: messages.length });
    throw cause;
  }
}

interface Answering extends Pick<UnsentField, "text" | "write"> {
  readonly busy: boolean;
  send(): Promise<void>;
  keep(): Promise<void>;
}

function useAnswer(opened: Opened, onChanged: () => void): Answering {
  const { talk } = words();
  const { sent, draft } = opened;
  const base = draftOf(opened);
  const { text, isTouched, write, settle } = useUnsent(sent.submission, "answer", base);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    /* A draft that is loaded later does not take away what is being written. */
    if (!isTouched) {
      settle(base);
    }
  }, [base]);
  useEffect(() => {
    const { tried } = unsentOf(sent.submission);
    keepUnsent(sent.submission, "tried", undefined);
    if (tried !== undefined && isSaid(opened, tried)) {
      notice.value = { text: talk.sent };
      if (text === tried.text) {
        settle("");
      }
    }
  }, [opened]);
  const doing = async (what: (keys: Keyring) => Promise<string>) => {
    const keys = keyring.value;
    if (keys === null) {
      notice.value = { text: talk.noKey, bad: true };
      return;
    }
    setBusy(true);
    try {
      notice.value = { text: await what(keys) };
    } catch (cause) {
      notice.value = { text: faultText(cause), bad: true };
    }
    /* Also when somebody was quicker: what they said is to be seen beside what is being written. */
    onChanged();
    setBusy(false);
  };
  const send = () =>
    doing(async (keys) => {
      await sendOnce(keys, opened, text);
      openAgain(sent.submission);
      settle("");
      if (draft.version > 0 && !draft.closed) {
        /* It is said, whether or not its draft can be taken away. */
        await setDraft(keys, opened, "").catch(() => undefined);
      }
      return talk.sent;
    });
  const keep = () =>
    doing(async (keys) => {
      await setDraft(keys, opened, text);
      settle(text);
      return talk.kept;
    });
  return { text, write, busy, send, keep };
}

function Answer({ opened, onChanged }: { opened: Opened; onChanged(): void }) {
  const { talk } = words();
  const { draft } = opened;
  const id = useId();
  const { text, write, busy, send, keep } = useAnswer(opened, onChanged);
  const [isAsking, setAsking] = useState(false);
  const contacts = isAsking ? findContacts(text) : [];
  const tooLong = new TextEncoder().encode(text).length > REPLY_BYTES_MAX;
  return (
    <form
      class="answer"
      onSubmit={(event) => {
        event.preventDefault();
        if (findContacts(text).length > 0) {
          setAsking(true);
        } else {
          void send();
        }
      }}
    >
      <label for={id}>{talk.answer}</label>
      <textarea
        id={id}
        rows={4}
        dir="auto"
        value={text}
        readOnly={busy}
        aria-describedby={`${id}-hint`}
        onInput={(event) => write(event.currentTarget.value)}
      />
      <p id={`${id}-hint`} class="hint">
        {tooLong ? talk.tooLong : talk.hint}
      </p>
      {contacts.length > 0 && (
        <ContactsDialog
          found={contacts}
          onClose={() => setAsking(false)}
          onAnyway={() => {
            setAsking(false);
            void send();
          }}
        />
      )}
      {draft.closed && <p class="note">{talk.draftClosed}</p>}
      <div class="dialog-act">
        <button type="submit" class="button first" disabled={busy || tooLong || text.trim() === ""}>
          {talk.send}
        </button>
        <button type="button" class="button" disabled={busy || draft.closed || text === draft.value} onClick={() => void keep()}>
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

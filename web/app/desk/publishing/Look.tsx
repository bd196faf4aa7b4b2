// SPDX-License-Identifier: GPL-3.0-or-later
// The copy exactly as it will be public, what stands beside it, and the last questions.
import { useEffect, useState } from "preact/hooks";
import { CoreError } from "../../core/types.ts";
import { changeOf } from "../../studio/state/item.ts";
import { type Contact, findContacts } from "../../words_check.ts";
import { Refusal } from "../api/ask.ts";
import { openedStates, publishCopy, type Published, type Publishing } from "../api/copies.ts";
import { contactsIn, getMade } from "../api/publish.ts";
import { faultText } from "../fault_text.ts";
import { ContactsDialog } from "../parts/Contacts.tsx";
import { say, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { AnotherCopy, finish, type Given, given, isNewest, loseCopy, makeCopy, texts, type Working } from "../state/publishing.ts";
import { giveSealed } from "../state/sealing.ts";
import { AsPublic } from "./AsPublic.tsx";
import { Elsewhere } from "./Elsewhere.tsx";
import { unplayedOf } from "./codings.ts";
import { fits, TextFields } from "./TextFields.tsx";

/** Why there is no copy: the part and the place of it, where they are known. */
function whyNoCopy(cause: unknown): string {
  const { publish } = words();
  if (cause instanceof AnotherCopy) {
    return publish.another;
  }
  const { part, offset } = cause instanceof Refusal ? cause.said : cause instanceof CoreError ? cause.fault : {};
  const text = faultText(cause);
  return typeof part === "string" && part !== "" && typeof offset === "number" ? `${text} ${say(publish.where, { part, offset })}` : text;
}

/** Made, given and taken back, once for each change of what is covered. */
function useCopy(working: Working): { step: "making" | "checking"; fault: unknown; again(): void } {
  const [step, setStep] = useState<"making" | "checking">("making");
  const [fault, setFault] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const change = changeOf(working.item);
  useEffect(() => {
    const mine = new AbortController();
    const tell = (cause: unknown) => {
      if (!mine.signal.aborted) {
        setFault(cause);
      }
    };
    setFault(null);
    setStep("making");
    makeCopy(working, mine, () => setStep("checking")).catch(tell);
    return () => mine.abort();
  }, [working, change, turn]);
  return { step, fault, again: () => setTurn((n) => n + 1) };
}

/** More letters than each of them may have. */
const TEXT_MAX = 10_000;

/** In all that stands beside it, one behind the other. */
function ownContacts(): readonly Contact[] {
  const { caption, alt, warning } = texts.peek();
  return [caption, alt, warning].flatMap((text, index) => findContacts(text).map((one) => ({ ...one, at: index * TEXT_MAX + one.at })));
}

/** The server refuses it as one that it holds no more. A file that is gone from its submission has nothing that could be done. */
const isLost = (cause: unknown): boolean => cause instanceof Refusal && cause.status === 404 && cause.next !== null;

/** Where no answer came, or the copy is gone by then, an earlier try may have published it. */
async function soughtBehind(cause: unknown, { submission }: Working, asked: Omit<Publishing, "provenance">, digest: string): Promise<Published | null> {
  if (!isLost(cause) && !(cause instanceof Refusal && (cause.status === 0 || cause.status >= 500))) {
    return null;
  }
  const all = await getMade(submission).catch(() => []);
  const same = all.find(({ sha256, album, caption, alt, warning }) => JSON.stringify([sha256, album, caption, alt, warning]) === JSON.stringify([digest, asked.album, asked.caption, asked.alt, asked.warning]));
  const state = openedStates.find((one) => one === same?.state);
  return same === undefined || state === undefined ? null : { publication: same.publication, state };
}

/** What somebody was asked, and said yes to. */
interface Confirmed {
  readonly none: boolean;
  readonly unplayed: boolean;
}

function usePublishing(working: Working, now: Given) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [asked, setAsked] = useState<readonly Contact[]>([]);
  const publish = async (confirmed: Confirmed, wordsChecked: boolean) => {
    const keys = keyring.peek();
    const contacts = wordsChecked ? [] : ownContacts();
    setAsked(contacts);
    if (keys === null || contacts.length > 0 || !isNewest(now, working)) {
      return;
    }
    setBusy(true);
    setFault(null);
    const { file, submission } = working;
    const { copy, provenance } = now;
    const { album, caption, alt, warning } = texts.peek();
    const beside = { album, caption: caption.trim(), alt: alt.trim(), warning: warning.trim() };
    const about = { copy: copy.copy, submission, file, ...beside, areas: provenance.areas, confirmed_none: confirmed.none, confirmed_unplayed: confirmed.unplayed, words_checked: wordsChecked };
    try {
      finish(working, await giveSealed(keys, provenance, (sealed) => publishCopy({ ...about, provenance: sealed })));
      return;
    } catch (cause) {
      const already = await soughtBehind(cause, working, about, provenance.copy_sha256);
      if (already !== null) {
        finish(working, already);
        return;
      }
      const found = contactsIn(cause) ?? [];
      setAsked(found);
      setFault(found.length > 0 ? null : cause);
    }
    setBusy(false);
  };
  return { busy, fault, asked, publish, askNoMore: () => setAsked([]) };
}

interface ReadyProps {
  working: Working;
  now: Given;
  /** To cover more. */
  onBack(): void;
  /** The server holds the copy no more. */
  onLost(): void;
}

function Ready({ working, now, onBack, onLost }: ReadyProps) {
  const { publish: text, published } = words();
  const { busy, fault, asked, publish, askNoMore } = usePublishing(working, now);
  const [confirmed, setConfirmed] = useState<Confirmed>({ none: false, unplayed: false });
  const bare = now.provenance.areas === 0;
  const unplayed = unplayedOf(now.copy);
  const isConfirmed = (!bare || confirmed.none) && (unplayed === "" || confirmed.unplayed);
  const isGone = isLost(fault);
  /* Nobody publishes what was not there to be seen. */
  const [seen, setSeen] = useState<{ digest: string; how: "seen" | "lost" } | null>(null);
  const digest = now.copy.sha256;
  const how = seen?.digest === digest ? seen.how : null;
  return (
    <div class="publishing-look">
      <AsPublic given={now} texts={texts.value} onSeen={() => setSeen({ digest, how: "seen" })} onFault={() => setSeen({ digest, how: "lost" })} />
      <form
        class="form card"
        onSubmit={(event) => {
          event.preventDefault();
          void publish(confirmed, false);
        }}
      >
        <h2>{text.beside}</h2>
        <TextFields />
        {bare && (
          <label class="choice note">
            <input type="checkbox" checked={confirmed.none} onChange={({ currentTarget: { checked: none } }) => setConfirmed((before) => ({ ...before, none }))} />
            <span>{text.confirmNone}</span>
          </label>
        )}
        {unplayed !== "" && (
          <div class="note unplayed">
            <p>{say(text.unplayed, { codings: unplayed })}</p>
            <details>
              <summary>{text.elsewhereHeading}</summary>
              <Elsewhere submission={working.submission} number={working.number} />
            </details>
            <label class="choice">
              <input type="checkbox" checked={confirmed.unplayed} onChange={({ currentTarget: { checked } }) => setConfirmed((before) => ({ ...before, unplayed: checked }))} />
              <span>{text.confirmUnplayed}</span>
            </label>
          </div>
        )}
        {how === "lost" && (
          <p class="fault" role="alert">
            {published.notShown}
          </p>
        )}
        {fault !== null && (
          <p class="fault" role="alert">
            {isGone ? text.lost : faultText(fault)}
          </p>
        )}
        <div class="dialog-act">
          <button type="submit" class="button first" disabled={busy || how !== "seen" || !fits(texts.value) || !isConfirmed}>
            {text.go}
          </button>
          <button type="button" class="button" disabled={busy} onClick={onBack}>
            {text.coverMore}
          </button>
          {isGone && (
            <button type="button" class="button" onClick={onLost}>
              {text.giveAgain}
            </button>
          )}
        </div>
      </form>
      {asked.length > 0 && <ContactsDialog found={asked} onClose={askNoMore} onAnyway={() => void publish(confirmed, true)} />}
    </div>
  );
}

export function Look({ working, onBack }: { working: Working; onBack(): void }) {
  const { publish, faults } = words();
  const { step, fault, again } = useCopy(working);
  const now = given.value;
  if (fault !== null) {
    return (
      <div class="fault" role="alert">
        <p>{whyNoCopy(fault)}</p>
        <div class="dialog-act">
          <button type="button" class="button" onClick={again}>
            {faults.again}
          </button>
          <button type="button" class="button" onClick={onBack}>
            {publish.coverMore}
          </button>
        </div>
      </div>
    );
  }
  if (now === null || !isNewest(now, working)) {
    return (
      <div class="card">
        <p role="status">{step === "making" ? publish.making : publish.checking}</p>
        <div class="dialog-act">
          <button type="button" class="button" onClick={onBack}>
            {publish.coverMore}
          </button>
        </div>
      </div>
    );
  }
  const giveAgain = () => {
    loseCopy();
    again();
  };
  return <Ready working={working} now={now} onBack={onBack} onLost={giveAgain} />;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What was done, by whom: the newest first. The whole chain can be followed here, and its last digest noted elsewhere.
import { useEffect, useState } from "preact/hooks";
import { getAudit } from "../api/account.ts";
import { chainStart, follow, readEntry, type Chain } from "../audit_chain.ts";
import { Fault } from "../parts/Fault.tsx";
import { usePeople } from "../parts/usePeople.ts";
import { say, sayDay, sayNumber, sayPart, shortId, words } from "../speech.ts";

const PAGE = 200;
/** Behind every entry that there will ever be: how many there are is all that is asked. */
const BEHIND = Number.MAX_SAFE_INTEGER;

interface Shown {
  readonly texts: readonly string[];
  /** The number of the oldest that is shown. */
  readonly first: number;
  readonly brokenAt: number | null;
}

/** The entries before number `end`, newest first. */
async function entriesBefore(end: number): Promise<Shown> {
  const first = Math.max(0, end - PAGE);
  const page = await getAudit(first);
  return { texts: page.entries.slice(0, end - first).map(({ text }) => text).reverse(), first, brokenAt: page.broken_at };
}

const isId = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);

/** Ids as the other pages show them. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(valueText).join(", ");
  }
  if (typeof value === "object" && value !== null) {
    return Object.values(value).map(valueText).join(" ");
  }
  return isId(value) ? shortId(value) : String(value);
}

/** What the server names by a word of its own, in the reviewer's. */
function knownText(name: string, value: unknown): string | undefined {
  const { audit, whys, dismiss, roles, reviewers } = words();
  const known: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    why: whys,
    reason: { "off-topic": dismiss["off-topic"], duplicate: dismiss.duplicate, spam: dismiss.spam, illegal: dismiss.illegal, other: dismiss.other },
    role: { reviewer: roles.reviewer, publisher: roles.publisher, admin: roles.admin },
    kind: { first: audit.deeds["first-admin"], invite: reviewers.inviteLink, reset: reviewers.resetLink },
  };
  return typeof value === "string" ? known[name]?.[value] : undefined;
}

function aboutText(about: Readonly<Record<string, unknown>>): string {
  const names: Readonly<Record<string, string>> = words().audit.about;
  return Object.entries(about)
    .map(([name, value]) => knownText(name, value) ?? (name === "name" ? String(value) : say("{name} {value}", { name: names[name] ?? name, value: valueText(value) })))
    .join(" · ");
}

/** Of who works here now, by their ids. */
type Names = ReadonlyMap<string, string>;

function Entry({ text, names }: { text: string; names: Names }) {
  const { audit } = words();
  const entry = readEntry(text);
  if (entry === null) {
    return (
      <li class="entry">
        <span class="fault">{audit.unreadable}</span>
      </li>
    );
  }
  const deeds: Readonly<Record<string, string>> = audit.deeds;
  return (
    <li class="entry">
      <span class="entry-number">{sayNumber(entry.number)}</span>
      <span class="entry-day">{sayDay(entry.day)}</span>
      <span class="entry-did">{deeds[entry.did] ?? entry.did}</span>
      {entry.who !== null && names.has(entry.who) ? <span class="entry-who">{names.get(entry.who)}</span> : <span class="entry-who mono">{entry.who === null ? "" : shortId(entry.who)}</span>}
      <span class="entry-about" dir="auto">
        {aboutText(entry.about)}
      </span>
    </li>
  );
}

/** Follows the chain from its first entry to its last. */
function Following() {
  const { audit } = words();
  const [part, setPart] = useState<number | null>(null);
  const [chain, setChain] = useState<Chain | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const run = async () => {
    setFault(null);
    setChain(null);
    setPart(0);
    try {
      let at = chainStart;
      for (;;) {
        const { entries, count } = await getAudit(at.count);
        const next = follow(at, entries.map(({ text }) => text));
        /* Fewer than there are said to be: the first that is missing. */
        at = entries.length === 0 && next.count < count ? { ...next, broken: next.count } : next;
        setPart(count === 0 ? 1 : at.count / count);
        if (at.broken !== null || at.count >= count) {
          break;
        }
      }
      setChain(at);
    } catch (cause) {
      setFault(cause);
    }
    setPart(null);
  };
  return (
    <section class="part" aria-label={audit.chain}>
      <h2>{audit.chain}</h2>
      <p>{audit.chainLead}</p>
      <button type="button" class="button" disabled={part !== null} onClick={() => void run()}>
        {part === null ? audit.follow : say(audit.following, { part: sayPart(part) })}
      </button>
      <div role="status">
        {chain !== null && chain.broken === null && (
          <>
            <p>{say(audit.whole, { n: sayNumber(chain.count) })}</p>
            <p class="mono digest" dir="ltr">
              {chain.digest}
            </p>
          </>
        )}
      </div>
      {chain !== null && chain.broken !== null && (
        <p role="alert" class="fault">
          {say(audit.broken, { n: sayNumber(chain.broken) })}
        </p>
      )}
      {fault !== null && <Fault cause={fault} />}
    </section>
  );
}

export function Audit() {
  const { audit } = words();
  const [shown, setShown] = useState<Shown | null>(null);
  /* Without them ids are shown, which say the same to who looks them up. */
  const names: Names = new Map(usePeople().map(({ id, name }) => [id, name]));
  const [fault, setFault] = useState<unknown>(null);
  const load = async (from: Shown | null) => {
    setFault(null);
    try {
      const end = from === null ? (await getAudit(BEHIND)).count : from.first;
      const { texts, first, brokenAt } = await entriesBefore(end);
      setShown({ texts: [...(from?.texts ?? []), ...texts], first, brokenAt });
    } catch (cause) {
      setFault(cause);
    }
  };
  useEffect(() => {
    void load(null);
  }, []);
  return (
    <div class="page wide">
      <h1 tabIndex={-1}>{audit.heading}</h1>
      <p class="quiet">{audit.lead}</p>
      {shown !== null && shown.brokenAt !== null && (
        <p role="alert" class="fault">
          {say(audit.broken, { n: sayNumber(shown.brokenAt) })}
        </p>
      )}
      <Following />
      {fault !== null && <Fault cause={fault} onAgain={() => void load(null)} />}
      <ol class="entries" aria-label={audit.heading}>
        {shown?.texts.map((text) => <Entry key={text} text={text} names={names} />)}
      </ol>
      {shown !== null && shown.first > 0 && (
        <button type="button" class="button" onClick={() => void load(shown)}>
          {audit.older}
        </button>
      )}
    </div>
  );
}

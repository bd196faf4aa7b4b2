// SPDX-License-Identifier: GPL-3.0-or-later
// What the public asks: to cover a face, to remove a picture, to look at something. All about one thing is one card: one click hides it
// while somebody looks, and one answer settles what is seen of it.
import { useId, useState } from "preact/hooks";
import { type Album, answerRequests, changePublication, endShare, getRequests, type Outcome, type RequestGroup, writeAlbum } from "../api/publish.ts";
import { faultText } from "../fault_text.ts";
import { kindsOf } from "../outcomes.ts";
import { Asks } from "../parts/Asks.tsx";
import { ThumbOf } from "../parts/CopyPicture.tsx";
import { Fault } from "../parts/Fault.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { PublicTabs } from "../parts/PublicTabs.tsx";
import { SettleDialog } from "../parts/SettleDialog.tsx";
import { useCardKeys } from "../parts/useCardKeys.ts";
import { usePages } from "../parts/usePages.ts";
import { useAlbums } from "../publishing/useAlbums.ts";
import { addressOf } from "../route.ts";
import { say, sayCount, sayNumber, shortId, words } from "../speech.ts";
import { tell, telling, toSource } from "../state/public.ts";
import { mayPublish } from "../state/session.ts";

interface Row {
  readonly group: RequestGroup;
  /** Somebody has settled it here, a moment ago. */
  readonly isSettled: boolean;
}

/** What its target is by now. */
type After = Pick<RequestGroup, "state" | "version">;

/** What hides it at once; null: there is nothing to hide any more. */
function hiding({ space, target, state }: RequestGroup): (() => Promise<After>) | null {
  if (space === "publication" && (state === "public" || state === "unlisted")) {
    return () => changePublication({ publication: target, state: "hide" });
  }
  if (space === "album" && state === "open") {
    return () => writeAlbum({ album: target, state: "hidden" });
  }
  return null;
}

/** As it was seen: what somebody else has hidden since stays so. */
const showAgain = ({ space, target, version }: RequestGroup): Promise<After> =>
  space === "album" ? writeAlbum({ album: target, version, state: "open" }) : changePublication({ publication: target, version, state: "show" });

/** Does what was chosen, where it is not done yet. */
async function carryOut({ space, target, state, version }: RequestGroup, did: Outcome): Promise<After> {
  if ((did === "covered" || did === "withdrawn") && state !== "withdrawn" && state !== null) {
    return changePublication({ publication: target, state: "withdraw" });
  }
  if (did === "ended" && space === "share" && state === "open") {
    await endShare({ share: target });
    return { state: "ended", version };
  }
  return { state, version };
}

interface Settled extends After {
  /** Who came while somebody looked. */
  readonly others: number;
  /** It was to be shown again, and is not. */
  readonly why: string | null;
}

/** What is asked for by others meanwhile is not shown again by the answer to these. */
async function settleGroup(group: RequestGroup, did: Outcome): Promise<Settled> {
  const { state, version } = await carryOut(group, did);
  const { others } = await answerRequests(group.asked, did);
  if (did !== "nothing" || state !== "hidden" || others > 0) {
    return { state, version, others, why: null };
  }
  try {
    const shown = await showAgain({ ...group, state, version });
    return { state: shown.state, version: shown.version, others, why: null };
  } catch (cause) {
    return { state, version, others, why: faultText(cause) };
  }
}

/** What is told about it. */
function sayOfSettled({ state, others, why }: Settled, count: number): string {
  const { asked } = words();
  if (why !== null) {
    return say(asked.settledNotShown, { why });
  }
  return others === 0 ? sayCount(asked.settled, count) : sayCount(state === "hidden" ? asked.settledHidden : asked.settledMore, others);
}

/** What it is about, and the way to it. A copy has no name of its own; an album has a title, which somebody else may have changed. */
function Target({ group: { space, target, state }, name, albums }: { group: RequestGroup; name: string; albums: readonly Album[] }) {
  if (space === "album") {
    const title = albums.find(({ album }) => album === target)?.title;
    return title === undefined ? (
      <>{name}</>
    ) : (
      <>
        {words().asked.ofAlbum}:{" "}
        <a href={addressOf("public", "", { album: target })} dir="auto">
          {title}
        </a>
      </>
    );
  }
  return space === "publication" && state !== null ? <a href={addressOf("public", "", { copy: target })}>{name}</a> : <>{name}</>;
}

function One({ row, albums, put, again }: { row: Row; albums: readonly Album[]; put(row: Row): void; again(): void }) {
  const { asked, published } = words();
  const { group, isSettled } = row;
  const id = useId();
  const [settling, setSettling] = useState(false);
  const hide = hiding(group);
  const named: Readonly<Record<RequestGroup["space"], string>> = { publication: asked.ofCopy, album: asked.ofAlbum, share: asked.ofShare };
  const name = `${named[group.space]} ${shortId(group.target)}`;
  const states = useStates();
  const change = async (what: () => Promise<After>, text: (after: After) => string, back?: (after: After) => void) => {
    const done = await tell(what, (after) => ({ text: text(after), ...(back === undefined ? {} : { back: () => back(after) }) }));
    if (done !== null) {
      put({ ...row, group: { ...group, state: done.state, version: done.version } });
    }
  };
  const show = ({ state, version }: After) =>
    void change(
      () => showAgain({ ...group, state, version }),
      (after) => (after.state === "waiting" ? published.showWaits : asked.shownAgain),
    );
  const end = () =>
    change(
      async () => (await endShare({ share: group.target }), { state: "ended", version: group.version }),
      () => asked.shareEnded,
    );
  const settle = async (did: Outcome) => {
    const done = await tell(
      () => settleGroup(group, did),
      (settled) => ({
        text: sayOfSettled(settled, group.count),
        ...(settled.why === null ? {} : { bad: true }),
        back: () =>
          void tell(
            () => answerRequests(group.asked, "reopen"),
            () => ({ text: asked.reopened }),
          ).then((open) => open !== null && again()),
      }),
    );
    setSettling(false);
    if (done === null || done.others > 0) {
      /* The half of it may be done; or others are to be seen. */
      again();
    } else {
      put({ group: { ...group, state: done.state, version: done.version }, isSettled: true });
    }
  };
  return (
    <li class="copy" tabIndex={-1} aria-labelledby={id}>
      {group.space === "publication" && group.state !== null && group.state !== "withdrawn" ? (
        <ThumbOf publication={group.target} name={name} />
      ) : (
        <span class="copy-thumb copy-none">{named[group.space]}</span>
      )}
      <div class="copy-about">
        <h2 id={id}>{sayCount(asked.count, group.count)}</h2>
        <p>
          <Target group={group} name={name} albums={albums} />{" "}
          <span class={`copy-state copy-${group.state ?? "withdrawn"}`}>{states(group.state)}</span>
        </p>
        {group.asked.length > 1 && (
          <ul class="facts">
            {kindsOf(group.asked).map(([kind, count]) => (
              <li key={kind}>{`${asked[kind]}: ${sayNumber(count)}`}</li>
            ))}
          </ul>
        )}
        <Asks asked={group.asked} />
        {isSettled ? (
          <p class="note">{sayCount(asked.settled, group.count)}</p>
        ) : (
          <div class="person-acts">
            {hide !== null && (
              <button type="button" class="button first" data-key="h" aria-describedby={id} aria-disabled={telling.value} onClick={() => void change(hide, () => asked.hidden, mayPublish() ? show : undefined)}>
                {asked.hide} <kbd aria-hidden="true">h</kbd>
              </button>
            )}
            {group.space === "share" && group.state === "open" && (
              <button type="button" class="button first" aria-describedby={id} aria-disabled={telling.value} onClick={() => void end()}>
                {asked.end}
              </button>
            )}
            <button type="button" class="button" data-key="o" aria-describedby={id} onClick={() => setSettling(true)}>
              {asked.settle} <kbd aria-hidden="true">o</kbd>
            </button>
            {group.space === "publication" && mayPublish() && (
              <button type="button" class="button" aria-describedby={id} aria-disabled={telling.value} onClick={() => void toSource(group.target)}>
                {published.source}
              </button>
            )}
          </div>
        )}
      </div>
      {settling && <SettleDialog group={group} onClose={() => setSettling(false)} onSettled={(did) => void settle(did)} />}
    </li>
  );
}

/** What a state of any target is called. */
function useStates(): (state: RequestGroup["state"]) => string {
  const { published, albums, shares, asked } = words();
  return (state) => {
    switch (state) {
      case null:
        return asked.gone;
      case "open":
        return albums.open;
      case "ended":
      case "expired":
      case "used":
      case "doubted":
        return shares[state];
      default:
        return published[state];
    }
  };
}

export function Asked() {
  const { asked, queue } = words();
  /* Without their titles the requests are there all the same. */
  const albums = useAlbums().albums ?? [];
  const pages = usePages<Row>("", async (after, signal) => {
    const found = await getRequests(after, signal);
    return { items: found.groups.map((group) => ({ group, isSettled: false })), next: found.next };
  });
  useCardKeys(pages.again);
  return (
    <div class="page wide">
      <h1 tabIndex={-1}>{asked.heading}</h1>
      <PublicTabs />
      <p class="quiet">{asked.lead}</p>
      <KeyNote />
      <button type="button" class="button" disabled={pages.isLoading} onClick={pages.again}>
        {queue.refresh} <kbd aria-hidden="true">g</kbd>
      </button>
      {pages.fault !== null && <Fault cause={pages.fault} onAgain={pages.again} />}
      {pages.items?.length === 0 && <p class="empty">{asked.empty}</p>}
      {pages.items !== null && pages.items.length > 0 && (
        <ul class="copies" aria-label={asked.heading} aria-busy={pages.isLoading}>
          {pages.items.map((row) => (
            <One key={row.group.target} row={row} albums={albums} put={(after) => pages.put(after, ({ group }) => group.target === row.group.target)} again={pages.again} />
          ))}
        </ul>
      )}
      {pages.hasMore && (
        <button type="button" class="button more" disabled={pages.isLoading} onClick={pages.more}>
          {queue.more}
        </button>
      )}
    </div>
  );
}

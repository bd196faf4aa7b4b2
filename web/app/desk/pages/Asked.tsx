// SPDX-License-Identifier: GPL-3.0-or-later
// What the public asks: to cover a face, to remove a picture, to look at something. One click hides it while somebody looks.
import { useEffect, useId, useState } from "preact/hooks";
import { type Album, answerRequest, endShare, getRequests, type Outcome, changePublication, type Publication, type PublicRequest, writeAlbum } from "../api/publish.ts";
import { type Became, type RequestRow, rowAfter } from "../outcomes.ts";
import { ThumbOf } from "../parts/CopyPicture.tsx";
import { Fault } from "../parts/Fault.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { PublicTabs } from "../parts/PublicTabs.tsx";
import { SettleDialog } from "../parts/SettleDialog.tsx";
import { useCardKeys } from "../parts/useCardKeys.ts";
import { usePages } from "../parts/usePages.ts";
import { addressOf } from "../route.ts";
import { sayCount, sayDay, shortId, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { openSealed, readText } from "../state/opened.ts";
import { tell, telling } from "../state/public.ts";
import { mayPublish } from "../state/session.ts";

/** The words of a request; null: on their way, or closed. */
function useWords({ sealed }: PublicRequest): { text: string | null; isClosed: boolean } {
  const keys = keyring.value;
  const [text, setText] = useState<string | null>(null);
  const [isClosed, setClosed] = useState(false);
  useEffect(() => {
    let isOver = false;
    setText(null);
    setClosed(false);
    if (keys !== null && sealed !== null) {
      openSealed(keys, sealed).then(
        (json) => isOver || setText(readText(json)),
        () => isOver || setClosed(true),
      );
    }
    return () => {
      isOver = true;
    };
  }, [keys, sealed]);
  return { text, isClosed };
}

function Said({ request }: { request: PublicRequest }) {
  const { talk, asked } = words();
  const { text, isClosed } = useWords(request);
  if (request.sealed === null || text === "") {
    return <p class="quiet">{talk.noWords}</p>;
  }
  if (text === null) {
    return <p class="quiet">{isClosed ? talk.closed : keyring.value === null ? asked.noKey : ""}</p>;
  }
  return (
    <p class="said-text" dir="auto">
      {text}
    </p>
  );
}

/** What hides it, or ends it, at once; null: there is nothing to hide any more. */
function hiding({ space, target, state }: PublicRequest): (() => Promise<PublicRequest["state"]>) | null {
  if (space === "publication" && (state === "public" || state === "unlisted")) {
    return async () => (await changePublication({ publication: target, state: "hide" })).state;
  }
  if (space === "album" && state === "open") {
    return async () => (await writeAlbum({ album: target, state: "hidden" })).state;
  }
  return null;
}

async function showAgain({ space, target }: PublicRequest): Promise<Publication["state"] | Album["state"]> {
  return space === "album" ? (await writeAlbum({ album: target, state: "open" })).state : (await changePublication({ publication: target, state: "show" })).state;
}

function One({ row: { request, isSettled }, became, again }: { row: RequestRow; became(after: Became): void; again(): void }) {
  const { asked } = words();
  const id = useId();
  const [settling, setSettling] = useState(false);
  const hide = hiding(request);
  const named: Readonly<Record<PublicRequest["space"], string>> = { publication: asked.ofCopy, album: asked.ofAlbum, share: asked.ofShare };
  const states = useStates();
  const change = async (what: () => Promise<PublicRequest["state"]>, text: string, back?: () => void) => {
    const done = await tell(async () => ({ state: await what() }), () => ({ text, ...(back === undefined ? {} : { back }) }));
    if (done !== null) {
      became(done);
    }
  };
  const show = () => void change(() => showAgain(request), asked.shownAgain);
  const end = () => change(async () => ((await endShare({ share: request.target })), "ended"), asked.shareEnded);
  const settle = async (did: Outcome) => {
    const done = await tell(
      async () => {
        let { state } = request;
        if ((did === "covered" || did === "withdrawn") && state !== "withdrawn" && state !== null) {
          ({ state } = await changePublication({ publication: request.target, state: "withdraw" }));
        } else if (did === "ended" && state === "open") {
          await endShare({ share: request.target });
          state = "ended";
        }
        const { others } = await answerRequest(request.asked, did);
        const isShown = did === "nothing" && state === "hidden" && others === 0;
        return { state: isShown ? await showAgain(request) : state, settled: { is: true, others } };
      },
      ({ state }) => ({
        text: did === "nothing" && state === "hidden" ? asked.settledHidden : asked.settled,
        back: () =>
          void tell(
            () => answerRequest(request.asked, "reopen"),
            () => ({ text: asked.reopened }),
          ).then((open) => open !== null && became({ settled: { is: false, others: open.others } })),
      }),
    );
    setSettling(false);
    if (done === null) {
      /* The half of it may be done. */
      again();
    } else {
      became(done);
    }
  };
  return (
    <li class="copy" tabIndex={-1} aria-labelledby={id}>
      {request.space === "publication" && request.state !== null && request.state !== "withdrawn" ? (
        <ThumbOf publication={request.target} name={`${named.publication} ${shortId(request.target)}`} />
      ) : (
        <span class="copy-thumb copy-none">{named[request.space]}</span>
      )}
      <div class="copy-about">
        <h2 id={id}>{asked[request.kind]}</h2>
        <p>
          {request.space === "publication" && request.state !== null ? <a href={addressOf("public", "", { copy: request.target })}>{`${named.publication} ${shortId(request.target)}`}</a> : `${named[request.space]} ${shortId(request.target)}`}{" "}
          <span class={`copy-state copy-${request.state ?? "withdrawn"}`}>{states(request.state)}</span>
        </p>
        <Said request={request} />
        <ul class="facts">
          <li>{sayDay(request.day)}</li>
          {request.others > 0 && <li>{sayCount(asked.others, request.others)}</li>}
          {request.counted > 0 && <li>{sayCount(asked.further, request.counted)}</li>}
        </ul>
        {isSettled ? (
          <p class="note">{asked.settled}</p>
        ) : (
          <div class="person-acts">
            {hide !== null && (
              <button type="button" class="button first" data-key="h" aria-describedby={id} aria-disabled={telling.value} onClick={() => void change(hide, asked.hidden, mayPublish() ? show : undefined)}>
                {asked.hide} <kbd aria-hidden="true">h</kbd>
              </button>
            )}
            {request.space === "share" && request.state === "open" && (
              <button type="button" class="button first" aria-describedby={id} aria-disabled={telling.value} onClick={() => void end()}>
                {asked.end}
              </button>
            )}
            <button type="button" class="button" data-key="o" aria-describedby={id} onClick={() => setSettling(true)}>
              {asked.settle} <kbd aria-hidden="true">o</kbd>
            </button>
          </div>
        )}
      </div>
      {settling && <SettleDialog request={request} onClose={() => setSettling(false)} onSettled={(did) => void settle(did)} />}
    </li>
  );
}

/** What a state of any target is called. */
function useStates(): (state: PublicRequest["state"]) => string {
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
        return shares[state];
      default:
        return published[state];
    }
  };
}

export function Asked() {
  const { asked, queue } = words();
  const pages = usePages<RequestRow>("", async (after, signal) => {
    const found = await getRequests(after, signal);
    return { items: found.asked.map((request) => ({ request, isSettled: false })), next: found.next };
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
            <One key={row.request.asked} row={row} became={(after) => pages.change((one) => rowAfter(one, row.request, after))} again={pages.again} />
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

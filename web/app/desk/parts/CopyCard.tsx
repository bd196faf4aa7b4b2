// SPDX-License-Identifier: GPL-3.0-or-later
// One copy that is public, or was, or waits to be: what is known of it, and what can be done.
import { useId, useState } from "preact/hooks";
import type { Album, Publication } from "../api/publish.ts";
import { addressOf } from "../route.ts";
import { say, sayCount, sayDay, sayNumber, saySize, words } from "../speech.ts";
import { setHidden, telling, toSource } from "../state/public.ts";
import { mayPublish, me } from "../state/session.ts";
import { CopyThumb, nameOfCopy } from "./CopyPicture.tsx";
import { CopyLook } from "./CopyLook.tsx";
import { CopyWordsDialog } from "./CopyWordsDialog.tsx";
import { ShareDialog } from "./ShareDialog.tsx";
import { WithdrawDialog } from "./WithdrawDialog.tsx";

interface Props {
  readonly copy: Publication;
  readonly albums: readonly Album[];
  put(copy: Publication): void;
}

type Asking = "look" | "words" | "withdraw" | "share";

function Facts({ copy, albums }: Pick<Props, "copy" | "albums">) {
  const { published } = words();
  const { album, areas, width, height, copy_len, maker, second, day } = copy;
  const title = albums.find((one) => one.album === album)?.title;
  const facts = [
    sayDay(day),
    `${sayNumber(width)} × ${sayNumber(height)}`,
    saySize(copy_len),
    areas === 0 ? published.noAreas : sayCount(published.areas, areas),
    ...(maker === null ? [] : [say(published.madeBy, { name: maker })]),
    ...(second === null ? [] : [say(published.secondBy, { name: second })]),
  ];
  return (
    <>
      {title !== undefined && (
        <p>
          {published.album}: <a href={addressOf("public", "", { album: album ?? "" })} dir="auto">{title}</a>
        </p>
      )}
      <ul class="facts">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </>
  );
}

/** Whether it may be asked for, as it is. */
const can: Readonly<Record<Asking | "approve" | "hide" | "show", (copy: Publication) => boolean>> = {
  look: ({ state }) => state !== "withdrawn",
  approve: ({ state, mine }) => state === "waiting" && !mine && mayPublish(),
  words: ({ state }) => state !== "withdrawn" && mayPublish(),
  withdraw: ({ state }) => state !== "withdrawn" && mayPublish(),
  share: ({ state }) => (state === "public" || state === "unlisted") && mayPublish() && me.value?.publish?.links === true,
  hide: ({ state }) => state === "public" || state === "unlisted",
  show: ({ state }) => state === "hidden" && mayPublish(),
};

function Acts({ copy, ask, put, id }: Pick<Props, "copy" | "put"> & { id: string; ask(what: Asking): void }) {
  const { published } = words();
  const canApprove = can.approve(copy);
  const act = (name: string, run: () => void, letter?: string, isFirst = false) => (
    <button type="button" class={isFirst ? "button first" : "button"} data-key={letter} aria-describedby={id} onClick={run}>
      {name} {letter !== undefined && <kbd aria-hidden="true">{letter}</kbd>}
    </button>
  );
  return (
    <div class="person-acts">
      {can.look(copy) && act(canApprove ? published.lookApprove : published.look, () => ask("look"), "o", canApprove)}
      {can.hide(copy) && act(published.hide, () => telling.peek() || void setHidden(copy.publication, true, put), "h")}
      {can.show(copy) && act(published.show, () => telling.peek() || void setHidden(copy.publication, false, put))}
      {can.words(copy) && act(published.change, () => ask("words"))}
      {can.share(copy) && act(published.share, () => ask("share"))}
      {mayPublish() && act(published.source, () => void toSource(copy.publication))}
      {can.withdraw(copy) && act(published.withdraw, () => ask("withdraw"))}
    </div>
  );
}

export function CopyCard({ copy, albums, put }: Props) {
  const { published } = words();
  const [asking, setAsking] = useState<Asking | null>(null);
  const id = useId();
  const close = () => setAsking(null);
  const dialog = { copy, put, onClose: close };
  return (
    <li class="copy" tabIndex={-1} aria-labelledby={id}>
      <CopyThumb copy={copy} />
      <div class="copy-about">
        <h2 id={id}>{nameOfCopy(copy)}</h2>
        <p>
          <span class={`copy-state copy-${copy.state}`}>{published[copy.state]}</span>
        </p>
        {copy.warning !== "" && (
          <p dir="auto" class="copy-warning">
            {copy.warning}
          </p>
        )}
        {copy.caption !== "" && (
          <p dir="auto" class="copy-caption">
            {copy.caption}
          </p>
        )}
        {copy.state !== "withdrawn" && (
          <p dir="auto" class="hint">
            {copy.alt === "" ? published.noAlt : copy.alt}
          </p>
        )}
        <Facts copy={copy} albums={albums} />
        {copy.state === "waiting" && !can.approve(copy) && <p class="note">{copy.mine ? published.ownWaits : published.othersWait}</p>}
        <Acts copy={copy} put={put} ask={setAsking} id={id} />
      </div>
      {asking === "look" && <CopyLook {...dialog} canApprove={can.approve(copy)} />}
      {asking === "words" && <CopyWordsDialog {...dialog} albums={albums} />}
      {asking === "withdraw" && <WithdrawDialog {...dialog} />}
      {asking === "share" && <ShareDialog copy={copy} onClose={close} />}
    </li>
  );
}

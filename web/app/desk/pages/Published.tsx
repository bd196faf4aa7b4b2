// SPDX-License-Identifier: GPL-3.0-or-later
// What is public, was, or waits for a second person: newest first.
import { useState } from "preact/hooks";
import { getPublications, type Publication, type Publications, type PublicState, publicStates } from "../api/publish.ts";
import type { PageProps } from "../pages.ts";
import { CopyCard } from "../parts/CopyCard.tsx";
import { Fault } from "../parts/Fault.tsx";
import { Choice } from "../parts/Filters.tsx";
import { PublicTabs } from "../parts/PublicTabs.tsx";
import { useCardKeys } from "../parts/useCardKeys.ts";
import { usePages } from "../parts/usePages.ts";
import { useAlbums } from "../publishing/useAlbums.ts";
import { askAgain } from "../route.ts";
import { sayNumber, words } from "../speech.ts";
import { showsCopies } from "../state/session.ts";

type Counts = Publications["counts"];

function moved(counts: Counts | null, from: PublicState | undefined, to: PublicState): Counts | null {
  return counts === null || from === undefined || from === to ? counts : { ...counts, [from]: counts[from] - 1, [to]: counts[to] + 1 };
}

export function Published({ place: { asked } }: PageProps) {
  const { published, queue } = words();
  const state = publicStates.find((one) => one === asked["state"]) ?? "";
  const [album, publication] = [asked["album"] ?? "", asked["copy"] ?? ""];
  const [counts, setCounts] = useState<Counts | null>(null);
  /* Without their titles the copies are there all the same. */
  const albums = useAlbums().albums ?? [];
  const pages = usePages<Publication>(JSON.stringify([state, album, publication]), async (after, signal) => {
    const found = await getPublications({ state, album, publication, ...(after === undefined ? {} : { after }) }, signal);
    setCounts(found.counts);
    return { items: found.publications, next: found.next };
  });
  useCardKeys(pages.again);
  const put = (copy: Publication) => {
    const before = pages.items?.find((one) => one.publication === copy.publication);
    pages.put(copy, (one) => one.publication === copy.publication);
    setCounts((known) => moved(known, before?.state, copy.state));
  };
  const set = (name: string) => (value: string) => askAgain({ ...(name === "copy" ? {} : asked), copy: "", [name]: value });
  return (
    <div class="page wide">
      <h1 tabIndex={-1}>{published.heading}</h1>
      <PublicTabs />
      <p class="quiet">{published.lead}</p>
      {!showsCopies() && <p class="note">{published.off}</p>}
      <div class="person-acts">
        <Choice label={published.state} value={state} onValue={set("state")}>
          <option value="">{published.anyState}</option>
          {publicStates.map((one) => (
            <option key={one} value={one}>
              {published[one]}
              {counts !== null && ` (${sayNumber(counts[one])})`}
            </option>
          ))}
        </Choice>
        <Choice label={published.album} value={album} onValue={set("album")}>
          <option value="">{published.anyAlbum}</option>
          {albums.map((one) => (
            <option key={one.album} value={one.album}>
              {one.title}
            </option>
          ))}
        </Choice>
        <button type="button" class="plain" disabled={pages.isLoading} onClick={pages.again}>
          {queue.refresh} <kbd aria-hidden="true">g</kbd>
        </button>
      </div>
      {pages.fault !== null && <Fault cause={pages.fault} onAgain={pages.again} />}
      {pages.items?.length === 0 && <p class="empty">{published.empty}</p>}
      {pages.items !== null && pages.items.length > 0 && (
        <ul class="copies" aria-label={published.list} aria-busy={pages.isLoading}>
          {pages.items.map((copy) => (
            <CopyCard key={copy.publication} copy={copy} albums={albums} put={put} />
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

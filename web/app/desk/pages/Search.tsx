// SPDX-License-Identifier: GPL-3.0-or-later
// Search in words, notes and tags. What is looked for stays in the page.
import { useEffect, useId, useState } from "preact/hooks";
import type { PageProps } from "../pages.ts";
import { Fault } from "../parts/Fault.tsx";
import { CategoryChoice, Choice, Day, KindChoice } from "../parts/Filters.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { addressOf } from "../route.ts";
import { say, sayCount, sayDay, shortId, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { me } from "../state/session.ts";
import { allAssigned, allTags, anything, entries, find, forgetOpened, type Found, gather, missed, progress, searchFault, stopGathering, type Wanted } from "../state/search.ts";

keyring.subscribe((keys) => {
  if (keys === null) {
    forgetOpened();
  }
});

/** More would not be read: another word finds fewer. */
const SHOWN_MAX = 200;

function One({ found }: { found: Found }) {
  const { search, submission } = words();
  const [before, hit, behind] = found.around;
  return (
    <li class="found">
      <a class="row-name" href={addressOf("submissions", found.submission)}>
        {submission.heading} <span class="mono">{shortId(found.submission)}</span>
      </a>
      <span class="row-more">
        {[found.day === "" ? "" : sayDay(found.day), found.category ?? "", found.assigned === "" ? "" : say(search.assigned, { name: found.assigned })].filter((one) => one !== "").join(" · ")}
      </span>
      <p class="said-text" dir="auto">
        {before}
        {hit !== "" && <mark>{hit}</mark>}
        {behind}
      </p>
      {found.tags.length > 0 && (
        <span class="marks">
          {found.tags.map((tag) => (
            <bdi key={tag} class="mark-word">
              {tag}
            </bdi>
          ))}
        </span>
      )}
    </li>
  );
}

function Tags({ chosen, onChosen }: { chosen: string; onChosen(tag: string): void }) {
  const { search } = words();
  const tags = allTags();
  return tags.length === 0 ? null : (
    <div class="tags" role="group" aria-label={search.tags}>
      {tags.map(([tag, n]) => (
        <button key={tag} type="button" class="tag-button" aria-pressed={tag === chosen} onClick={() => onChosen(tag === chosen ? "" : tag)}>
          <bdi>{tag}</bdi> <span class="count">{n}</span>
        </button>
      ))}
    </div>
  );
}

function Narrowed({ wanted, want }: { wanted: Wanted; want(name: keyof Wanted): (value: string) => void }) {
  const { filters, notes, reviewers } = words();
  return (
    <details class="filters">
      <summary>{filters.label}</summary>
      <div class="filters-in">
        <Choice label={notes.assigned} value={wanted.assigned} onValue={want("assigned")}>
          <option value="">{filters.anybody}</option>
          {allAssigned().map((name) => (
            <option key={name} value={name}>
              {name === me.value?.name ? `${name} (${reviewers.you})` : name}
            </option>
          ))}
        </Choice>
        <CategoryChoice value={wanted.category} onValue={want("category")} />
        <KindChoice value={wanted.kind} onValue={want("kind")} />
        <Day label={filters.first} value={wanted.first} onValue={want("first")} />
        <Day label={filters.last} value={wanted.last} onValue={want("last")} />
      </div>
    </details>
  );
}

export function Search(_: PageProps) {
  const { search } = words();
  const id = useId();
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState<Wanted>(anything);
  const want = (name: keyof Wanted) => (value: string) => setWanted((before) => ({ ...before, [name]: value }));
  const keys = keyring.value;
  useEffect(() => {
    if (keys !== null) {
      void gather(keys);
    }
    return stopGathering;
  }, [keys]);
  const going = progress.value;
  const isAsked = text.trim() !== "" || Object.values(wanted).some((one) => one !== "");
  const found = isAsked ? find(text, wanted) : [];
  return (
    <div class="submission search">
      <h1 tabIndex={-1}>{search.heading}</h1>
      <KeyNote />
      {keys !== null && (
        <>
          <div class="line">
            <label for={id}>{search.label}</label>
            <input id={id} type="search" dir="auto" value={text} autocomplete="off" spellcheck={false} aria-describedby={`${id}-hint`} onInput={(event) => setText(event.currentTarget.value)} />
            <p id={`${id}-hint`} class="hint">
              {search.hint}
            </p>
          </div>
          <Tags chosen={wanted.tag} onChosen={want("tag")} />
          <Narrowed wanted={wanted} want={want} />
          <div class="search-going">
            <p role="status">
              {going !== null ? say(search.going, { done: going.done, total: going.total }) : sayCount(search.looked, entries.value.size)}
              {isAsked && ` ${sayCount(search.found, found.length)}`}
            </p>
            {going !== null && (
              <button type="button" class="plain" onClick={stopGathering}>
                {search.stop}
              </button>
            )}
          </div>
          {missed.value > 0 && <p class="note">{sayCount(search.missed, missed.value)}</p>}
          {searchFault.value !== null && <Fault cause={searchFault.value} onAgain={() => void gather(keys)} />}
          <ul class="rows" aria-label={search.results}>
            {found.slice(0, SHOWN_MAX).map((one) => (
              <One key={one.submission} found={one} />
            ))}
          </ul>
          {found.length > SHOWN_MAX && <p class="hint">{sayCount(search.more, found.length - SHOWN_MAX)}</p>}
        </>
      )}
    </div>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Albums: pages of the public, and what stands above the copies in them.
import { useEffect, useId, useState } from "preact/hooks";
import { type Album, type AlbumChange, type AlbumWords, getAlbums, textBytesMax, writeAlbum } from "../api/publish.ts";
import { languages } from "../../words/languages.ts";
import { changedOf } from "../changed.ts";
import { Area } from "../parts/Area.tsx";
import { Fault } from "../parts/Fault.tsx";
import { Choice } from "../parts/Filters.tsx";
import { PublicTabs } from "../parts/PublicTabs.tsx";
import { useChecked } from "../parts/useChecked.tsx";
import { WordsDialog } from "../parts/WordsDialog.tsx";
import { addressOf } from "../route.ts";
import { language, sayCount, words } from "../speech.ts";
import { tell, telling } from "../state/public.ts";
import { mayPublish, me } from "../state/session.ts";

/** Where the public sees this server; "": nobody has told it. */
const publicName = (): string => me.value?.publish?.address ?? "";
/** Whether albums are open to the public. */
const areShown = (): boolean => me.value?.publish?.albums === true;

/** null: nothing is changed. */
function changeOf(shown: Album | null, wanted: AlbumWords): AlbumChange | null {
  if (shown === null) {
    return { ...wanted, state: "open" };
  }
  const { album, version, title, description, warning, language: tag } = shown;
  const changed = changedOf<Readonly<Record<keyof AlbumWords, string>>>({ title, description, warning, language: tag }, { ...wanted });
  return changed === null ? null : { album, version, ...changed };
}

/** @param album null: a new one. */
function AlbumDialog({ album, onClose, onWritten }: { album: Album | null; onClose(): void; onWritten(album: Album): void }) {
  const { albums, published } = words();
  /* As it was when this was opened: its version goes with what was read here. */
  const [shown] = useState(album);
  const [title, setTitle] = useState(album?.title ?? "");
  const [description, setDescription] = useState(album?.description ?? "");
  const [warning, setWarning] = useState(album?.warning ?? "");
  const [tag, setTag] = useState<string>(album?.language || language().tag);
  const checked = useChecked(async (isChecked) => {
    const change = changeOf(shown, { title: title.trim(), description, warning, language: tag });
    if (change === null) {
      onClose();
      return;
    }
    const written = await tell(
      () => writeAlbum({ ...change, ...(isChecked ? { words_checked: true } : {}) }),
      ({ for_another: waits }) => ({ text: waits ? albums.forAnother : album === null ? albums.made : published.saved }),
      checked.onFault,
    );
    if (written !== null) {
      onWritten(written);
      onClose();
    }
  });
  return (
    <WordsDialog
      heading={album === null ? albums.makeHeading : albums.changeHeading}
      go={album === null ? albums.make : published.save}
      texts={[
        [title, textBytesMax.title],
        [description, textBytesMax.description],
        [warning, textBytesMax.warning],
      ]}
      isLacking={title.trim() === ""}
      checked={checked}
      onClose={onClose}
    >
      <Area label={albums.title} value={title} rows={1} bytesMax={textBytesMax.title} onValue={setTitle} />
      <Area label={albums.description} value={description} rows={3} bytesMax={textBytesMax.description} onValue={setDescription} />
      <Area label={published.warning} hint={albums.warningHint} value={warning} rows={1} bytesMax={textBytesMax.warning} onValue={setWarning} />
      <Choice label={albums.language} value={tag} onValue={setTag}>
        {languages.map((one) => (
          <option key={one.tag} value={one.tag}>
            {one.name}
          </option>
        ))}
      </Choice>
    </WordsDialog>
  );
}

function One({ album, onWritten }: { album: Album; onWritten(album: Album): void }) {
  const { albums } = words();
  const [changing, setChanging] = useState(false);
  const id = useId();
  const isOpen = album.state === "open";
  const turn = async (state: Album["state"], version: number): Promise<void> => {
    const written = await tell(
      () => writeAlbum({ album: album.album, state, ...(state === "open" ? { version } : {}) }),
      ({ version: now }) => ({ text: state === "hidden" ? albums.hideDone : albums.openDone, ...(state === "hidden" && !mayPublish() ? {} : { back: () => void turn(state === "hidden" ? "open" : "hidden", now) }) }),
    );
    if (written !== null) {
      onWritten(written);
    }
  };
  return (
    <li class="person" aria-labelledby={id}>
      <div class="person-head">
        <h2 id={id} dir="auto">
          {album.title}
        </h2>
        <span class={`copy-state copy-${isOpen ? "public" : "hidden"}`}>{isOpen ? albums.open : albums.hidden}</span>
      </div>
      {album.for_another && <p class="quiet">{albums.forAnother}</p>}
      {album.warning !== "" && <p dir="auto" class="copy-warning">{album.warning}</p>}
      {album.description !== "" && <p dir="auto">{album.description}</p>}
      <p>
        <a href={addressOf("public", "", { album: album.album })}>{sayCount(albums.count, album.count)}</a>
      </p>
      {isOpen && areShown() && (
        <p class="mono album-address" dir="ltr">
          {`${publicName()}/a/${album.album}`}
        </p>
      )}
      <div class="person-acts">
        {mayPublish() && (
          <button type="button" class="button" aria-describedby={id} onClick={() => setChanging(true)}>
            {albums.change}
          </button>
        )}
        {(isOpen || (mayPublish() && !album.for_another)) && (
          <button type="button" class="button" aria-describedby={id} aria-disabled={telling.value} onClick={() => void turn(isOpen ? "hidden" : "open", album.version)}>
            {isOpen ? albums.hide : albums.show}
          </button>
        )}
      </div>
      {changing && <AlbumDialog album={album} onClose={() => setChanging(false)} onWritten={onWritten} />}
    </li>
  );
}

export function Albums() {
  const { albums, shares } = words();
  const [all, setAll] = useState<readonly Album[] | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [making, setMaking] = useState(false);
  const load = async () => {
    setFault(null);
    try {
      setAll(await getAlbums());
    } catch (cause) {
      setFault(cause);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  const put = (written: Album) =>
    setAll((before) => (before?.some(({ album }) => album === written.album) ? before.map((one) => (one.album === written.album ? written : one)) : [written, ...(before ?? [])]));
  return (
    <div class="page">
      <h1 tabIndex={-1}>{albums.heading}</h1>
      <PublicTabs />
      <p class="quiet">{albums.lead}</p>
      {areShown() && publicName() === "" && all?.some(({ state }) => state === "open") && <p class="hint">{shares.noHost}</p>}
      {mayPublish() && (
        <button type="button" class="button first" onClick={() => setMaking(true)}>
          {albums.new}
        </button>
      )}
      {fault !== null && <Fault cause={fault} onAgain={() => void load()} />}
      {all?.length === 0 && <p class="empty">{albums.none}</p>}
      {all !== null && all.length > 0 && (
        <ul class="people" aria-label={albums.heading}>
          {all.map((one) => (
            <One key={one.album} album={one} onWritten={put} />
          ))}
        </ul>
      )}
      {making && <AlbumDialog album={null} onClose={() => setMaking(false)} onWritten={put} />}
    </div>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The album that a copy is put into.
import type { Album } from "../api/publish.ts";
import { say, words } from "../speech.ts";
import { Choice } from "./Filters.tsx";

/** What a choice of them offers; "" is for none. */
export function AlbumOptions({ albums, none }: { albums: readonly Album[]; none: string }) {
  return (
    <>
      <option value="">{none}</option>
      {albums.map(({ album, title, state }) => (
        <option key={album} value={album}>
          {state === "hidden" ? say(words().publish.hiddenAlbum, { title }) : title}
        </option>
      ))}
    </>
  );
}

/** @param value "": none. */
export function AlbumChoice({ albums, value, onValue }: { albums: readonly Album[]; value: string; onValue(album: string): void }) {
  const { published } = words();
  return (
    <Choice label={published.album} value={value} onValue={onValue}>
      <AlbumOptions albums={albums} none={published.noAlbum} />
    </Choice>
  );
}

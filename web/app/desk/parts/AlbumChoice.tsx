// SPDX-License-Identifier: GPL-3.0-or-later
// The album that a copy is put into.
import type { Album } from "../api/publish.ts";
import { say, words } from "../speech.ts";
import { Choice } from "./Filters.tsx";

/** @param value "": none. */
export function AlbumChoice({ albums, value, onValue }: { albums: readonly Album[]; value: string; onValue(album: string): void }) {
  const { published, publish } = words();
  return (
    <Choice label={published.album} value={value} onValue={onValue}>
      <option value="">{published.noAlbum}</option>
      {albums.map(({ album, title, state }) => (
        <option key={album} value={album}>
          {state === "hidden" ? say(publish.hiddenAlbum, { title }) : title}
        </option>
      ))}
    </Choice>
  );
}

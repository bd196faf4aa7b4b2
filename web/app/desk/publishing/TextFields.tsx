// SPDX-License-Identifier: GPL-3.0-or-later
// What stands beside a copy: its album, caption, description, warning.
import { useId } from "preact/hooks";
import { textBytesMax } from "../api/publish.ts";
import { AlbumOptions } from "../parts/AlbumChoice.tsx";
import { Area, isTooLong } from "../parts/Area.tsx";
import { Fault } from "../parts/Fault.tsx";
import { words } from "../speech.ts";
import { type Texts, texts } from "../state/publishing.ts";
import { useAlbums } from "./useAlbums.ts";

const fields = ["caption", "alt", "warning"] as const;
type Field = (typeof fields)[number];

export const fits = (wanted: Texts): boolean => fields.every((field) => !isTooLong(wanted[field], textBytesMax[field]));

function write(change: Partial<Texts>): void {
  texts.value = { ...texts.peek(), ...change };
}

function Album() {
  const { publish } = words();
  const id = useId();
  const { albums, fault, again } = useAlbums();
  return (
    <div class="line">
      <label for={id}>{publish.album}</label>
      <select id={id} value={texts.value.album ?? ""} aria-describedby={`${id}-hint`} disabled={albums === null} onChange={(event) => write({ album: event.currentTarget.value || null })}>
        <AlbumOptions albums={albums ?? []} none={publish.noAlbum} />
      </select>
      <p id={`${id}-hint`} class="hint">
        {publish.albumHint}
      </p>
      {fault !== null && <Fault cause={fault} onAgain={again} />}
    </div>
  );
}

export function TextFields() {
  const { publish } = words();
  const said: Readonly<Record<Field, { readonly label: string; readonly hint: string; readonly rows: number }>> = {
    caption: { label: publish.caption, hint: publish.captionHint, rows: 3 },
    alt: { label: publish.alt, hint: publish.altHint, rows: 3 },
    warning: { label: publish.warning, hint: publish.warningHint, rows: 1 },
  };
  return (
    <>
      <Album />
      {fields.map((field) => (
        <Area key={field} {...said[field]} value={texts.value[field]} bytesMax={textBytesMax[field]} onValue={(value) => write({ [field]: value })} />
      ))}
    </>
  );
}

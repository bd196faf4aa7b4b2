// SPDX-License-Identifier: GPL-3.0-or-later
// What stands beside a copy: its album, caption, description, warning.
import { useId } from "preact/hooks";
import { Fault } from "../parts/Fault.tsx";
import { say, words } from "../speech.ts";
import { type Texts, texts } from "../state/publishing.ts";
import { useAlbums } from "./useAlbums.ts";

/** In bytes of UTF-8, as the server keeps them. */
const LIMITS = { caption: 2000, alt: 1000, warning: 200 } as const;
type Field = keyof typeof LIMITS;
const fields = ["caption", "alt", "warning"] as const;

const isTooLong = (field: Field, text: string): boolean => new TextEncoder().encode(text).length > LIMITS[field];

export const fits = (wanted: Texts): boolean => fields.every((field) => !isTooLong(field, wanted[field]));

function write(change: Partial<Texts>): void {
  texts.value = { ...texts.peek(), ...change };
}

function Line({ field }: { field: Field }) {
  const { publish } = words();
  const id = useId();
  const value = texts.value[field];
  const hints: Readonly<Record<Field, string>> = { caption: publish.captionHint, alt: publish.altHint, warning: publish.warningHint };
  const names: Readonly<Record<Field, string>> = { caption: publish.caption, alt: publish.alt, warning: publish.warning };
  const tooLong = isTooLong(field, value);
  return (
    <div class="line answer">
      <label for={id}>{names[field]}</label>
      <textarea
        id={id}
        dir="auto"
        rows={field === "warning" ? 1 : 3}
        value={value}
        aria-invalid={tooLong}
        aria-describedby={`${id}-hint`}
        onInput={(event) => write({ [field]: event.currentTarget.value })}
      />
      <p id={`${id}-hint`} class={tooLong ? "fault" : "hint"}>
        {tooLong ? publish.tooLong : hints[field]}
      </p>
    </div>
  );
}

function AlbumChoice() {
  const { publish } = words();
  const id = useId();
  const { albums, fault, again } = useAlbums();
  return (
    <div class="line">
      <label for={id}>{publish.album}</label>
      <select id={id} value={texts.value.album ?? ""} aria-describedby={`${id}-hint`} disabled={albums === null} onChange={(event) => write({ album: event.currentTarget.value || null })}>
        <option value="">{publish.noAlbum}</option>
        {albums?.map(({ album, title, state }) => (
          <option key={album} value={album}>
            {state === "hidden" ? say(publish.hiddenAlbum, { title }) : title}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} class="hint">
        {publish.albumHint}
      </p>
      {fault !== null && <Fault cause={fault} onAgain={again} />}
    </div>
  );
}

export function TextFields() {
  return (
    <>
      <AlbumChoice />
      {fields.map((field) => (
        <Line key={field} field={field} />
      ))}
    </>
  );
}

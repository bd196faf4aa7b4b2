// SPDX-License-Identifier: GPL-3.0-or-later
// The words of a copy, and its album.
import { useState } from "preact/hooks";
import { type Album, changePublication, type Publication, textBytesMax } from "../api/publish.ts";
import { changedOf } from "../changed.ts";
import { words } from "../speech.ts";
import { tell } from "../state/public.ts";
import { AlbumChoice } from "./AlbumChoice.tsx";
import { Area } from "./Area.tsx";
import { useChecked } from "./useChecked.tsx";
import { WordsDialog } from "./WordsDialog.tsx";

interface Props {
  readonly copy: Publication;
  readonly albums: readonly Album[];
  put(copy: Publication): void;
  onClose(): void;
}

export function CopyWordsDialog({ copy, albums, put, onClose }: Props) {
  const { published } = words();
  /* As it was when this was opened: its version goes with what was read here. */
  const [{ publication, version, ...shown }] = useState(copy);
  const [caption, setCaption] = useState(copy.caption);
  const [alt, setAlt] = useState(copy.alt);
  const [warning, setWarning] = useState(copy.warning);
  const [album, setAlbum] = useState(copy.album ?? "");
  const checked = useChecked(async (isChecked) => {
    const wanted = changedOf({ caption: shown.caption, alt: shown.alt, warning: shown.warning, album: shown.album ?? "" }, { caption, alt, warning, album });
    if (wanted === null) {
      onClose();
      return;
    }
    const changed = await tell(
      () => changePublication({ publication, version, ...wanted, ...(isChecked ? { words_checked: true } : {}) }),
      ({ state }) => ({ text: state === "waiting" ? published.savedWaits : published.saved }),
      checked.onFault,
    );
    if (changed !== null) {
      put(changed);
      onClose();
    }
  });
  return (
    <WordsDialog
      heading={published.changeHeading}
      go={published.save}
      texts={[
        [caption, textBytesMax.caption],
        [alt, textBytesMax.alt],
        [warning, textBytesMax.warning],
      ]}
      checked={checked}
      onClose={onClose}
    >
      <Area label={published.caption} value={caption} rows={3} bytesMax={textBytesMax.caption} onValue={setCaption} />
      <Area label={published.alt} hint={published.altHint} value={alt} bytesMax={textBytesMax.alt} onValue={setAlt} />
      <Area label={published.warning} hint={published.warningHint} value={warning} rows={1} bytesMax={textBytesMax.warning} onValue={setWarning} />
      <AlbumChoice albums={albums} value={album} onValue={setAlbum} />
    </WordsDialog>
  );
}

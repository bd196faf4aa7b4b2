// SPDX-License-Identifier: GPL-3.0-or-later
// A copy as the server holds it for the public: blurred until somebody asks, and without a sound before that.
import { useState } from "preact/hooks";
import { Icon } from "../../studio/parts/icons.tsx";
import { copyAddress, type Publication } from "../api/publish.ts";
import type { Id } from "../api/types.ts";
import { say, shortId, words } from "../speech.ts";
import { toggleBlur, unblurred } from "../state/previews.ts";

export const isVideo = ({ kind }: Pick<Publication, "kind">): boolean => kind === "mp4" || kind === "webm";

/** As people tell it to each other. */
export function nameOfCopy(copy: Pick<Publication, "kind" | "publication">): string {
  const { published } = words();
  return `${isVideo(copy) ? published.video : published.picture} ${shortId(copy.publication)}`;
}

interface ThumbProps {
  readonly publication: Id;
  readonly src: string;
  readonly name: string;
  /** What is to be seen, where somebody has said so. */
  readonly alt?: string;
  onLost?(): void;
}

function Thumb({ publication, src, name, alt = "", onLost }: ThumbProps) {
  const { preview } = words();
  const isShown = unblurred.value.has(publication);
  const what = preview.still;
  return (
    <span class="copy-thumb">
      <span class={isShown ? "copy-frame" : "copy-frame blurred"}>
        <img src={src} alt={isShown ? alt || say(preview.alt, { what, name }) : say(preview.blurredAlt, { what, name })} loading="lazy" decoding="async" onError={onLost} />
      </span>
      <button type="button" class="button" data-key="b" onClick={() => toggleBlur(publication)}>
        <Icon name={isShown ? "shut" : "preview"} />
        {isShown ? preview.blur : preview.show} <kbd aria-hidden="true">b</kbd>
      </button>
    </span>
  );
}

/** Of a copy of which nothing but its id is known: the list of what is asked may be long, and nobody asks for each. What is no
 * picture, or too small to have a smaller one, is found out by trying, where it comes into sight. */
export function ThumbOf({ publication, name }: { publication: Id; name: string }) {
  const [tries, setTries] = useState(0);
  const addresses = [copyAddress(publication, 1), copyAddress(publication)];
  const src = addresses[tries];
  return src === undefined ? <span class="copy-thumb copy-none">{name}</span> : <Thumb key={src} publication={publication} src={src} name={name} onLost={() => setTries(tries + 1)} />;
}

/** Small, in a list. */
export function CopyThumb({ copy }: { copy: Publication }) {
  const { published } = words();
  if (copy.state === "withdrawn") {
    return <span class="copy-thumb copy-none">{published.gone}</span>;
  }
  if (isVideo(copy) && copy.renditions === 0) {
    return (
      <span class="copy-thumb copy-none">
        <Icon name="video" />
      </span>
    );
  }
  return <Thumb publication={copy.publication} src={copyAddress(copy.publication, copy.renditions > 0 ? 1 : undefined)} name={nameOfCopy(copy)} alt={copy.alt} />;
}

/** Whole, and nothing but what the public gets. Somebody has asked for it. */
export function CopyWhole({ copy, onSeen, onFault }: { copy: Publication; onSeen(): void; onFault(): void }) {
  const name = nameOfCopy(copy);
  const { preview } = words();
  const address = copyAddress(copy.publication);
  if (isVideo(copy)) {
    return <video class="copy-whole" controls preload="auto" {...(copy.renditions > 0 ? { poster: copyAddress(copy.publication, copy.renditions) } : {})} aria-label={copy.alt || name} src={address} onLoadedData={onSeen} onError={onFault} />;
  }
  return <img class="copy-whole" src={address} alt={copy.alt || say(preview.alt, { what: preview.still, name })} onLoad={onSeen} onError={onFault} />;
}

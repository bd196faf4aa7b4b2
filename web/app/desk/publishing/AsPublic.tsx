// SPDX-License-Identifier: GPL-3.0-or-later
// What the public will see of it: the bytes that the server gave back, and the words beside them.
import { useEffect, useState } from "preact/hooks";
import { type CopyKind, isFilm } from "../api/copies.ts";
import { say, sayCount, sayDay, saySize, words } from "../speech.ts";
import type { Given, Texts } from "../state/publishing.ts";

const ENDINGS: Readonly<Record<CopyKind, string>> = { jpeg: "jpg", png: "png", webp: "webp", gif: "gif", mp4: "mp4", webm: "webm" };

interface PictureProps {
  given: Given;
  alt: string;
  /** It is on the screen. */
  onSeen(): void;
  /** This browser can't show it. */
  onFault(): void;
}

function useAddress(of: Blob | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (of === null) {
      setAddress(null);
      return undefined;
    }
    const made = URL.createObjectURL(of);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [of]);
  return address;
}

/** Seen are both: the video, and the picture before it, which is public as it is. */
function Film({ given, alt, onSeen, onFault }: PictureProps) {
  const { publish } = words();
  const [address, poster] = [useAddress(given.bytes), useAddress(given.poster)];
  const [plays, setPlays] = useState(false);
  const [stands, setStands] = useState(given.poster === null);
  useEffect(() => {
    if (plays && stands) {
      onSeen();
    }
  }, [plays, stands]);
  if (address === null || (given.poster !== null && poster === null)) {
    return null;
  }
  return (
    <>
      <video src={address} {...(poster === null ? {} : { poster })} controls aria-label={alt} onLoadedData={() => setPlays(true)} onError={onFault} />
      {poster !== null && (
        <>
          {/* A player says nothing of its poster. */}
          <img hidden alt="" src={poster} onLoad={() => setStands(true)} onError={onFault} />
          <p class="hint">{publish.poster}</p>
        </>
      )}
    </>
  );
}

function Picture({ given, alt, onSeen, onFault }: PictureProps) {
  const address = useAddress(given.bytes);
  return address === null ? null : <img src={address} alt={alt} onLoad={onSeen} onError={onFault} />;
}

interface Props {
  given: Given;
  texts: Texts;
  onSeen(): void;
  onFault(): void;
}

export function AsPublic({ given, texts, onSeen, onFault }: Props) {
  const { publish } = words();
  const { copy, bytes, provenance } = given;
  const warning = texts.warning.trim();
  const Shown = isFilm(copy) ? Film : Picture;
  const picture = <Shown key={copy.sha256} given={given} alt={texts.alt.trim() || publish.altNone} onSeen={onSeen} onFault={onFault} />;
  /* As the server knows days. */
  const today = new Date().toISOString().slice(0, 10);
  return (
    <section class="as-public" aria-label={publish.asPublic}>
      <h2>{publish.asPublic}</h2>
      <figure>
        {warning === "" ? (
          picture
        ) : (
          /* The public finds it closed; who publishes it sees it first. */
          <details key={copy.sha256} open>
            <summary>
              {publish.warning}: <bdi>{warning}</bdi>
            </summary>
            {picture}
          </details>
        )}
        <figcaption>
          {texts.caption.trim() !== "" && <p dir="auto">{texts.caption}</p>}
          <p class="quiet">{sayDay(today)}</p>
        </figcaption>
      </figure>
      <dl class="as-public-facts">
        <dt>{publish.name}</dt>
        <dd class="mono" dir="ltr">
          oilskin-········.{ENDINGS[copy.kind]}
        </dd>
        <dt>{publish.size}</dt>
        <dd>
          {say(publish.pixels, { width: copy.width, height: copy.height })} · {saySize(bytes.size)}
        </dd>
        <dt>{publish.covered}</dt>
        <dd>{provenance.areas === 0 ? publish.none : provenance.regions?.invert === true ? publish.coveredRest : sayCount(publish.areas, provenance.areas)}</dd>
        <dt>SHA-256</dt>
        <dd class="mono digest" dir="ltr">
          {copy.sha256}
        </dd>
      </dl>
      <p class="hint">{publish.nameHint}</p>
      <p class="hint">{publish.checked}</p>
    </section>
  );
}

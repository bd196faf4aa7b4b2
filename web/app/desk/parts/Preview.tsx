// SPDX-License-Identifier: GPL-3.0-or-later
// What the server's worker drew of a file, opened here; blurred until somebody asks. Pictures only: nothing has a sound.
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../studio/parts/icons.tsx";
import type { Box, Id, Media } from "../api/types.ts";
import { say, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { sealedPreview, toggleBlur, unblurred } from "../state/previews.ts";

interface Props {
  file: Id;
  looked: boolean;
  media: Media | null;
  size: "thumb" | "large";
  /** What to draw a frame around. */
  box?: Box | null;
  /** Whether the letter "b" is about this one. */
  hasKey?: boolean;
  /** Names it among others. */
  name: string;
}

/* Twice what is shown, for screens of two pixels a pixel. */
const THUMB_WIDTH = 128;

type Drawn = "waiting" | "there" | "failed";

function useDrawn(file: Id, width: number | undefined): { canvas: { current: HTMLCanvasElement | null }; drawn: Drawn } {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState<Drawn>("waiting");
  const keys = keyring.value;
  useEffect(() => {
    if (keys === null) {
      return;
    }
    const over = new AbortController();
    setDrawn("waiting");
    void (async () => {
      try {
        const sealed = await sealedPreview(file);
        const bitmap = await keys.openBitmap(sealed, { type: "image/jpeg", signal: over.signal, ...(width === undefined ? {} : { width }) });
        const onto = canvas.current;
        if (onto !== null && !over.signal.aborted) {
          onto.width = bitmap.width;
          onto.height = bitmap.height;
          onto.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
          setDrawn("there");
        } else {
          bitmap.close();
        }
      } catch {
        if (!over.signal.aborted) {
          setDrawn("failed");
        }
      }
    })();
    return () => over.abort();
  }, [file, keys]);
  return { canvas, drawn };
}

function Frame({ box }: { box: Box }) {
  const frame = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    /* Set here: the page's policy allows no style in its markup. */
    const style = frame.current?.style;
    style?.setProperty("inset-inline-start", "auto");
    style?.setProperty("left", `${box.left / 10}%`);
    style?.setProperty("top", `${box.top / 10}%`);
    style?.setProperty("width", `${box.width / 10}%`);
    style?.setProperty("height", `${box.height / 10}%`);
  }, [box.left, box.top, box.width, box.height]);
  return <span ref={frame} class="difference" aria-hidden="true" />;
}

export function Preview({ file, looked, media, size, box = null, hasKey = false, name }: Props) {
  const { preview } = words();
  const isLarge = size === "large";
  const isShown = unblurred.value.has(file);
  const { canvas, drawn } = useDrawn(file, isLarge ? undefined : THUMB_WIDTH);
  if (!looked || media === null || keyring.value === null || drawn === "failed") {
    const why = !looked || media === null ? preview.none : keyring.value === null ? preview.noKey : preview.failed;
    return (
      <span class={`preview preview-${size} preview-none`}>
        {isLarge ? why : <span class="hidden">{why}</span>}
      </span>
    );
  }
  const what = media === "still" ? preview.still : media === "animation" ? preview.animation : preview.video;
  return (
    <span class={`preview preview-${size}`}>
      <span class={isShown ? "picture" : "picture blurred"}>
        <canvas ref={canvas} role="img" aria-label={isShown ? say(preview.alt, { what, name }) : say(preview.blurredAlt, { what, name })} />
        {isShown && box !== null && media === "still" && isLarge && <Frame box={box} />}
      </span>
      {isLarge && drawn === "there" && (
        <button type="button" class="button unblur" onClick={() => toggleBlur(file)}>
          <Icon name={isShown ? "shut" : "preview"} />
          {isShown ? preview.blur : preview.show} {hasKey && <kbd aria-hidden="true">b</kbd>}
        </button>
      )}
      {media !== "still" && !isLarge && (
        <span class="preview-media" aria-hidden="true">
          <Icon name="video" />
        </span>
      )}
    </span>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What the server's worker drew of a file, opened here; blurred until somebody asks. Pictures only: nothing has a sound.
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../studio/parts/icons.tsx";
import { Refusal } from "../api/ask.ts";
import type { Box, Id, Media } from "../api/types.ts";
import { faultText } from "../fault_text.ts";
import { say, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { apartOf, sealedPreview, toggleBlur, unblurred } from "../state/previews.ts";

interface Props {
  file: Id;
  looked: boolean;
  media: Media | null;
  size: "thumb" | "large";
  /** What to draw a frame around. */
  box?: Box | null;
  /** Whether the letter "b" is about this one. */
  hasKey?: boolean;
  /** Shown by a button of its own: `toggleBlur(apartOf(file))`. */
  isApart?: boolean;
  /** Names it among others. */
  name: string;
}

/* Twice what is shown, for screens of two pixels a pixel. */
const THUMB_WIDTH = 128;

interface Drawn {
  readonly canvas: { current: HTMLCanvasElement | null };
  readonly isThere: boolean;
  /** Why it is not; null: it is on its way. */
  readonly fault: unknown;
  again(): void;
}

/** @param looked whether there is one to be fetched. */
function useDrawn(file: Id, looked: boolean, width: number | undefined): Drawn {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isThere, setThere] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const keys = keyring.value;
  useEffect(() => {
    if (keys === null || !looked) {
      return;
    }
    const over = new AbortController();
    setThere(false);
    setFault(null);
    void (async () => {
      try {
        const sealed = await sealedPreview(file);
        const bitmap = await keys.openBitmap(sealed, { type: "image/jpeg", signal: over.signal, ...(width === undefined ? {} : { width }) });
        const onto = canvas.current;
        if (onto !== null && !over.signal.aborted) {
          onto.width = bitmap.width;
          onto.height = bitmap.height;
          onto.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
          setThere(true);
        } else {
          bitmap.close();
        }
      } catch (cause) {
        if (!over.signal.aborted) {
          setFault(cause);
        }
      }
    })();
    return () => over.abort();
  }, [file, keys, looked, turn]);
  return { canvas, isThere, fault, again: () => setTurn((n) => n + 1) };
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

export function Preview({ file, looked, media, size, box = null, hasKey = false, isApart = false, name }: Props) {
  const { preview, faults } = words();
  const isLarge = size === "large";
  const isShown = unblurred.value.has(isApart ? apartOf(file) : file);
  const isDrawable = looked && media !== null;
  const { canvas, isThere, fault, again } = useDrawn(file, isDrawable, isLarge ? undefined : THUMB_WIDTH);
  if (!isDrawable || keyring.value === null || fault !== null) {
    /* What did not arrive may be there; what does not open stays so. */
    const isLost = isDrawable && fault instanceof Refusal;
    const why = !isDrawable ? preview.none : keyring.value === null ? preview.noKey : isLost ? faultText(fault) : preview.failed;
    return (
      <span class={`preview preview-${size} preview-none`}>
        {isLarge ? why : <span class="hidden">{why}</span>}
        {isLarge && isLost && (
          <button type="button" class="plain" onClick={again}>
            {faults.again}
          </button>
        )}
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
      {isLarge && isThere && (
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

// SPDX-License-Identifier: GPL-3.0-or-later
// The way to the camera roll: the browser's own chooser behind a button of ours.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { addFiles } from "../state/items.ts";

/** Names too, because not every browser knows these types. */
const ACCEPT = "image/*,video/*,.heic,.heif,.avif,.jxl,.webp,.tif,.tiff,.mkv,.mov,.m4v,.webm";

export function OpenButton({ class: look, children }: { class: string; children: ComponentChildren }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={look} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        accept={ACCEPT}
        multiple
        hidden
        onChange={(event) => {
          const chosen = event.currentTarget;
          addFiles(Array.from(chosen.files ?? []));
          // The same file can be chosen again.
          chosen.value = "";
        }}
      />
    </>
  );
}

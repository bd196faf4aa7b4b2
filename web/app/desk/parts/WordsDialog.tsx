// SPDX-License-Identifier: GPL-3.0-or-later
// Words for the public are written or changed: fields above the page, which go nowhere before they were looked through.
import type { ComponentChildren } from "preact";
import { telling } from "../state/public.ts";
import { isTooLong } from "./Area.tsx";
import { Dialog } from "./Dialog.tsx";
import { FormActs } from "./FormActs.tsx";
import type { Checked } from "./useChecked.tsx";

interface Props {
  readonly heading: string;
  readonly go: string;
  /** Each with how many bytes of UTF-8 it may have. */
  readonly texts: readonly (readonly [text: string, bytesMax: number])[];
  /** What nothing goes without is not there yet. */
  readonly isLacking?: boolean;
  readonly checked: Checked;
  onClose(): void;
  children: ComponentChildren;
}

export function WordsDialog({ heading, go, texts, isLacking = false, checked: { submit, question }, onClose, children }: Props) {
  const tooLong = texts.some(([text, bytesMax]) => isTooLong(text, bytesMax));
  return (
    <Dialog heading={heading} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit(texts.map(([text]) => text));
        }}
      >
        {children}
        <FormActs go={go} disabled={tooLong || isLacking || telling.value} onClose={onClose} />
      </form>
      {question}
    </Dialog>
  );
}

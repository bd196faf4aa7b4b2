// SPDX-License-Identifier: GPL-3.0-or-later
// Several lines of a form: their name, the field, what it wants, and how much more fits.
import { useId } from "preact/hooks";
import { words } from "../speech.ts";

interface Props {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  /** Of one row: no line break stays in it. */
  readonly rows?: number;
  /** Of UTF-8. */
  readonly bytesMax: number;
  onValue(value: string): void;
}

export const isTooLong = (text: string, bytesMax: number): boolean => new TextEncoder().encode(text).length > bytesMax;

export function Area({ label, hint, value, rows = 2, bytesMax, onValue }: Props) {
  const id = useId();
  const tooLong = isTooLong(value, bytesMax);
  const said = tooLong ? words().published.tooLong : hint;
  return (
    <div class="line">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        dir="auto"
        value={value}
        aria-invalid={tooLong}
        aria-describedby={said === undefined ? undefined : `${id}-hint`}
        onInput={({ currentTarget: { value: text } }) => onValue(rows === 1 ? text.replace(/\s*\n\s*/g, " ") : text)}
      />
      {said !== undefined && (
        <p id={`${id}-hint`} class={tooLong ? "fault" : "hint"}>
          {said}
        </p>
      )}
    </div>
  );
}

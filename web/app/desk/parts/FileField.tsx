// SPDX-License-Identifier: GPL-3.0-or-later
// One line of a form that takes a file.
import { useId } from "preact/hooks";

interface Props {
  label: string;
  hint?: string;
  onFile(file: File | null): void;
}

export function FileField({ label, hint, onFile }: Props) {
  const id = useId();
  return (
    <div class="line">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        required
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onFile(event.currentTarget.files?.[0] ?? null)}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// One line of a form: its name, the field, what it wants.
import { useId } from "preact/hooks";

interface Props {
  label: string;
  hint?: string;
  value: string;
  onValue(value: string): void;
  secret?: boolean;
  required?: boolean;
  minLength?: number;
  pattern?: string;
  digits?: boolean;
  autocomplete: "username" | "current-password" | "new-password" | "one-time-code" | "off";
}

export function Field({ label, hint, value, onValue, secret = false, digits = false, ...more }: Props) {
  const id = useId();
  return (
    <div class="line">
      <label for={id}>{label}</label>
      <input
        {...more}
        {...(secret ? { type: "password" } : { type: "text" })}
        id={id}
        inputMode={digits ? "numeric" : "text"}
        autocapitalize="none"
        spellcheck={false}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// One line of a form: its name, the field, what it wants.
import { useEffect, useId, useRef } from "preact/hooks";

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
  /** It takes the focus when it appears. */
  isWanted?: boolean;
  autocomplete: "username" | "current-password" | "new-password" | "one-time-code" | "off";
}

export function Field({ label, hint, value, onValue, secret = false, digits = false, isWanted = false, ...more }: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isWanted) {
      input.current?.focus();
    }
  }, [isWanted]);
  return (
    <div class="line">
      <label for={id}>{label}</label>
      <input
        {...more}
        ref={input}
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

// SPDX-License-Identifier: GPL-3.0-or-later
// One of several, as a row of buttons: the browser's own radio buttons, so that arrow keys and screen readers know them.
import type { ComponentChildren } from "preact";

export interface Option<T extends string> {
  value: T;
  label: string;
  picture?: ComponentChildren;
}

interface Props<T extends string> {
  name: string;
  legend: string;
  options: readonly Option<T>[];
  value: T;
  onChoose(value: T): void;
}

export function Choice<T extends string>({ name, legend, options, value, onChoose }: Props<T>) {
  return (
    <fieldset class={`options options-${name}`}>
      <legend class="hidden">{legend}</legend>
      {options.map((option) => (
        <label key={option.value} class="option">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span class="option-face">
            {option.picture}
            <span>{option.label}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

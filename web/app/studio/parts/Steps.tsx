// SPDX-License-Identifier: GPL-3.0-or-later
// The three steps, always in sight: where the person is, and a way to each that can be gone to.
import { goTo, items, step, type Step } from "../state/items.ts";
import { canSave } from "../state/saving.ts";
import { say, words } from "../speech.ts";

const order: readonly Step[] = ["open", "cover", "save"];

export function Steps() {
  const { steps } = words();
  const at = order.indexOf(step.value);
  return (
    <nav class="steps" aria-label={steps.label}>
      <ol>
        {order.map((name, index) => {
          const here = index === at;
          const closed = index > 0 && (items.value.length === 0 || (name === "save" && !canSave.value));
          return (
            <li key={name} class={index < at ? "past" : here ? "here" : ""}>
              <button
                type="button"
                disabled={closed}
                aria-current={here ? "step" : undefined}
                onClick={() => goTo(name)}
              >
                <span class="step-number" aria-hidden="true">
                  {say("{n}", { n: index + 1 })}
                </span>
                {steps[name]}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

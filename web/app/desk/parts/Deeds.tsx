// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions (deeds.ts) as buttons and as keys, and the question before a dismissal.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { type Decision, decisions, nameOfDeed, type Step, type Subject } from "../deeds.ts";
import { place } from "../route.ts";
import { words } from "../speech.ts";
import { acting, perform } from "../state/acts.ts";
import { notice } from "../state/notice.ts";
import { onEnd } from "../state/session.ts";
import { DismissDialog } from "./DismissDialog.tsx";
import type { Shortcuts } from "./useShortcuts.ts";

interface Doing {
  readonly step: Step;
  /** Something was changed. */
  onDone?: (() => void) | undefined;
}

/** What somebody is about to dismiss. */
const dismissing = signal<Doing | null>(null);

const askNoMore = () => {
  dismissing.value = null;
};
place.subscribe(askNoMore);
onEnd(askNoMore);

async function run({ step, onDone }: Doing): Promise<void> {
  if (step.deed === "dismiss") {
    dismissing.value = { step, onDone };
  } else if (await perform(step.deed, step.targets)) {
    onDone?.();
  }
}

function press(decision: Decision, subject: Subject, onDone?: () => void): void {
  const step = decision.next(subject);
  if (step !== null) {
    void run({ step, onDone });
  } else {
    const { acts, done } = words();
    notice.value = { text: decision.part === "files" && subject.files?.clusters.length === 0 ? acts.noFiles : done.nothing };
  }
}

/** The letters of what can be decided about it. */
export function deedKeys(subject: Subject | null, onDone?: () => void): Shortcuts {
  const some = decisions.filter(({ part }) => subject?.[part] !== undefined);
  return Object.fromEntries(some.flatMap((decision) => (decision.letter === null || subject === null ? [] : [[decision.letter, () => press(decision, subject, onDone)]])));
}

interface ButtonProps {
  letter: string | null;
  /** False: the letter is another one's now. Its room stays, so that nothing moves under the pointer. */
  isHeard?: boolean;
  onPress(): void;
  children: ComponentChildren;
}

/** While a decision is on its way it does nothing, and keeps the focus, which it would lose if it were disabled. */
export function DeedButton({ letter, isHeard = true, onPress, children }: ButtonProps) {
  return (
    <button type="button" class="button" aria-disabled={acting.value} onClick={() => acting.peek() || onPress()}>
      {children}{" "}
      {letter !== null && (
        <kbd class={isHeard ? undefined : "unheard"} aria-hidden="true">
          {letter}
        </kbd>
      )}
    </button>
  );
}

/** @param onDone what follows a decision that changed something. */
export function Deeds({ subject, isHeard = true, onDone }: { subject: Subject; isHeard?: boolean; onDone?: () => void }) {
  return (
    <>
      {decisions.map((decision) => {
        const step = decision.next(subject);
        return (
          step !== null && (
            <DeedButton key={`${decision.part}${decision.letter}`} letter={decision.letter} isHeard={isHeard} onPress={() => press(decision, subject, onDone)}>
              {nameOfDeed(step.deed, words())}
            </DeedButton>
          )
        );
      })}
    </>
  );
}

/** Stands once, for all pages. */
export function DismissQuestion() {
  const doing = dismissing.value;
  if (doing === null) {
    return null;
  }
  const { targets } = doing.step;
  return (
    <DismissDialog
      n={targets.clusters?.length ?? 0}
      onClose={askNoMore}
      onChosen={(reason) => {
        askNoMore();
        void perform("dismiss", targets, reason).then((changed) => changed && doing.onDone?.());
      }}
    />
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What can be decided, and by which letter: one table for the buttons, the keys and their list. A decision is added by a row here.
import type { DeskWords } from "../words/desk/catalogue.ts";
import type { SeenCluster, SeenSubmission, Targets } from "./api/desk.ts";
import type { Deed } from "./api/types.ts";

/** What a decision may be about. A page leaves out what it does not decide. */
export interface Subject {
  /** Without clusters it is words alone, of which none of this can be said. */
  readonly files?: {
    readonly clusters: readonly SeenCluster[];
    /** Something of it was decided, and is asked again. */
    readonly isAsked: boolean;
    readonly isDismissed: boolean;
    readonly isFlagged: boolean;
  };
  /** Submissions with words that nobody has read. */
  readonly words?: readonly SeenSubmission[];
  readonly claim?: { readonly of: Targets; readonly isMine: boolean };
  readonly hold?: { readonly of: Targets; readonly isHeld: boolean };
}

/** What would be done. */
export interface Step {
  readonly deed: Deed;
  readonly targets: Targets;
}

export interface Decision {
  /** null: a button alone, for what is rare and heavy. */
  readonly letter: string | null;
  /** What of the subject it is about. */
  readonly part: keyof Subject;
  /** null: there is nothing to be decided. */
  next(subject: Subject): Step | null;
  /** What its letter does, in the list of keys. */
  readonly means?: (keys: DeskWords["keys"]) => string;
}

type Files = NonNullable<Subject["files"]>;

/** About files: `deedOf` says what, null for what is out of place. */
const aboutFiles = (letter: string, means: NonNullable<Decision["means"]>, deedOf: (files: Files) => Deed | null): Decision => ({
  letter,
  part: "files",
  means,
  next: ({ files }) => {
    const deed = files === undefined || files.clusters.length === 0 ? null : deedOf(files);
    return files === undefined || deed === null ? null : { deed, targets: { clusters: files.clusters } };
  },
});

export const decisions: readonly Decision[] = [
  aboutFiles("c", (keys) => keys.confirm, ({ isAsked }) => (isAsked ? "confirm" : null)),
  aboutFiles("d", (keys) => keys.dismiss, ({ isDismissed }) => (isDismissed ? "withdraw-rule" : "dismiss")),
  aboutFiles("s", (keys) => keys.keep, () => "keep"),
  aboutFiles("f", (keys) => keys.flag, ({ isFlagged }) => (isFlagged ? "unflag" : "flag")),
  {
    letter: "r",
    part: "words",
    means: (keys) => keys.read,
    next: ({ words: submissions = [] }) => (submissions.length === 0 ? null : { deed: "seen", targets: { submissions } }),
  },
  {
    letter: "a",
    part: "claim",
    means: (keys) => keys.take,
    next: ({ claim }) => (claim === undefined ? null : { deed: claim.isMine ? "release" : "claim", targets: claim.of }),
  },
  {
    letter: null,
    part: "hold",
    next: ({ hold }) => (hold === undefined ? null : { deed: hold.isHeld ? "unhold" : "hold", targets: hold.of }),
  },
];

/** What the button says. */
export function nameOfDeed(deed: Deed, { acts }: Pick<DeskWords, "acts">): string {
  const names: Readonly<Record<Deed, string>> = {
    dismiss: acts.dismiss,
    confirm: acts.confirm,
    "withdraw-rule": acts.withdraw,
    keep: acts.keep,
    flag: acts.flag,
    unflag: acts.unflag,
    hold: acts.hold,
    unhold: acts.unhold,
    seen: acts.read,
    claim: acts.take,
    release: acts.giveBack,
  };
  return names[deed];
}

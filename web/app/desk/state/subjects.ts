// SPDX-License-Identifier: GPL-3.0-or-later
// What a decision is about (deeds.ts), from what is shown of it.
import type { DeskFile, Row, Submission } from "../api/types.ts";
import type { Subject } from "../deeds.ts";
import { clustersOf, submissionsOf } from "./queue.ts";
import { me } from "./session.ts";
import { seenFile, seenOf } from "./submission.ts";

const areAll = (some: readonly Row[], holds: (row: Row) => boolean) => some.length > 0 && some.every(holds);
const isMine = ({ claim }: Pick<Row | Submission, "claim">) => claim !== null && claim === me.value?.name;

/** null for none. */
export function subjectOfRows(some: readonly Row[]): Subject | null {
  return some.length === 0
    ? null
    : {
        files: {
          clusters: clustersOf(some),
          isAsked: some.some(({ why }) => why !== null),
          isDismissed: areAll(some, ({ state }) => state === "dismissed"),
          isFlagged: areAll(some, ({ state }) => state === "flagged"),
        },
        words: submissionsOf(some.filter((row) => row.has_words)),
        claim: { of: { clusters: clustersOf(some), submissions: submissionsOf(some.filter(({ cluster }) => cluster === null)) }, isMine: areAll(some, isMine) },
      };
}

/** Of its copies what is decided about files; their words stand in their submissions. */
export function subjectOfCluster(row: Row): Subject {
  const { words: _, ...rest } = subjectOfRows([row]) ?? {};
  return rest;
}

export function subjectOfFile(file: DeskFile): Subject {
  return { files: { clusters: [seenFile(file)], isAsked: false, isDismissed: file.state === "dismissed", isFlagged: file.state === "flagged" } };
}

export function subjectOfSubmission(sent: Submission): Subject {
  const of = { submissions: [seenOf(sent)] };
  return {
    words: sent.has_words ? of.submissions : [],
    claim: { of, isMine: isMine(sent) },
    hold: { of, isHeld: sent.held },
  };
}

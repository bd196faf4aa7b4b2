// SPDX-License-Identifier: GPL-3.0-or-later
// What can become of what the public asks about one thing.
import { type Outcome, type PublicRequest, type RequestGroup, requestKinds } from "./api/publish.ts";

/** What can have become of it, or be done now by who is logged in. */
export function outcomesOf({ space, state }: Pick<RequestGroup, "space" | "state">, mayPublish: boolean): readonly Outcome[] {
  const isAway = state === null || state === "withdrawn";
  const some: readonly (readonly [Outcome, boolean])[] = [
    ["withdrawn", space === "publication" && (mayPublish || isAway)],
    ["covered", space === "publication" && (mayPublish || isAway)],
    ["hidden", state === "hidden" && mayPublish],
    ["ended", space === "share"],
    ["nothing", !isAway && (state !== "hidden" || mayPublish)],
  ];
  return some.flatMap(([did, can]) => (can ? [did] : []));
}

/** How many ask for what, with those of which no words were kept; what nobody asks for is left out. */
export function kindsOf(asked: readonly Pick<PublicRequest, "kind" | "counted">[]): readonly (readonly [PublicRequest["kind"], number])[] {
  return requestKinds
    .map((kind) => [kind, asked.filter((one) => one.kind === kind).reduce((sum, { counted }) => sum + 1 + counted, 0)] as const)
    .filter(([, count]) => count > 0);
}

/** Those who wrote something first, each in the order that was told. */
export const withWordsFirst = (asked: readonly PublicRequest[]): readonly PublicRequest[] => [...asked.filter(({ sealed }) => sealed !== null), ...asked.filter(({ sealed }) => sealed === null)];

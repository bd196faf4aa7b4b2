// SPDX-License-Identifier: GPL-3.0-or-later
// What can become of a request of the public.
import type { Outcome, PublicRequest } from "./api/publish.ts";

/** What can have become of it, or be done now by who is logged in. What is hidden is shown again when nobody else asks for it to go. */
export function outcomesOf({ space, state, others }: Pick<PublicRequest, "space" | "state" | "others">, mayPublish: boolean): readonly Outcome[] {
  const isAway = state === null || state === "withdrawn";
  const some: readonly (readonly [Outcome, boolean])[] = [
    ["covered", space === "publication" && (mayPublish || isAway)],
    ["withdrawn", space === "publication" && (mayPublish || isAway)],
    ["hidden", state === "hidden" && mayPublish],
    ["ended", space === "share"],
    ["nothing", !isAway && (state !== "hidden" || (mayPublish && others === 0))],
  ];
  return some.flatMap(([did, can]) => (can ? [did] : []));
}

export interface RequestRow {
  readonly request: PublicRequest;
  /** Somebody has settled it here, a moment ago. */
  readonly isSettled: boolean;
}

/** What has become of `of`, or of what it is about. */
export interface Became {
  readonly state?: PublicRequest["state"];
  readonly settled?: { readonly is: boolean; readonly others: number };
}

/** A row behind that: all that are about the same say the same of it. */
export function rowAfter(row: RequestRow, of: PublicRequest, { state, settled }: Became): RequestRow {
  const { request } = row;
  if (request.space !== of.space || request.target !== of.target) {
    return row;
  }
  const told = state === undefined ? request : { ...request, state };
  if (settled === undefined) {
    return { ...row, request: told };
  }
  if (request.asked === of.asked) {
    return { request: { ...told, others: settled.others }, isSettled: settled.is };
  }
  const open = settled.others + (settled.is ? 0 : 1);
  return { ...row, request: { ...told, others: open - (row.isSettled ? 0 : 1) } };
}

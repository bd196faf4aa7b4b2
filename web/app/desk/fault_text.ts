// SPDX-License-Identifier: GPL-3.0-or-later
// What went wrong, in the reviewer's language where we know it, in the server's words where we don't.
import { CoreError } from "../core/types.ts";
import { Refusal } from "./api/ask.ts";
import { say, words } from "./speech.ts";

export function faultText(cause: unknown): string {
  const { faults } = words();
  if (cause instanceof CoreError && cause.fault.status === "auth") {
    return words().talk.closed;
  }
  if (!(cause instanceof Refusal)) {
    return say(faults.here, { what: cause instanceof Error ? cause.message : String(cause) });
  }
  const known: Readonly<Record<number, string>> = {
    0: faults.offline,
    401: faults.loggedOut,
    403: faults.forbidden,
    404: faults.gone,
    409: faults.quicker,
    429: faults.busy,
    503: faults.busy,
  };
  return known[cause.status] ?? say(faults.other, { what: cause.next === null ? cause.message : `${cause.message}. ${cause.next}` });
}

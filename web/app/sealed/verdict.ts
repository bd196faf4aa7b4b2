/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what came out of a sealed link may be seen: nobody has checked it before, so this device does. The core reads it
 * twice, as it does with a copy that it has made itself: by what is known of the format, and by the second opinion, which
 * shares no code with that. Nothing here knows of browsers. */
import type { Core } from "../core/types.ts";
import { openedType } from "../seal/opened_type.ts";

export type Verdict =
  | { clean: true; type: string; extension: string; video: boolean }
  | { clean: false; why: "format" | "unclean" | "unread" };

/* What says nothing of the file: this device could not read it to its end. */
const UNREAD = new Set(["no-memory", "io", "limit", "bug", "misuse"]);

/** Nothing is shown but for what is clean. */
export async function judge(core: Pick<Core, "inspect" | "verify">, file: Blob): Promise<Verdict> {
  const { mediaType, extension, video, findings, cut, fault } = await core.inspect(file);
  const type = openedType(mediaType);
  if (fault !== null && UNREAD.has(fault.status)) {
    return { clean: false, why: "unread" };
  }
  if (!/^(image|video)\//.test(type)) {
    return { clean: false, why: "format" };
  }
  if (fault !== null || cut || findings.some((finding) => !finding.stays)) {
    return { clean: false, why: "unclean" };
  }
  const found = await core.verify(file);
  if (found !== null) {
    return { clean: false, why: UNREAD.has(found.status) ? "unread" : "unclean" };
  }
  return { clean: true, type, extension, video };
}

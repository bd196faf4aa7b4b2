// SPDX-License-Identifier: GPL-3.0-or-later
// When and where a file says that it was taken: evidence that the sender may move into the message.
import type { Finding } from "../core/types.ts";

export interface Took {
  /** As the core writes it: "2026:05:01 18:42:07". */
  readonly when: string | null;
  /** "44.97, -93.26". */
  readonly where: string | null;
}

const TIMES = ["exif.date-time-original", "exif.date-time-digitized", "mp4.created", "mkv.date", "exif.date-time"];
const PLACES = ["exif.gps.position", "mp4.position", "mp4.location"];

function first(findings: readonly Finding[], fields: readonly string[], fits: RegExp): string | null {
  for (const field of fields) {
    const found = findings.find((finding) => finding.field === field && fits.test(finding.value));
    if (found !== undefined) {
      return found.value;
    }
  }
  return null;
}

const ISO6709 = /^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)/;

const PAIR = /^(-?\d{1,2}(?:\.\d+)?), (-?\d{1,3}(?:\.\d+)?)$/;

export function tookOf(findings: readonly Finding[]): Took {
  const when =
    first(findings, TIMES, /^\d{4}[:-]\d\d[:-]\d\d/) ??
    findings.find(({ kind, value }) => kind === "time" && /^[12]\d{3}[:-]\d\d[:-]\d\d[ T]\d\d:\d\d/.test(value))?.value ??
    null;
  const place =
    first(findings, PLACES, /\d/) ?? findings.find(({ kind, value }) => kind === "place" && ISO6709.test(value))?.value ?? null;
  const found = place === null ? null : (ISO6709.exec(place) ?? PAIR.exec(place));
  return { when, where: found === null ? place : `${Number(found[1])}, ${Number(found[2])}` };
}

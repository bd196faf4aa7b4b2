// SPDX-License-Identifier: GPL-3.0-or-later
// Findings by danger, those that say the same counted as one.
import type { Finding, Kind } from "../../core/types.ts";

export const kindsByDanger: readonly Kind[] = ["place", "time", "device", "preview", "name", "software", "other"];

export interface Told {
  readonly finding: Finding;
  readonly times: number;
}

export interface Group {
  readonly kind: Kind;
  readonly told: readonly Told[];
}

export function gather(findings: readonly Finding[]): Group[] {
  return kindsByDanger.flatMap((kind) => {
    const told = new Map<string, { finding: Finding; times: number }>();
    for (const finding of findings) {
      if (finding.kind === kind) {
        const key = `${finding.label}\n${finding.value}`;
        const before = told.get(key);
        if (before === undefined) {
          told.set(key, { finding, times: 1 });
        } else {
          before.times++;
        }
      }
    }
    return told.size === 0 ? [] : [{ kind, told: [...told.values()] }];
  });
}

/** A phone takes the place out of what it hands to a page, and leaves the rest: then the one in the gallery may have it. */
export function lacksPlace(findings: readonly Finding[]): boolean {
  const camera = findings.some(({ kind, field }) => kind === "device" && /make|model|serial|lens/.test(field));
  return camera && !findings.some(({ kind }) => kind === "place");
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A text as a phone's camera reads it. It is drawn here: what it says is a secret, and no server's business.
import encodeQR from "qr";

/** Modules of white around it, which readers need. */
const BORDER = 4;

/** The dark runs of each line, as the path of an SVG. */
export function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) =>
      row.flatMap((isDark, x) => {
        if (!isDark || row[x - 1]) {
          return [];
        }
        const end = row.indexOf(false, x);
        return [`M${x} ${y}h${(end < 0 ? row.length : end) - x}v1H${x}z`];
      }),
    )
    .join("");
}

export function QrCode({ text, label }: { text: string; label: string }) {
  const rows = encodeQR(text, "raw", { border: BORDER });
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${rows.length} ${rows.length}`} shape-rendering="crispEdges">
      <rect class="qr-light" width="100%" height="100%" />
      <path class="qr-dark" d={pathOf(rows)} />
    </svg>
  );
}

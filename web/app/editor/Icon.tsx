/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The editor's few icons, drawn in a square of 24. */

const shapes = {
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  bin: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5",
  cornerMore: "M7 10v11M10 7h11M7 4a3 3 0 1 0 0 6a3 3 0 1 0 0-6M16 12v8M12 16h8",
  cornerLess: "M7 10v11M10 7h11M7 4a3 3 0 1 0 0 6a3 3 0 1 0 0-6M12 16h8",
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6 6l12 12M18 6L6 18",
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="osk-icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}

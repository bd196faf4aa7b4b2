// SPDX-License-Identifier: GPL-3.0-or-later
// Drawings of the tools, of what else is done to a picture, and of how a covered area looks.

const paths = {
  brush: "M19.5 4.5c-5 2-8.5 5.5-10.5 9l2 2c3.5-2 7-5.5 9-10.5zM8 14.5c-2 .5-2.5 3.5-4.5 5 3 .5 6.5-.5 6.5-3z",
  tap: "M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM12 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  box: "M4.5 6.5h15v11h-15z",
  ellipse: "M12 6c4.7 0 8 2.6 8 6s-3.3 6-8 6-8-2.6-8-6 3.3-6 8-6z",
  polygon: "M5 9l8-5 7 7-4 8.5-9-1.5z",
  select: "M12 3v18M3 12h18M9.5 5.5L12 3l2.5 2.5M9.5 18.5L12 21l2.5-2.5M5.5 9.5L3 12l2.5 2.5M18.5 9.5L21 12l-2.5 2.5",
  crop: "M7 3v14h14M3 7h14v14",
  undo: "M8 5L4 9l4 4M4 9h9a6 6 0 0 1 0 12h-3",
  redo: "M16 5l4 4-4 4M20 9h-9a6 6 0 0 0 0 12h3",
  turn: "M16.5 3.5L20 7l-3.5 3.5M20 7h-9a6 6 0 0 0-6 6v1M9 14h9v7H9z",
  mirror: "M12 3v18M9 7l-5.5 10H9zM15 7l5.5 10H15z",
  invert: "M4 5h16v14H4zM12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  remove: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 10.5v6M13.5 10.5v6",
} as const;

export type ToolIconName = keyof typeof paths;

/* Back and forth follow the reading; turning a picture does not. */
const flipping: readonly ToolIconName[] = ["undo", "redo"];

export function ToolIcon({ name }: { name: ToolIconName }) {
  return (
    <svg class={flipping.includes(name) ? "icon flips" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

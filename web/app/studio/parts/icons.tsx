// SPDX-License-Identifier: GPL-3.0-or-later
// Small drawings of one weight on a field of 24. They say nothing to a screen reader: the words beside them do.

const paths = {
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  shield: "M12 3l7.5 2.6v5.6c0 4.6-3 8-7.5 9.8-4.5-1.8-7.5-5.2-7.5-9.8V5.6zM8.6 11.8l2.5 2.5 4.4-4.6",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 2.6 4 5.6 4 9s-1 6.4-4 9c-3-2.6-4-5.6-4-9s1-6.4 4-9z",
  place: "M12 21s-6.5-6.2-6.5-11.2a6.5 6.5 0 0 1 13 0C18.5 14.8 12 21 12 21zM12 7.5a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8z",
  time: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
  device: "M4 8h3l1.5-2.5h7L17 8h3v11H4zM12 10a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6z",
  preview: "M4 5h11v10H4zM8 18.5h12V9M4 12.5l3.5-3 3.5 3.5",
  name: "M12 4a3.8 3.8 0 1 0 0 7.6A3.8 3.8 0 0 0 12 4zM4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  software: "M8.5 8L4.5 12l4 4M15.5 8l4 4-4 4M13.3 6l-2.6 12",
  other: "M6 12h.01M12 12h.01M18 12h.01",
  warning: "M12 4l9 15.5H3zM12 10v4.5M12 17v.01",
  video: "M3.5 6.5h11v11h-11zM14.5 10.5l6-3.5v10l-6-3.5z",
  share: "M12 15V4M8 7.5L12 3.5l4 4M6.5 11.5H5v9h14v-9h-1.5",
  download: "M12 4v11M8 11.5l4 4 4-4M5 20h14",
  back: "M14.5 6l-6 6 6 6",
  next: "M9.5 6l6 6-6 6",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  shut: "M3 12c2.5-4.3 5.5-6.5 9-6.5s6.5 2.2 9 6.5c-2.5 4.3-5.5 6.5-9 6.5S5.5 16.3 3 12zM5 19L19 5",
} as const;

export type IconName = keyof typeof paths;

/** @param flips in a page that is written from the right, where it points along the line. */
export function Icon({ name, flips = false }: { name: IconName; flips?: boolean }) {
  return (
    <svg class={flips ? "icon flips" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** A sou'wester, the hat that goes with an oilskin. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="mark-fill" d="M7.5 19C7.5 10.5 11 6 16 6s8.5 4.5 8.5 13c2.7.7 4.5 1.8 4.5 3.2 0 2.6-5.8 4.8-13 4.8S3 24.8 3 22.2C3 20.8 4.8 19.7 7.5 19z" />
      <path class="mark-line" d="M7.5 19c2.3 1.5 5.2 2.2 8.5 2.2s6.2-.7 8.5-2.2" />
    </svg>
  );
}

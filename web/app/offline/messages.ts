// SPDX-License-Identifier: GPL-3.0-or-later
// What the page and its service worker say to each other. Each question carries a port, and gets one answer there.

export type Question = { ask: "shared" } | { ask: "activate" } | { ask: "remove" };

export type Answer =
  | { shared: File[] }
  /** False while another tab still shows the old version, whose files would vanish beneath it. */
  | { activates: boolean }
  | { removed: true };

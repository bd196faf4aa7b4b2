// SPDX-License-Identifier: GPL-3.0-or-later
// What the server's decoder calls codings, as people know them.
import type { Copy } from "../api/copies.ts";

const NAMES: Readonly<Record<string, string>> = {
  ac3: "AC-3",
  amrnb: "AMR",
  amrwb: "AMR",
  av1: "AV1",
  eac3: "E-AC-3",
  h264deep: "H.264 (10 bit, 4:2:2)",
  hevc: "HEVC (H.265)",
  hevcdeep: "HEVC (H.265)",
  mpeg4: "MPEG-4 Part 2",
  prores: "ProRes",
};

/** The codings of a video that not every browser plays; "" where each does. */
export function unplayedOf({ unplayed_picture, unplayed_sound }: Pick<Copy, "unplayed_picture" | "unplayed_sound">): string {
  return [unplayed_picture, unplayed_sound]
    .filter((name) => name !== null)
    .map((name) => NAMES[name] ?? name.toUpperCase())
    .join(" + ");
}

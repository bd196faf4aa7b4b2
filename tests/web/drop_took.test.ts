// SPDX-License-Identifier: GPL-3.0-or-later
// When and where a file says that it was taken, out of what the core found.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, Kind } from "../../web/app/core/types.ts";
import { tookOf } from "../../web/app/drop/took.ts";

const found = (kind: Kind, field: string, value: string): Finding => ({ kind, field, value, part: "", label: "", offset: 0, length: 0, stays: false, asked: false });

test("a photo's own time goes before the time of a change", () => {
  const took = tookOf([
    found("time", "exif.date-time", "2021:01:01 00:00:00"),
    found("time", "exif.date-time-original", "2020:05:30 14:32:00"),
    found("place", "exif.gps.position", "44.97000, -93.26000"),
    found("place", "exif.gps.destination", "1.00000, 2.00000"),
  ]);
  assert.deepEqual(took, { when: "2020:05:30 14:32:00", where: "44.97, -93.26" });
});

test("a video's place is read as its standard writes it", () => {
  assert.deepEqual(tookOf([found("place", "mp4.position", "+44.9700-093.2600+250.0/")]), { when: null, where: "44.97, -93.26" });
});

test("half a place and an empty date are not asked about as something else", () => {
  assert.deepEqual(tookOf([found("place", "exif.gps.position", "44.97000, ?")]), { when: null, where: "44.97000, ?" });
  assert.deepEqual(tookOf([found("time", "exif.date-time-original", "    :  :     :  :  ")]), { when: null, where: null });
  assert.deepEqual(tookOf([]), { when: null, where: null });
});

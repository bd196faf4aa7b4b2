// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, Kind } from "../../web/app/core/types.ts";
import { gather, lacksPlace } from "../../web/app/studio/state/gathered.ts";

function finding(kind: Kind, field: string, value = ""): Finding {
  return { kind, part: "", field, label: field, value, offset: 0, length: 0, stays: false, asked: false };
}

test("findings come by danger, and what says the same counts as one", () => {
  const groups = gather([
    finding("software", "exif.software", "KiteCam"),
    finding("place", "exif.gps.position", "47, 8"),
    finding("time", "exif.date-time", "now"),
    finding("place", "exif.gps.position", "47, 8"),
    finding("place", "exif.gps.position", "48, 9"),
  ]);
  assert.deepEqual(groups.map(({ kind }) => kind), ["place", "time", "software"]);
  assert.deepEqual(groups[0]?.told.map(({ times }) => times), [2, 1]);
});

test("a place that a phone took out is missed where there is camera data, and only there", () => {
  const camera = finding("device", "exif.model", "Kite P7");
  assert.equal(lacksPlace([camera]), true);
  assert.equal(lacksPlace([camera, finding("place", "exif.gps.position")]), false);
  assert.equal(lacksPlace([finding("device", "icc.description")]), false);
  assert.equal(lacksPlace([]), false);
});

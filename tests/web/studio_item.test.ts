// SPDX-License-Identifier: GPL-3.0-or-later
// What the person did to one file, as values.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Inspected } from "../../web/app/core/types.ts";
import { pushHistory } from "../../web/app/editor/history.ts";
import { neutralName } from "../../web/app/studio/names.ts";
import { changeOf, makeItem, turned, unchanged, type Change } from "../../web/app/studio/state/item.ts";

const inspected: Inspected = {
  format: "jpeg",
  mediaType: "image/jpeg",
  extension: "jpg",
  video: false,
  findings: [],
  cut: false,
  fault: null,
  picture: { width: 40, height: 30, frames: 1, cellWidth: 8, cellHeight: 8, gridX: 0, gridY: 0, exact: true, memory: 0 },
};

function opened(change: Partial<Change>) {
  const item = makeItem(new Blob([]));
  item.inspected.value = inspected;
  item.history.value = pushHistory(item.history.value, { ...unchanged, ...change });
  return item;
}

function apply(item: ReturnType<typeof opened>, how: "right" | "mirror") {
  item.history.value = pushHistory(item.history.value, turned(item, how));
}

test("turning takes the areas and the crop along", () => {
  const item = opened({
    regions: { version: 1, regions: [{ shape: "rect", x: 0, y: 0, w: 10, h: 5 }] },
    crop: { x: 0, y: 0, width: 20, height: 30 },
  });
  apply(item, "right");
  assert.deepEqual(changeOf(item).regions.regions, [{ shape: "rect", x: 25, y: 0, w: 5, h: 10 }]);
  assert.deepEqual(changeOf(item).crop, { x: 0, y: 0, width: 30, height: 20 });
  assert.equal(changeOf(item).turn, 90);
});

test("four turns, or two mirrors, are none", () => {
  const item = opened({ regions: { version: 1, regions: [{ shape: "ellipse", x: 1, y: 2, w: 10, h: 5 }] } });
  const before = changeOf(item);
  for (const how of ["mirror", "right", "right", "right", "right", "mirror"] as const) {
    apply(item, how);
  }
  assert.deepEqual(changeOf(item), before);
});

test("names of copies say nothing and differ", () => {
  const names = Array.from({ length: 50 }, () => neutralName("jpg"));
  assert.ok(names.every((name) => /^[a-km-np-z2-9]{12}\.jpg$/.test(name)));
  assert.equal(new Set(names).size, names.length);
});

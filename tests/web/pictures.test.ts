// SPDX-License-Identifier: GPL-3.0-or-later
// docs/pictures shows the studio, the drop and the desk in each of their states: none is missing, none is large, none is there without a
// word.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../docs/pictures/", import.meta.url);
const LARGEST = 100_000;
const pages = {
  studio: ["empty", "findings", "cover", "save", "saving", "done", "error", "offline"],
  drop: ["form", "file", "received"],
  reviewers: ["queue", "copies"],
  demo: ["queue"],
  sharing: ["cover", "copy", "album"],
};

for (const [page, states] of Object.entries(pages)) {
  test(`each state of the ${page} has a picture on a phone and on a laptop`, () => {
    for (const state of states) {
      for (const device of ["phone", "desk"]) {
        const png = readFileSync(new URL(`${page}-${device}-${state}.png`, folder));
        assert.equal(png.readUInt32BE(16), device === "phone" ? 360 : 1080, `the width of ${device}-${state}`);
      }
    }
  });
}

test("each picture of a page is small and stands in the list", () => {
  const list = readFileSync(new URL("README.md", folder), "utf8");
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".png"))) {
    assert.ok(statSync(new URL(name, folder)).size <= LARGEST, `${name} is too large`);
    assert.ok(list.includes(`(${name})`), `${name} is not in the list`);
  }
});

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written for the public, and to senders, is looked through for what leads to a person. The server's own check
 * (tests/unit/desk) reads the same table. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Contact, findContacts } from "../../web/app/words_check.ts";

interface Case {
  readonly text: string;
  readonly found: readonly Contact[];
}

const { cases } = JSON.parse(readFileSync(new URL("words_check.json", import.meta.url), "utf8")) as { cases: readonly Case[] };

for (const { text, found } of cases) {
  test(`in ${JSON.stringify(text)} is found what leads to a person`, () => {
    assert.deepEqual(findContacts(text), found);
  });
}

test("the longest text that may be written is looked through at once", () => {
  for (const piece of ["a.", "1 ", "@a.", "a@", "+", "://", "2026-11-23 ", "😀"]) {
    const before = performance.now();
    findContacts(piece.repeat(8 * 1024));
    assert.ok(performance.now() - before < 1000, piece);
  }
});

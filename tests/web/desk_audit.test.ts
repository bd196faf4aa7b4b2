// SPDX-License-Identifier: GPL-3.0-or-later
// The audit chain as the desk's page follows it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { chainStart, follow, readEntry } from "../../web/app/desk/audit_chain.ts";

function chainOf(deeds: readonly string[]): string[] {
  let before = "0".repeat(64);
  return deeds.map((did, at) => {
    const text = JSON.stringify({ schema: "oilskin/audit/1", number: at, before, day: "2026-11-23", did, about: { file: "é" } });
    before = createHash("sha256").update(text).digest("hex");
    return text;
  });
}

const texts = chainOf(["first-admin", "login", "open", "dismiss", "undo"]);

test("a whole chain is whole, in one go or page by page, and its last digest is told", () => {
  const digest = createHash("sha256").update(texts.at(-1) as string).digest("hex");
  assert.deepEqual(follow(chainStart, texts), { count: 5, digest, broken: null });
  assert.deepEqual(follow(follow(chainStart, texts.slice(0, 2)), texts.slice(2)), { count: 5, digest, broken: null });
});

test("the audit chain breaks visibly when a row is changed, taken away, doubled or moved", () => {
  const [a, b, c, d, e] = texts as [string, string, string, string, string];
  const wrong: [readonly string[], number][] = [
    [[a, b.replace("login", "logon"), c, d, e], 2],
    [[a, b, d, e], 2],
    [[b, c, d, e], 0],
    [[a, b, b, c, d, e], 2],
    [[a, c, b, d, e], 1],
    [[a, b, "no JSON", d, e], 2],
    [[a, b, "null", d, e], 2],
    [[a, b, c.replace("audit/1", "audit/2"), d, e], 2],
  ];
  for (const [rows, at] of wrong) {
    assert.equal(follow(chainStart, rows).broken, at, JSON.stringify(rows));
  }
});

test("an entry without a reviewer, or about nothing, is an entry", () => {
  const text = JSON.stringify({ schema: "oilskin/audit/1", number: 0, before: "0".repeat(64), day: "2026-11-23", did: "login" });
  assert.deepEqual(readEntry(text), { number: 0, before: "0".repeat(64), day: "2026-11-23", did: "login", who: null, about: {} });
});

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request of the public can be settled as what is true of it, or as what who settles it may make true. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublicRequest } from "../../web/app/desk/api/publish.ts";
import { outcomesOf, rowAfter } from "../../web/app/desk/outcomes.ts";

test("who may publish can withdraw a copy, and show a hidden one again", () => {
  assert.deepEqual(outcomesOf({ space: "publication", state: "public", others: 0 }, true), ["covered", "withdrawn", "nothing"]);
  assert.deepEqual(outcomesOf({ space: "publication", state: "hidden", others: 0 }, true), ["covered", "withdrawn", "hidden", "nothing"]);
});

test("who may not publish can neither withdraw a copy nor show a hidden one again", () => {
  assert.deepEqual(outcomesOf({ space: "publication", state: "public", others: 0 }, false), ["nothing"]);
  assert.deepEqual(outcomesOf({ space: "publication", state: "hidden", others: 0 }, false), []);
  assert.deepEqual(outcomesOf({ space: "album", state: "hidden", others: 0 }, false), []);
});

test("of what is withdrawn, or gone, nobody says that it stays", () => {
  for (const state of ["withdrawn", null] as const) {
    assert.deepEqual(outcomesOf({ space: "publication", state, others: 0 }, false), ["covered", "withdrawn"]);
  }
});

test("a link is ended by every reviewer", () => {
  assert.deepEqual(outcomesOf({ space: "share", state: "open", others: 0 }, false), ["ended", "nothing"]);
  assert.deepEqual(outcomesOf({ space: "share", state: null, others: 0 }, false), ["ended"]);
});

test("an album that is hidden because a request was right can stay so", () => {
  assert.deepEqual(outcomesOf({ space: "album", state: "hidden", others: 0 }, true), ["hidden", "nothing"]);
});

test("nothing is shown again while another request about it is open", () => {
  for (const space of ["publication", "album"] as const) {
    assert.ok(!outcomesOf({ space, state: "hidden", others: 1 }, true).includes("nothing"));
    assert.ok(outcomesOf({ space, state: "public", others: 1 }, true).includes("nothing"));
  }
});

test("all that is about the same says the same of it", () => {
  const ask = (asked: string, target: string, others: number): PublicRequest => ({ asked, kind: "cover", space: "publication", target, state: "public", day: "2026-11-23", sealed: null, counted: 0, others });
  let rows = [ask("1", "a", 1), ask("2", "a", 1), ask("3", "b", 0)].map((request) => ({ request, isSettled: false }));
  const said = (): unknown[] => rows.map(({ request: { state, others }, isSettled }) => [state, others, isSettled]);
  const [one] = rows.map(({ request }) => request);
  assert.ok(one);
  rows = rows.map((row) => rowAfter(row, one, { state: "hidden" }));
  assert.deepEqual(said(), [["hidden", 1, false], ["hidden", 1, false], ["public", 0, false]]);
  rows = rows.map((row) => rowAfter(row, one, { settled: { is: true, others: 1 } }));
  assert.deepEqual(said(), [["hidden", 1, true], ["hidden", 0, false], ["public", 0, false]]);
  rows = rows.map((row) => rowAfter(row, one, { settled: { is: false, others: 1 } }));
  assert.deepEqual(said(), [["hidden", 1, false], ["hidden", 1, false], ["public", 0, false]]);
});

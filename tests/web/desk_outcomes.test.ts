// SPDX-License-Identifier: GPL-3.0-or-later
/* What the public asks can be settled as what is true of it, or as what who settles it may make true. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublicRequest } from "../../web/app/desk/api/publish.ts";
import { kindsOf, outcomesOf, withWordsFirst } from "../../web/app/desk/outcomes.ts";

test("who may publish can withdraw a copy, and show a hidden one again", () => {
  assert.deepEqual(outcomesOf({ space: "publication", state: "public" }, true), ["withdrawn", "covered", "nothing"]);
  assert.deepEqual(outcomesOf({ space: "publication", state: "hidden" }, true), ["withdrawn", "covered", "hidden", "nothing"]);
});

test("who may not publish can neither withdraw a copy nor show a hidden one again", () => {
  assert.deepEqual(outcomesOf({ space: "publication", state: "public" }, false), ["nothing"]);
  assert.deepEqual(outcomesOf({ space: "publication", state: "hidden" }, false), []);
  assert.deepEqual(outcomesOf({ space: "album", state: "hidden" }, false), []);
});

test("of what is withdrawn, or gone, nobody says that it stays", () => {
  for (const state of ["withdrawn", null] as const) {
    assert.deepEqual(outcomesOf({ space: "publication", state }, false), ["withdrawn", "covered"]);
  }
});

test("a link is ended by every reviewer", () => {
  assert.deepEqual(outcomesOf({ space: "share", state: "open" }, false), ["ended", "nothing"]);
  assert.deepEqual(outcomesOf({ space: "share", state: null }, false), ["ended"]);
});

test("an album that is hidden because a request was right can stay so", () => {
  assert.deepEqual(outcomesOf({ space: "album", state: "hidden" }, true), ["hidden", "nothing"]);
});

test("how many ask for what counts those without words, too", () => {
  assert.deepEqual(kindsOf([{ kind: "report", counted: 0 }, { kind: "cover", counted: 3 }, { kind: "cover", counted: 0 }]), [["cover", 5], ["report", 1]]);
});

test("what somebody wrote stands before what nobody did", () => {
  const ask = (asked: string, sealed: string | null): PublicRequest => ({ asked, kind: "cover", by_link: false, day: "2026-11-23", sealed, counted: 0 });
  const order = withWordsFirst([ask("1", null), ask("2", "words"), ask("3", null), ask("4", "words")]).map(({ asked }) => asked);
  assert.deepEqual(order, ["2", "4", "1", "3"]);
});

// SPDX-License-Identifier: GPL-3.0-or-later
/* What was just done is said until it was read, or somebody goes elsewhere: it covers nothing for longer than that. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { place } from "../../web/app/desk/route.ts";
import { type Notice, notice } from "../../web/app/desk/state/notice.ts";

const LONG_MS = 60_000;
const back = () => undefined;
/** What is left of a notice when something has come behind it. */
function leftOf(said: Notice, behind: () => void): Notice | null {
  notice.value = said;
  behind();
  return notice.value;
}

test("a notice ends by itself, but for what can be undone and what went wrong", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const wait = () => mock.timers.tick(LONG_MS);
  assert.equal(leftOf({ text: "The link is there." }, wait), null);
  for (const said of [{ text: "Hidden.", back }, { text: "Kept.", undo: ["1"] }, { text: "Not now.", bad: true }] satisfies Notice[]) {
    assert.deepEqual(leftOf(said, wait), said);
  }
  // The time of one is not that of the next.
  notice.value = { text: "One." };
  mock.timers.tick(9_000);
  assert.deepEqual(leftOf({ text: "Two." }, () => mock.timers.tick(9_000)), { text: "Two." });
  mock.timers.reset();
});

test("a notice does not follow to another page, but for a decision's undo", () => {
  const go = () => (place.value = { page: place.peek().page === "albums" ? "asked" : "albums", of: "", asked: {} });
  for (const said of [{ text: "The album is open.", back }, { text: "Not now.", bad: true }] satisfies Notice[]) {
    assert.equal(leftOf(said, go), null);
  }
  const decided = { text: "Kept.", undo: ["1"] };
  assert.deepEqual(leftOf(decided, go), decided);
  // Another filter is the same page.
  const said = { text: "Hidden.", back };
  assert.deepEqual(leftOf(said, () => (place.value = { ...place.peek(), asked: { state: "hidden" } })), said);
  notice.value = null;
});

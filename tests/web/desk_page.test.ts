/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desk's page works out by itself: places, what strangers may have written instead of
 * words, decisions about many. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, readPlace } from "../../web/app/desk/route.ts";
import { inCalls } from "../../web/app/desk/api/in_calls.ts";
import { readNote, readTags, readWords } from "../../web/app/desk/state/opened.ts";
import { entries, find, written } from "../../web/app/desk/state/search.ts";

const NOTHING = { text: "", place: "", time: "", files: [] };

test("a place is what its address says", () => {
  for (const [page, of, asked] of [["queue", "", {}], ["queue", "", { view: "kept", category: "a&b=c?#/d" }], ["submissions", "0".repeat(32), {}]] as const) {
    assert.deepEqual(readPlace(addressOf(page, of, asked)), { page, of, asked });
  }
  assert.deepEqual(readPlace(""), { page: "queue", of: "", asked: {} });
  assert.deepEqual(readPlace("#first=0123"), { page: "first", of: "0123", asked: {} });
  assert.equal(addressOf("queue", "", { view: "" }), "#/queue");
});

test("words of another shape than they should have count as not there", () => {
  for (const odd of ["", "x", "null", "7", "[]", '"text"', '{"message": 7}', '{"message": {"a": 1}, "files": 3}', '{"files": [null, 7, {"number": "1"}]}', "{\"message\": \"cut"]) {
    assert.deepEqual(readWords(odd), NOTHING, odd);
  }
  const file = { number: 0, kind: "scrubbed", len: -5, sha256: 9, format: ["jpeg"], media_type: {} };
  assert.deepEqual(readWords(JSON.stringify({ message: "a", place: ["b"], files: [file] })), {
    ...NOTHING,
    text: "a",
    files: [{ number: 0, len: null, sha256: null, format: null, mediaType: null, reason: null }],
  });
  assert.equal(readWords('{"text": "of a message"}').text, "of a message");
  assert.deepEqual(readTags('{"tags": ["a", 7, null, {"b": 1}]}'), ["a"]);
  assert.deepEqual(readTags('{"tags": "a"}'), []);
  const row = { space: "note", owner: "", id: "1", version: 2, day: "2026-11-23", sealed: "" } as const;
  assert.deepEqual(readNote(row, "[7]"), { id: "1", version: 2, day: "2026-11-23", text: "", by: "" });
});

test("a decision about many goes in calls that the server takes, and loses none", () => {
  const ids = (n: number, letter: string) => Array.from({ length: n }, (_, i) => `${letter}${i}`);
  const calls = inCalls({ clusters: ids(7, "c"), submissions: ids(4, "s") }, 5);
  assert.deepEqual(calls.map(({ clusters = [], submissions = [] }) => clusters.length + submissions.length), [5, 5, 1]);
  assert.deepEqual(calls.flatMap(({ clusters = [] }) => clusters), ids(7, "c"));
  assert.deepEqual(calls.flatMap(({ submissions = [] }) => submissions), ids(4, "s"));
  assert.deepEqual(inCalls({}), []);
});

test("search finds all words in any order, without accents, in what anybody wrote", () => {
  entries.value = new Map([
    ["1", { submission: "1", day: "2026-11-21", category: null, words: "Die Laterne von Frau M\u00fcller" }],
    ["2", { submission: "2", day: "2026-11-23", category: null, words: "Nothing" }],
  ]);
  written.value = new Map([["2", { tags: ["harbour"], assigned: "", notes: ["laterne"] }]]);
  const ids = (text: string, tag = "") => find(text, tag).map(({ submission }) => submission);
  assert.deepEqual(ids("laterne"), ["2", "1"]);
  assert.deepEqual(ids("muller LATERNE"), ["1"]);
  assert.deepEqual(ids("", "harbour"), ["2"]);
  assert.deepEqual(ids("laterne", "harbour"), ["2"]);
  assert.deepEqual(ids("nobody"), []);
  assert.deepEqual(find("frau", "")[0]?.around, ["Die Laterne von ", "Frau", " M\u00fcller"]);
});

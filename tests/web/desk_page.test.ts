/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desk's page works out by itself: places, what strangers may have written instead of
 * words, decisions about many. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decisions, type Subject } from "../../web/app/desk/deeds.ts";
import { addressOf, readPlace } from "../../web/app/desk/route.ts";
import { getSubmission } from "../../web/app/desk/api/desk.ts";
import { inCalls } from "../../web/app/desk/api/in_calls.ts";
import type { Row, Submission } from "../../web/app/desk/api/types.ts";
import { letterOf } from "../../web/app/desk/parts/useShortcuts.ts";
import { isRecord, pieceLens, readNote, readProvenance, readTags, readWords } from "../../web/app/desk/state/opened.ts";
import { clustersOf, submissionsOf } from "../../web/app/desk/state/queue.ts";
import { entries, find, written } from "../../web/app/desk/state/search.ts";
import { seenOf } from "../../web/app/desk/state/submission.ts";

const NOTHING = { text: "", place: "", time: "", files: [] };

test("a place is what its address says", () => {
  for (const [page, of, asked] of [["queue", "", {}], ["queue", "", { view: "kept", category: "a&b=c?#/d" }], ["submissions", "0".repeat(32), {}]] as const) {
    assert.deepEqual(readPlace(addressOf(page, of, asked)), { page, of, asked });
  }
  assert.deepEqual(readPlace(""), { page: "queue", of: "", asked: {} });
  assert.deepEqual(readPlace("#first=0123"), { page: "first", of: "0123", asked: {} });
  assert.equal(addressOf("queue", "", { view: "" }), "#/queue");
});

test("what was published of a file is read only where it says which original became which copy", () => {
  const whole = { schema: "oilskin/provenance/1", file: "0".repeat(32), original_sha256: "a".repeat(64), copy_sha256: "b".repeat(64), areas: 2 };
  assert.deepEqual(readProvenance(JSON.stringify(whole)), { file: "0".repeat(32), original: "a".repeat(64), copy: "b".repeat(64), areas: 2 });
  for (const odd of [{ areas: "2" }, { areas: 0.5 }, { original_sha256: "a".repeat(63) }, { copy_sha256: `<b>${"b".repeat(61)}` }]) {
    assert.equal(readProvenance(JSON.stringify({ ...whole, ...odd })), null, JSON.stringify(odd));
  }
  assert.equal(readProvenance("no record"), null);
});

test("words of another shape than they should have count as not there", () => {
  for (const odd of ["", "x", "null", "7", "[]", '"text"', '{"message": 7}', '{"message": {"a": 1}, "files": 3}', '{"files": [null, 7, {"number": "1"}]}', "{\"message\": \"cut"]) {
    assert.deepEqual(readWords(odd), NOTHING, odd);
  }
  const file = { number: 0, kind: "scrubbed", len: -5, sha256: 9, pieces: 3, format: ["jpeg"], media_type: {} };
  assert.deepEqual(readWords(JSON.stringify({ message: "a", place: ["b"], files: [file] })), {
    ...NOTHING,
    text: "a",
    files: [{ number: 0, len: null, pieces: null, sha256: null, format: null, mediaType: null, reason: null }],
  });
  assert.equal(readWords('{"text": "of a message"}').text, "of a message");
  assert.deepEqual(readTags('{"tags": ["a", 7, null, {"b": 1}]}'), ["a"]);
  assert.deepEqual(readTags('{"tags": "a"}'), []);
  const row = { space: "note", owner: "", id: "1", version: 2, day: "2026-11-23", sealed: "" } as const;
  assert.deepEqual(readNote(row, "[7]"), { id: "1", version: 2, day: "2026-11-23", text: "", by: "" });
});

test("what stands in commands for another machine is a number and a digest, or nothing", () => {
  const read = (said: object) => readWords(JSON.stringify({ files: [{ number: 0, ...said }] })).files[0];
  const digest = "0123456789abcdef".repeat(4);
  assert.equal(read({ sha256: digest })?.sha256, digest);
  for (const sha256 of [`${digest}\nrm -rf ~`, `${digest} `, `\n${digest}`, digest.toUpperCase(), digest.slice(1), "$(id)"]) {
    assert.equal(read({ sha256 })?.sha256, null, sha256);
  }
  assert.equal(read({ len: 5 })?.len, 5);
  for (const len of [1e21, 1.5, -1, "5", 2 ** 53]) {
    assert.equal(read({ len })?.len, null, String(len));
  }
});

test("how long the parts of a file are says its manifest, for as many as there are", () => {
  assert.deepEqual(pieceLens({ len: 7, pieces: null }, 1), [7]);
  assert.deepEqual(pieceLens({ len: 14, pieces: "5*2 4" }, 3), [5, 5, 4]);
  assert.deepEqual(pieceLens({ len: 7, pieces: "7" }, 1), [7]);
  for (const [pieces, count] of [[null, 2], ["5*2 4", 2], ["5*2 4", 4], ["5*999999999", 3], ["5*999999", 3], ["", 1], ["5;id", 1], ["-5", 1], ["5 ", 1]] as const) {
    assert.equal(pieceLens({ len: 7, pieces }, count), null, `${pieces} of ${count}`);
  }
});

test("a record that this page would not write so is not taken for an empty one", () => {
  assert.equal(isRecord("tags", '{"schema": "oilskin/tags/1", "tags": []}'), true);
  for (const odd of ["", "[]", '{"tags": []}', '{"schema": "oilskin/tags/2"}', '{"schema": "oilskin/note/1"}']) {
    assert.equal(isRecord("tags", odd), false, odd);
  }
});

test("keys are found on keyboards of other alphabets, by their place", () => {
  const pressed = (key: string, code: string, shiftKey = false) => letterOf({ key, code, shiftKey });
  assert.deepEqual([pressed("j", "KeyJ"), pressed("J", "KeyJ", true), pressed("Escape", "Escape"), pressed("ArrowDown", "ArrowDown")], ["j", "j", "Escape", "ArrowDown"]);
  /* Arabic, Korean, Russian; French writes A where others have Q, and means A. */
  assert.deepEqual([pressed("\u062a", "KeyJ"), pressed("\u3153", "KeyJ"), pressed("\u043e", "KeyJ"), pressed("a", "KeyQ")], ["j", "j", "j", "a"]);
  assert.deepEqual([pressed("\u061f", "Slash", true), pressed("\u0638", "Slash"), pressed("\u0445", "BracketLeft"), pressed(".", "Period"), pressed(",", "KeyM")], ["?", "/", "[", "]", "["]);
  assert.equal(pressed("\u00e9", "Digit2"), "\u00e9");
});

test("a decision about many goes in calls that the server takes, and loses none", () => {
  const clusters = Array.from({ length: 7 }, (_, i) => ({ id: `c${i}`, uncaught: i, samples: 0 }));
  const submissions = Array.from({ length: 4 }, (_, i) => ({ id: `s${i}`, messages: i }));
  const calls = inCalls({ clusters, submissions }, 5);
  assert.deepEqual(calls.map(({ clusters = [], submissions = [] }) => clusters.length + submissions.length), [5, 5, 1]);
  assert.deepEqual(calls.flatMap(({ clusters = [] }) => clusters), clusters);
  assert.deepEqual(calls.flatMap(({ submissions = [] }) => submissions), submissions);
  assert.deepEqual(inCalls({}), []);
});

test("each letter decides one thing, and nothing where there is nothing to decide", () => {
  const letters = decisions.flatMap(({ letter }) => letter ?? []);
  assert.equal(new Set(letters).size, letters.length);
  const decided = (subject: Subject) => decisions.flatMap((decision) => decision.next(subject)?.deed ?? []);
  const clusters = [{ id: "c", uncaught: 1, samples: 0 }];
  const files = { clusters, isAsked: false, isDismissed: false, isFlagged: false };
  assert.deepEqual(decided({ files }), ["dismiss", "keep", "flag"]);
  assert.deepEqual(decided({ files: { ...files, isAsked: true, isDismissed: true, isFlagged: true } }), ["confirm", "withdraw-rule", "keep", "unflag"]);
  assert.deepEqual(decided({ files: { ...files, clusters: [] }, words: [{ id: "s", messages: 0 }] }), ["seen"]);
  assert.deepEqual(decided({ words: [], claim: { of: { clusters }, isMine: true }, hold: { of: {}, isHeld: false } }), ["release", "hold"]);
});

test("a decision says how much was seen of what it is about, and no more", () => {
  const message = { number: 0, day: "2026-11-23", sealed: "" };
  const sent = { submission: "s", messages_in: 3, messages: [{ ...message, from_desk: false }, { ...message, from_desk: true }] } as unknown as Submission;
  assert.deepEqual(seenOf(sent), { id: "s", messages: 1 });
  const row = { cluster: "c", count: 9, uncaught: 4, samples: 2, messages: 1, representative: { submission: "s" } } as unknown as Row;
  assert.deepEqual(clustersOf([row, { ...row, cluster: null }]), [{ id: "c", uncaught: 4, samples: 2 }]);
  assert.deepEqual(submissionsOf([row, row]), [{ id: "s", messages: 1 }]);
});

test("search finds all words in any order, without accents, in what anybody wrote", () => {
  entries.value = new Map([
    ["1", { submission: "1", day: "2026-11-21", category: null, kinds: ["words"], messages: 0, words: "Die Laterne von Frau M\u00fcller" }],
    ["2", { submission: "2", day: "2026-11-23", category: "protest", kinds: ["scrubbed", "still"], messages: 1, words: "Nothing" }],
  ]);
  written.value = new Map([["2", { tags: ["harbour"], assigned: "anna", notes: ["laterne"] }]]);
  const ids = (text: string, asked: Parameters<typeof find>[1] = {}) => find(text, asked).map(({ submission }) => submission);
  assert.deepEqual(ids("laterne"), ["2", "1"]);
  assert.deepEqual(ids("muller LATERNE"), ["1"]);
  assert.deepEqual(ids("", { tag: "harbour" }), ["2"]);
  assert.deepEqual(ids("laterne", { tag: "harbour" }), ["2"]);
  assert.deepEqual(ids("nobody"), []);
  assert.deepEqual([ids("", { assigned: "anna" }), ids("", { category: "protest" }), ids("", { kind: "still" }), ids("laterne", { kind: "words" })], [["2"], ["2"], ["2"], ["1"]]);
  assert.deepEqual([ids("", { first: "2026-11-22" }), ids("", { last: "2026-11-22" }), ids("", { first: "2026-11-21", last: "2026-11-23" })], [["2"], ["1"], ["2", "1"]]);
  assert.deepEqual(ids("laterne", { assigned: "anna", kind: "words" }), []);
  entries.value = new Map([...entries.value, ["6c203b35".repeat(4), { submission: "3", day: "2026-11-20", category: null, kinds: ["words"], messages: 0, words: "" }]]);
  assert.deepEqual(ids("6c203b35"), ["6c203b35".repeat(4)]);
  assert.deepEqual(ids("6C203B35 laterne"), []);
  /* Digits that stand in an id by chance are found in words alone. */
  for (const chance of ["203", "b3", "6c203b3", "203b356c"]) {
    assert.deepEqual(ids(chance), [], chance);
  }
  assert.deepEqual(find("frau")[0]?.around, ["Die Laterne von ", "Frau", " M\u00fcller"]);
});

test("a submission is all of its pages, in their order", async () => {
  const asked: string[] = [];
  const message = (number: number) => ({ number, from_desk: false, day: "2026-11-23", sealed: "" });
  const pages: Record<string, object> = {
    "/api/submissions/0": { submission: "0", files: [], messages: [message(0)], records: [], next: "message.0" },
    "/api/submissions/0?after=message.0": { submission: "0", messages: [message(1)], records: [{ id: "1" }], next: "note.1" },
    "/api/submissions/0?after=note.1": { submission: "0", messages: [], records: [{ id: "2" }], next: null },
  };
  const before = globalThis.fetch;
  globalThis.fetch = (address) => {
    asked.push(String(address));
    return Promise.resolve(Response.json(pages[String(address)]));
  };
  try {
    const sent = await getSubmission("0");
    assert.deepEqual(sent.messages.map(({ number }) => number), [0, 1]);
    assert.deepEqual(sent.records.map(({ id }) => id), ["1", "2"]);
    assert.equal(seenOf(sent).messages, 2);
    assert.deepEqual(asked, Object.keys(pages));
  } finally {
    globalThis.fetch = before;
  }
});

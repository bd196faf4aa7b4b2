// SPDX-License-Identifier: GPL-3.0-or-later
// Giving what lies at the desk to other keys, page by page.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WrapItem, Wraps } from "../../web/app/desk/api/people.ts";
import { wrapAll, type WrapMeans } from "../../web/app/desk/wrapping.ts";
import { CoreError } from "../../web/app/core/types.ts";
import { fromBase64, toBase64 } from "../../web/app/seal/base64.ts";

const text = (words: string) => new TextEncoder().encode(words);
const base64 = (words: string) => toBase64(text(words));

/** A server as docs/desk.md describes it, with `size` items in a page: a full page goes on behind its last item. */
class Server {
  readonly headers: Map<string, string>;
  readonly size: number;
  lists = 0;
  kept = 0;

  constructor(headers: readonly string[], size: number) {
    this.headers = new Map(headers.map((header, at) => [`blob-${at}`, header]));
    this.size = size;
  }

  async list(after: string | null): Promise<Wraps> {
    this.lists++;
    assert.ok(this.lists < 50, "it never ends");
    const all = [...this.headers];
    const old = all.slice(all.findIndex(([item]) => item === after) + 1).filter(([, header]) => header.startsWith("old"));
    const items = old.slice(0, this.size).map(([item, header]): WrapItem => ({
      item, header: base64(header), ...(header.includes("reply") ? { also: "age1receipt" } : {}),
    }));
    const full = items.length === this.size;
    return { total: this.headers.size, left: full ? old.length : 0, items, next: full ? (items.at(-1)?.item ?? null) : null };
  }

  async give(wraps: readonly { item: string; header: string }[]): Promise<{ done: number; kept: number }> {
    for (const { item, header } of wraps) {
      this.headers.set(item, new TextDecoder().decode(fromBase64(header)));
    }
    return { done: wraps.length, kept: this.kept };
  }
}

function means(server: Server, progress: number[] = []): WrapMeans {
  return {
    recipients: ["age1a", "age1b"],
    list: (after) => server.list(after),
    give: (wraps) => server.give(wraps),
    async rewrap(header, recipients) {
      const old = new TextDecoder().decode(header);
      if (old.includes("closed")) {
        throw new CoreError({ status: "auth", part: "", what: "no key opens it", offset: null, next: "" });
      }
      if (old.includes("spoilt")) {
        throw new CoreError({ status: "malformed", part: "", what: "a share is zeros", offset: null, next: "" });
      }
      if (old.includes("broken")) {
        throw new CoreError({ status: "bug", part: "", what: "the work stopped", offset: null, next: "" });
      }
      return text(`new ${recipients.join(" ")}`);
    },
    onProgress: (part) => progress.push(part),
  };
}

test("everything is given to the keys of today, and an answer to its receipt, too", async () => {
  const server = new Server(["old", "old", "new age1a age1b", "old reply", "old"], 2);
  const progress: number[] = [];
  assert.deepEqual(await wrapAll(means(server, progress)), { done: 4, closed: 0, kept: 0 });
  assert.deepEqual([...server.headers.values()], ["new age1a age1b", "new age1a age1b", "new age1a age1b", "new age1a age1b age1receipt", "new age1a age1b"]);
  assert.equal(progress.at(-1), 1);
  assert.ok(progress.every((part, at) => at === 0 || part >= (progress[at - 1] as number)), String(progress));
});

test("what the key does not open stays, is counted once, and does not keep the rest waiting", async () => {
  const server = new Server(["old closed", "old", "old", "old"], 2);
  assert.deepEqual(await wrapAll(means(server)), { done: 3, closed: 1, kept: 0 });
  assert.equal(server.headers.get("blob-0"), "old closed");
});

test("nothing that somebody sealed so that nobody opens it keeps the rest waiting", async () => {
  const server = new Server(["old closed", "old spoilt", "old spoilt", "old closed", "old"], 2);
  assert.deepEqual(await wrapAll(means(server)), { done: 1, closed: 4, kept: 0 });
  assert.equal(server.headers.get("blob-4"), "new age1a age1b");
});

test("a desk that leads nowhere is not asked for ever", async () => {
  const server = new Server(["old"], 2);
  const stuck: WrapMeans = { ...means(server), list: async () => ({ total: 1, left: 1, items: [], next: "here" }) };
  await assert.rejects(wrapAll(stuck));
});

test("old headers that the server could not take off the disk are told", async () => {
  const server = new Server(["old"], 2);
  server.kept = 1;
  assert.deepEqual(await wrapAll(means(server)), { done: 1, closed: 0, kept: 1 });
});

test("what stops for another reason stops all of it", async () => {
  await assert.rejects(wrapAll(means(new Server(["old broken"], 2))), CoreError);
});

test("nothing goes on once it is not wanted", async () => {
  const server = new Server(["old"], 2);
  const stopped: WrapMeans = { ...means(server), onProgress: () => { throw new DOMException("stopped", "AbortError"); } };
  await assert.rejects(wrapAll(stopped), { name: "AbortError" });
  assert.equal(server.headers.get("blob-0"), "old");
});

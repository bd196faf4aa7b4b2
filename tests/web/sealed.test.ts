// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed links: keys as addresses carry them, what is sealed, and what the page shows of it: nothing that is not clean.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failedAnswer, faultOf } from "../../web/app/core/answer.ts";
import type { Core } from "../../web/app/core/types.ts";
import { endShare } from "../../web/app/desk/api/publish.ts";
import { judge } from "../../web/app/sealed/verdict.ts";
import { identityText } from "../../web/app/seal/bech32.ts";
import { paddedSize } from "../../web/app/seal/padding.ts";
import { HEAD_BYTES, keyFileOf, readSecret, secretLetters, withHead, withoutHead, withoutSecrets } from "../../web/app/seal/link.ts";
import { build, memorySource, native, root, run, scratch, wasmProgram } from "./core_rig.ts";

const core = wasmProgram("core");
const oilskin = join(build, "cli/oilskin");
const folder = scratch();
const secretOf = (first: number) => Uint8Array.from({ length: 32 }, (_, at) => (first + at * 37) & 255);

const reading: Pick<Core, "inspect" | "verify"> = {
  inspect: async (file) => run(core, { op: "inspect" }, memorySource(new Uint8Array(await file.arrayBuffer()))).answer,
  verify: async (file) => run(core, { op: "verify" }, memorySource(new Uint8Array(await file.arrayBuffer()))).answer.fault,
};

const judged = (bytes: Uint8Array | string) => judge(reading, new Blob([bytes as Uint8Array<ArrayBuffer>]));

/** A picture that was drawn here, with what a phone writes beside it, and its copy. */
function pictures(): { original: Buffer; copy: Buffer } {
  const path = join(folder, "sample.jpg");
  execFileSync(join(build, "cli/oilskin-sample"), [path]);
  const { bytes } = native("scrub", path);
  assert.ok(bytes !== null);
  return { original: readFileSync(path), copy: Buffer.from(bytes) };
}

const { original, copy } = pictures();

test("a secret is a key that the command line reads", () => {
  for (const first of [0, 1, 128, 255]) {
    const path = join(folder, `key-${first}`);
    writeFileSync(path, `${identityText(secretOf(first))}\n`, { mode: 0o600 });
    assert.match(execFileSync(oilskin, ["keygen", "-y", path], { encoding: "utf8" }), /^age1[a-z0-9]{58}\n$/);
  }
});

test("a key as the command line makes it is written back letter for letter", () => {
  const path = join(folder, "made");
  execFileSync(oilskin, ["keygen", "-o", path]);
  const line = readFileSync(path, "utf8").split("\n").find((each) => each.startsWith("AGE-SECRET-KEY-1")) ?? "";
  const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  let bits = "";
  for (const letter of line.slice("AGE-SECRET-KEY-1".length, -6).toLowerCase()) {
    bits += letters.indexOf(letter).toString(2).padStart(5, "0");
  }
  const secret = Uint8Array.from({ length: 32 }, (_, at) => parseInt(bits.slice(8 * at, 8 * at + 8), 2));
  assert.equal(identityText(secret), line);
});

test("an address carries a secret in 43 letters, and a cut or changed one is none", async () => {
  for (const first of [0, 7, 200, 255]) {
    const letters = secretLetters(secretOf(first));
    assert.equal(letters.length, 43);
    assert.deepEqual(readSecret(`#${letters}`), secretOf(first));
    assert.equal(readSecret(`#${letters.slice(0, 42)}`), null);
    assert.equal(readSecret(`#${letters}A`), null);
    assert.equal(readSecret(`#${letters.slice(0, 42)}=`), null);
  }
  assert.equal(readSecret(""), null);
  /* The last letter carries four bits: another one with the same four would be the same key under two addresses. */
  assert.equal(readSecret(`${secretLetters(secretOf(0)).slice(0, 42)}${"_"}`), null);
  assert.equal(await keyFileOf(secretOf(3)).text(), `${identityText(secretOf(3))}\n`);
});

test("what is sealed of a file gives exactly the file, whatever padding stands behind it", async () => {
  for (const length of [1, 15, 16, 70_000]) {
    const file = new Blob([Uint8Array.from({ length }, (_, at) => at & 255)]);
    const padded = new Blob([withHead(file), new Uint8Array(300)]);
    const back = await withoutHead(padded);
    assert.deepEqual(new Uint8Array((await back?.arrayBuffer()) ?? []), new Uint8Array(await file.arrayBuffer()));
    assert.equal(back?.type, "");
    assert.equal(await withoutHead(withHead(file).slice(0, HEAD_BYTES + length - 1)), null, "cut short");
  }
  assert.equal(await withoutHead(new Blob(["<html>"])), null);
  assert.equal(await withoutHead(new Blob([copy as Buffer<ArrayBuffer>])), null);
});

test("the longest file that the studio may send fits into the longest sealed link", () => {
  const declared = readFileSync(join(root, "publish/sealed.h"), "utf8");
  const mib = (name: string) => 2 ** 20 * Number(new RegExp(`${name} \\((\\d+)ull \\* 1024 \\* 1024\\)`).exec(declared)?.[1]);
  const plain = paddedSize(mib("OSK_SEALED_FILE_MAX") + HEAD_BYTES);
  const header = 400;
  const sealed = header + 16 + plain + 16 * Math.ceil(plain / 65536);
  assert.ok(sealed <= mib("OSK_SEALED_BYTES_MAX"), `${sealed} bytes`);
});

test("a clean copy may be seen, as what the core says that it is", async () => {
  assert.deepEqual(await judged(copy), { clean: true, type: "image/jpeg", extension: "jpg", video: false });
});

test("what carries hidden data is not shown", async () => {
  assert.deepEqual(await judged(original), { clean: false, why: "unclean" });
  const html = Buffer.from("<html><script>alert(1)</script></html>");
  const comment = Buffer.concat([copy.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, html.length + 2]), html, copy.subarray(2)]);
  assert.deepEqual(await judged(comment), { clean: false, why: "unclean" });
});

test("what is two things at once is not shown", async () => {
  for (const behind of ["PK\u0003\u0004 an archive", "<?php system($_GET[0]);", "<svg onload=alert(1)>", "\0"]) {
    assert.deepEqual(await judged(Buffer.concat([copy, Buffer.from(behind, "latin1")])), { clean: false, why: "unclean" }, behind);
  }
  assert.notEqual((await judged(Buffer.concat([Buffer.from("<html>"), copy]))).clean, true);
  assert.notEqual((await judged(Buffer.concat([Buffer.from("GIF89a"), copy]))).clean, true);
});

test("a page, a drawing with a script, a document and text are not shown", async () => {
  const svg = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
  for (const text of [svg, "<!doctype html><title>x</title>", "%PDF-1.7\n%%EOF", "words", "", "\0"]) {
    assert.deepEqual(await judged(text), { clean: false, why: "format" }, text);
  }
});

test("a copy that was cut is not shown", async () => {
  for (const length of [2, 100, copy.length - 2]) {
    assert.notEqual((await judged(copy.subarray(0, length))).clean, true, `${length} bytes`);
  }
});

test("what only the first reading finds is not shown", async () => {
  const fine = await reading.inspect(new Blob([copy as Buffer<ArrayBuffer>]));
  const finding = { kind: "place", part: "", field: "", label: "", value: "", offset: 0, length: 1, stays: false, asked: false } as const;
  for (const more of [{ findings: [finding] }, { fault: faultOf("malformed", "breaks off") }, { fault: faultOf("unsupported", "no promise") }]) {
    assert.deepEqual(await judge({ inspect: async () => ({ ...fine, ...more }), verify: async () => null }, new Blob()), { clean: false, why: "unclean" });
  }
  const staying = { inspect: async () => ({ ...fine, findings: [{ ...finding, stays: true }] }), verify: async () => null };
  assert.equal((await judge(staying, new Blob())).clean, true);
});

test("what only the second opinion finds is not shown, nor what could not be read to its end", async () => {
  const fine = await reading.inspect(new Blob([copy as Buffer<ArrayBuffer>]));
  const found = { inspect: async () => fine, verify: async () => faultOf("found", "a comment") };
  assert.deepEqual(await judge(found, new Blob()), { clean: false, why: "unclean" });
  const short = { inspect: async () => fine, verify: async () => faultOf("no-memory", "not enough memory") };
  assert.deepEqual(await judge(short, new Blob()), { clean: false, why: "unread" });
  const stopped = { inspect: async () => failedAnswer(faultOf("limit", "too large")), verify: async () => null };
  assert.deepEqual(await judge(stopped, new Blob()), { clean: false, why: "unread" });
  const more = { inspect: async () => ({ ...fine, cut: true }), verify: async () => null };
  assert.deepEqual(await judge(more, new Blob()), { clean: false, why: "unclean" });
});

test("what is reported of a sealed link carries no key, however its address was pasted", () => {
  const own = secretLetters(secretOf(3));
  const other = secretLetters(secretOf(9));
  const token = "A".repeat(22);
  const said = `See https://drop.example/s/x/${token}#${own}, or /s/x/${token}%23${other} and ${own}. Number #12, #harbor.`;
  const left = withoutSecrets(said, `#${own}`);
  assert.equal(left, `See https://drop.example/s/x/${token}, or /s/x/${token} and . Number #12, #harbor.`);
  assert.equal(withoutSecrets(`x#${own.slice(0, 30)}`, ""), "x");
  assert.equal(withoutSecrets("a, b", ""), "a, b");
});

test("the desk sends an address that is to end without the key of its sealed link", async () => {
  const sent: unknown[] = [];
  const before = globalThis.fetch;
  globalThis.fetch = (_, how) => {
    sent.push(JSON.parse(String(how?.body)));
    return Promise.resolve(new Response("{}", { headers: { "Content-Type": "application/json" } }));
  };
  try {
    const address = `https://drop.example/s/x/${"A".repeat(22)}`;
    const key = secretLetters(secretOf(5));
    for (const behind of ["", `#${key}`, `?lang=es#${key}`, `%23${key}`, ` \n`, `#${key}\n`]) {
      await endShare({ address: ` ${address}${behind}` });
    }
    assert.deepEqual(sent, sent.map(() => ({ address })));
    assert.equal(sent.length, 6);
  } finally {
    globalThis.fetch = before;
  }
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The zip of several copies, read again by another program: Python's zipfile.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { crc32, zipOf } from "../../web/app/studio/zip.ts";

const READER = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    bad = z.testzip()
    print(json.dumps([bad, [[i.filename, i.file_size, list(i.date_time), i.flag_bits, z.read(i).hex()] for i in z.infolist()]]))
`;

test("crc32 gives the check value of its catalogue entry", () => {
  assert.equal(crc32(0, new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.equal(crc32(crc32(0, new TextEncoder().encode("1234")), new TextEncoder().encode("56789")), 0xcbf43926);
});

test("zip holds each copy, bit for bit, at a neutral time", async () => {
  const blobs = [new Blob(["one"]), new Blob([new Uint8Array(70000).fill(7)]), new Blob([])];
  const zip = await zipOf(blobs.map((blob, index) => ({ name: `a${index}.jpg`, blob })));
  assert.ok(zip);
  const folder = mkdtempSync(join(tmpdir(), "oilskin-zip-"));
  try {
    const path = join(folder, "a.zip");
    writeFileSync(path, new Uint8Array(await zip.arrayBuffer()));
    const [bad, entries] = JSON.parse(execFileSync("python3", ["-c", READER, path], { encoding: "utf8" }));
    assert.equal(bad, null);
    assert.deepEqual(entries.map(([name]: [string]) => name), ["a0.jpg", "a1.jpg", "a2.jpg"]);
    for (const [index, [, size, time, flags, hex]] of entries.entries()) {
      const wanted = new Uint8Array(await (blobs[index] as Blob).arrayBuffer());
      assert.equal(size, wanted.length);
      assert.deepEqual(time, [1980, 1, 1, 0, 0, 0]);
      assert.equal(flags, 0);
      assert.equal(hex, Buffer.from(wanted).toString("hex"));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

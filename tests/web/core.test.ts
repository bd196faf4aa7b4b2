/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page's core against the programs of this machine: the same file, the same bytes; and what it
 * does with files that mean harm. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../web/app/core/digest.ts";
import type { Program } from "../../web/app/core/machine.ts";
import { Pieces } from "../../web/app/core/pieces.ts";
import { RECORD_BYTES, type Request, writeRequest } from "../../web/app/core/request.ts";
import { guess } from "../../web/app/core/route.ts";
import { build, bytesOf, fileSource, memorySource, native, root, run, scratch, scriptProgram, wasmProgram } from "./core_rig.ts";

const folder = scratch();
const core = wasmProgram("core");
const pixels = wasmProgram("pixels");

interface Sample {
  name: string;
  bytes: Uint8Array;
}

/** Pictures that a decoder reads and that are large enough to cover a part of. */
function drawn(): Sample[] {
  const jpeg = join(folder, "sample.jpg");
  spawnSync(join(build, "cli/oilskin-sample"), [jpeg]);
  const photo = new Uint8Array(readFileSync(jpeg));
  const png = bytesOf(run(pixels, { op: "edit", flatten: true, outputFormat: "png", resize: 400 }, memorySource(photo)));
  const made: Sample[] = [
    { name: "sample.jpg", bytes: photo },
    { name: "sample.png", bytes: png },
  ];
  for (const how of [[], ["-lossless"]]) {
    const out = join(folder, "sample.webp");
    writeFileSync(join(folder, "sample.png"), png);
    if (spawnSync("cwebp", ["-quiet", ...how, join(folder, "sample.png"), "-o", out]).status === 0) {
      made.push({ name: `sample.webp ${how.join()}`, bytes: new Uint8Array(readFileSync(out)) });
    }
  }
  return made;
}

const fixtures: Sample[] = readdirSync(join(build, "tests/fixtures")).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(join(build, "tests/fixtures", name))),
}));
const pictures = drawn();
const all = [...fixtures, ...pictures];
const decoded = all.filter(({ bytes }) => ["jpeg", "pixels"].includes(guess(bytes)));

const REGION = "rect:3,2,5,4";
const regions = (style: string) =>
  JSON.stringify({ version: 1, regions: [{ shape: "rect", x: 3, y: 2, w: 5, h: 4, style }] });

function editor(bytes: Uint8Array): Program {
  return guess(bytes) === "jpeg" ? core : pixels;
}

function same(ours: Uint8Array, theirs: Uint8Array, name: string): void {
  assert.equal(Buffer.compare(ours, theirs), 0, `${name}: other bytes than the native program's`);
}

test("modules import read, write and random, and nothing else", () => {
  for (const module of [core, pixels]) {
    const names = WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`);
    assert.deepEqual(names.sort(), ["oilskin.random", "oilskin.read", "oilskin.write"]);
    const made = WebAssembly.Module.exports(module).map(({ name }) => name);
    assert.deepEqual(made.sort(), [
      "memory",
      "osk_wasm_alloc",
      "osk_wasm_free",
      "osk_wasm_open",
      "osk_wasm_result",
      "osk_wasm_step",
    ]);
  }
});

test("a request is the record of record.h", () => {
  const header = readFileSync(join(root, "web/wasm/record.h"), "utf8");
  const body = /typedef struct OskWasmRequest \{([^}]*)\}/.exec(header)?.[1] ?? "";
  const fields = [...body.matchAll(/uint(32|64)_t (\w+);/g)].map(([, bits, name]) => ({ bytes: Number(bits) / 8, name }));
  assert.equal(fields.reduce((sum, { bytes }) => sum + bytes, 0), RECORD_BYTES);
  const asked = { x: 5, y: 6, width: 7, height: 8 };
  const bytes = writeRequest(
    { op: "edit", icc: "keep", crop: asked, turn: 90, resize: 9, outputFormat: "png", regions: "{}", memory: 4 },
    3,
  );
  const view = new DataView(bytes.buffer);
  const expected: Record<string, number> = {
    version: 1, op: 3, input_len: 3, memory: 4, flags: 4 + 16, icc: 2, crop_x: 5, crop_y: 6, crop_width: 7,
    crop_height: 8, turn: 90, resize: 9, output_format: 2, regions_len: 2,
  };
  let at = 0;
  for (const { bytes: size, name } of fields) {
    const value = size === 8 ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true);
    assert.equal(value, expected[name as string], name);
    at += size;
  }
});

test("a scrubbed copy has the bytes of the native one, and what is refused is refused", () => {
  for (const { name, bytes } of all) {
    const done = run(core, { op: "scrub" }, memorySource(bytes));
    const theirs = native("scrub", bytes);
    if (theirs.bytes === null) {
      assert.ok(done.answer.fault !== null, `${name}: refused by the native program alone`);
      continue;
    }
    same(bytesOf(done), theirs.bytes, name);
    assert.equal(run(core, { op: "verify" }, memorySource(bytesOf(done))).answer.fault, null, name);
  }
});

test("what is filled has the bytes of the native redaction", () => {
  assert.ok(decoded.length >= 7);
  for (const { name, bytes } of decoded) {
    const done = run(editor(bytes), { op: "edit", regions: regions("fill") }, memorySource(bytes));
    const theirs = native("redact", bytes, ["--region", `${REGION}:fill`]);
    if (theirs.bytes === null) {
      assert.ok(done.answer.fault !== null, name);
      continue;
    }
    same(bytesOf(done), theirs.bytes, name);
    assert.equal(done.answer.areaCount, 1, name);
  }
});

test("what is turned, cut and made smaller has the bytes of the native copy", () => {
  const crop = { x: 1, y: 2, width: 30, height: 40 };
  for (const { name, bytes } of pictures) {
    const done = run(pixels, { op: "edit", crop, turn: 90, resize: 20 }, memorySource(bytes));
    const theirs = native("redact", bytes, ["--crop", "1,2,30,40", "--rotate", "90", "--resize", "20"]);
    assert.ok(theirs.bytes !== null, theirs.said);
    same(bytesOf(done), theirs.bytes, name);
  }
});

test("blur and mosaic with the same randomness have the bytes of the library", () => {
  const { bytes } = pictures[0] as { bytes: Uint8Array };
  const path = join(folder, "sample.jpg");
  for (const style of ["blur", "mosaic"]) {
    const out = join(folder, `${style}.jpg`);
    const tool = spawnSync(join(build, "tests/redact_jpeg"), ["--seed", "7", path, out, `${REGION}:${style}`]);
    assert.equal(tool.status, 0, String(tool.stderr));
    same(bytesOf(run(core, { op: "edit", regions: regions(style) }, memorySource(bytes), 7n)), readFileSync(out), style);
  }
});

test("plain JavaScript makes the bytes that WebAssembly makes", async () => {
  const scripts = { core: await scriptProgram("core"), pixels: await scriptProgram("pixels") };
  const pairs: [WebAssembly.Module, Program, Request][] = [
    [core, scripts.core, { op: "scrub" }],
    [pixels, scripts.pixels, { op: "edit", regions: regions("mosaic") }],
    [pixels, scripts.pixels, { op: "inspect" }],
  ];
  for (const { name, bytes } of all) {
    for (const [module, script, request] of pairs) {
      const one = run(module, request, memorySource(bytes), 3n);
      const other = run(script, request, memorySource(bytes), 3n);
      assert.deepEqual(other.answer, one.answer, name);
      if (one.output !== null && one.output.size > 0) {
        same(bytesOf(other), bytesOf(one), name);
      }
    }
  }
});

/** A picture of `bytes` with an Exif orientation and nothing else in front. */
function orient(bytes: Uint8Array, orientation: number): Uint8Array {
  const exif = [
    0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0,
    orientation, 0, 0, 0, 0, 0, 0,
  ];
  return Uint8Array.from([0xff, 0xd8, ...exif, ...bytes.subarray(2)]);
}

test("the edges of cells are where what is covered ends", () => {
  const jpeg = bytesOf(run(pixels, { op: "edit", flatten: true, outputFormat: "jpeg", resize: 101 },
    memorySource((pictures[0] as { bytes: Uint8Array }).bytes)));
  for (let orientation = 1; orientation <= 8; orientation++) {
    const bytes = orient(jpeg, orientation);
    const picture = run(core, { op: "inspect" }, memorySource(bytes)).answer.picture;
    assert.ok(picture !== null);
    const one = JSON.stringify({ version: 1, regions: [{ shape: "rect", x: 40, y: 40, w: 1, h: 1 }] });
    const [box] = run(core, { op: "edit", regions: one }, memorySource(bytes)).answer.areas;
    assert.ok(box !== undefined);
    assert.equal((box.x - picture.gridX) % picture.cellWidth, 0, `orientation ${orientation}`);
    assert.equal((box.y - picture.gridY) % picture.cellHeight, 0, `orientation ${orientation}`);
    assert.deepEqual([box.width, box.height], [picture.cellWidth, picture.cellHeight]);
  }
});

test("regions that miss the picture are no covered copy", () => {
  const { bytes } = pictures[0] as { bytes: Uint8Array };
  const away = JSON.stringify({ version: 1, regions: [{ shape: "rect", x: 90000, y: 90000, w: 5, h: 5 }] });
  for (const program of [core, pixels]) {
    const done = run(program, { op: "edit", regions: away }, memorySource(bytes));
    assert.equal(done.output, null);
    assert.equal(done.answer.fault?.status, "unsupported");
  }
});

test("a file that ends anywhere ends in a fault or in a copy that verifies", () => {
  for (const { name, bytes } of all) {
    for (let step = 0; step < 12; step++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * step) / 12));
      for (const [program, request] of [[core, { op: "scrub" }], [pixels, { op: "edit", regions: regions("fill") }]] as const) {
        const done = run(program, request, memorySource(cut));
        assert.equal(done.output === null, done.answer.fault !== null, name);
        if (done.output !== null) {
          assert.equal(run(core, { op: "verify" }, memorySource(bytesOf(done))).answer.fault, null, name);
        } else {
          assert.notEqual(done.answer.fault?.status, "bug", `${name}, ${cut.length} bytes: ${done.answer.fault?.what}`);
        }
      }
    }
  }
});

test("bytes that are changed at random end no other way", () => {
  let state = 1;
  const next = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  for (const { name, bytes } of decoded) {
    for (let round = 0; round < 40; round++) {
      const hurt = bytes.slice();
      for (let i = 0; i <= next(4); i++) {
        hurt[next(hurt.length)] = next(256);
      }
      const done = run(pixels, { op: "edit", flatten: round % 2 === 1, turn: 90 }, memorySource(hurt));
      assert.equal(done.output === null, done.answer.fault !== null, name);
      assert.notEqual(done.answer.fault?.status, "bug", `${name}, round ${round}: ${done.answer.fault?.what}`);
    }
  }
});

test("a video of 1 GB is stripped in little memory", { skip: spawnSync("ffmpeg", ["-version"]).error !== undefined }, () => {
  const path = join(folder, "long.mov");
  const made = spawnSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "anullsrc=r=192000:cl=7.1", "-t", "175", "-c:a",
    "pcm_s32le", "-metadata", "title=secret", path]);
  assert.equal(made.status, 0, String(made.stderr));
  const source = fileSource(path);
  const before = process.memoryUsage().rss;
  const done = run(core, { op: "scrub" }, source);
  const after = process.memoryUsage().rss;
  source.close();
  rmSync(path);
  assert.equal(done.answer.fault, null);
  assert.ok(source.size > 2 ** 30 && (done.output?.size ?? 0) > 2 ** 30);
  assert.ok(after - before < 100 * 2 ** 20, `${Math.round((after - before) / 2 ** 20)} MiB`);
});

test("pieces are read as they were written", async () => {
  const input = memorySource(Uint8Array.from({ length: 5000 }, (_, i) => i & 255));
  const pieces = new Pieces(input);
  const expected: number[] = [];
  for (let i = 0; i < 300; i++) {
    const from = (i * 37) % 4000;
    if (i % 3 === 0) {
      assert.ok(pieces.appendRange(from, 100));
      expected.push(...Array.from({ length: 100 }, (_, k) => (from + k) & 255));
    } else {
      pieces.append(Uint8Array.of(i & 255, 7));
      expected.push(i & 255, 7);
    }
  }
  assert.equal(pieces.appendRange(4990, 11), false);
  const out = new Uint8Array(pieces.size);
  assert.ok(pieces.read(0, out));
  assert.deepEqual([...out], expected);
  const part = new Uint8Array(150);
  assert.ok(pieces.read(333, part));
  assert.deepEqual([...part], expected.slice(333, 483));
  assert.equal(pieces.read(pieces.size - 10, new Uint8Array(11)), false);
  assert.equal(await digestOf(pieces), createHash("sha256").update(out).digest("hex"));
});

test("a long file has the digest of its bytes", async () => {
  const length = (1 << 26) + 12345;
  const path = join(folder, "long");
  writeFileSync(path, Buffer.alloc(length, 7));
  const source = fileSource(path);
  assert.equal(await digestOf(source), createHash("sha256").update(Buffer.alloc(length, 7)).digest("hex"));
  source.close();
});

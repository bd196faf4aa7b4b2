// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing on the device: what the page seals, the native program opens, and sees the same bytes.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runSealJob } from "../../web/app/seal/seal_job.ts";
import { paddedSize } from "../../web/app/seal/padding.ts";
import type { Program } from "../../web/app/core/machine.ts";
import type { Fault } from "../../web/app/core/types.ts";
import { build, memorySource, scratch, scriptProgram, wasmProgram } from "./core_rig.ts";
import { seededRandom } from "./core_seeded.ts";

const seal = wasmProgram("seal");
const oilskin = join(build, "cli/oilskin");
const folder = scratch();

function makeKey(name: string): { path: string; recipient: string } {
  const path = join(folder, name);
  execFileSync(oilskin, ["keygen", "-o", path]);
  return { path, recipient: execFileSync(oilskin, ["keygen", "-y", path], { encoding: "utf8" }).trim() };
}

const desk = makeKey("desk.key");
const recovery = makeKey("recovery.key");

interface Sealed {
  fault: Fault | null;
  bytes: Buffer;
}

function sealed(program: Program, plain: Uint8Array, recipients: string[], paddedTo = 0): Sealed {
  const parts: Uint8Array[] = [];
  const fault = runSealJob({
    program,
    recipients,
    paddedSize: paddedTo,
    input: memorySource(plain),
    random: seededRandom(7n),
    write: (bytes) => parts.push(bytes.slice()),
  });
  return { fault, bytes: Buffer.concat(parts) };
}

function unseal(bytes: Uint8Array, key: string): Buffer {
  const path = join(folder, "sealed");
  writeFileSync(path, bytes);
  const done = spawnSync(oilskin, ["unseal", "-i", key, path], { maxBuffer: 1 << 28 });
  assert.equal(done.status, 0, done.stderr.toString());
  return done.stdout;
}

function plainOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * 7) & 255);
}

test("what the page seals, each recipient opens with the native program", () => {
  for (const length of [0, 1, 65535, 65536, 65537, 1 << 20, (1 << 20) + 1, 3_000_000]) {
    const plain = plainOf(length);
    const { fault, bytes } = sealed(seal, plain, [desk.recipient, recovery.recipient]);
    assert.equal(fault, null);
    for (const { path } of [desk, recovery]) {
      assert.equal(Buffer.compare(unseal(bytes, path), plain), 0, `${length} bytes`);
    }
  }
});

test("the module and its JavaScript seal to the same bytes", async () => {
  const script = await scriptProgram("seal");
  const plain = plainOf(200_000);
  assert.equal(Buffer.compare(sealed(seal, plain, [desk.recipient]).bytes, sealed(script, plain, [desk.recipient]).bytes), 0);
});

test("what is padded ends in zeros, and its length says less", () => {
  const plain = plainOf(100_001);
  const { fault, bytes } = sealed(seal, plain, [desk.recipient], paddedSize(plain.length));
  assert.equal(fault, null);
  const opened = unseal(bytes, desk.path);
  assert.equal(opened.length, paddedSize(plain.length));
  assert.equal(Buffer.compare(opened.subarray(0, plain.length), plain), 0);
  assert.ok(opened.subarray(plain.length).every((byte) => byte === 0));
});

test("lengths are padded as the library pads them", () => {
  const pairs = [[0, 0], [1, 1], [9, 10], [17, 18], [100, 104], [1000, 1024], [1024, 1024], [1025, 1088], [65537, 67584],
    [1_000_000, 1_015_808]];
  for (const [size, padded] of pairs as [number, number][]) {
    assert.equal(paddedSize(size), padded);
  }
});

test("a key that is mistyped, nobody, or too many seal nothing", () => {
  const mistyped = desk.recipient.slice(0, -1) + (desk.recipient.endsWith("q") ? "p" : "q");
  for (const recipients of [[mistyped], [], ["", desk.recipient], new Array(65).fill(desk.recipient)]) {
    const { fault, bytes } = sealed(seal, plainOf(10), recipients as string[]);
    assert.ok(fault !== null, JSON.stringify(recipients));
    assert.equal(bytes.length, 0);
  }
});

test("a file that can't be read is no sealed file", () => {
  const fault = runSealJob({
    program: seal,
    recipients: [desk.recipient],
    input: { size: 3_000_000, read: (offset) => offset < 2_000_000 },
    random: seededRandom(7n),
    write: () => undefined,
  });
  assert.equal(fault?.status, "io");
});

test("without randomness nothing is sealed", () => {
  const fault = runSealJob({
    program: seal,
    recipients: [desk.recipient],
    input: memorySource(plainOf(10)),
    random: () => false,
    write: () => assert.fail("bytes were written"),
  });
  assert.equal(fault?.status, "io");
});

test("the module that seals imports read, write and random, and nothing else", () => {
  const names = WebAssembly.Module.imports(seal).map(({ module, name }) => `${module}.${name}`);
  assert.deepEqual(names.sort(), ["oilskin.random", "oilskin.read", "oilskin.write"]);
});

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of decoded pixels: a BMP that the core reads, with their colour profile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bitmap, bitmapHeader, isClear } from "../../web/app/core/bitmap.ts";
import { findProfile } from "../../web/app/core/heic_profile.ts";
import type { Request } from "../../web/app/core/request.ts";
import { guess } from "../../web/app/core/route.ts";
import { bytesOf, memorySource, run, wasmProgram } from "./core_rig.ts";

const pixels = wasmProgram("pixels");

function bitmap(shape: Omit<Bitmap, "profileLength">, rgba: number[], profile: Uint8Array = new Uint8Array(0)): Uint8Array {
  const header = bitmapHeader({ ...shape, profileLength: profile.length });
  return Uint8Array.from([...header, ...rgba, ...profile]);
}

const RED = [200, 10, 20, 255];
const GREEN = [10, 180, 30, 255];
const BLUE = [5, 6, 220, 255];
const GLASS = [90, 91, 92, 128];

test("decoded pixels become a picture of their size", () => {
  for (const rgba of [[RED, GREEN, BLUE, RED, BLUE, GREEN], [RED, GREEN, GLASS, RED, BLUE, GREEN]]) {
    const flat = rgba.flat();
    const clear = isClear(Uint8Array.from(flat));
    assert.equal(clear, rgba.includes(GLASS));
    const request: Request = { op: "edit", flatten: true, outputFormat: clear ? "png" : "jpeg" };
    const fresh = run(pixels, request, memorySource(bitmap({ width: 3, height: 2, clear }, flat)));
    assert.equal(fresh.answer.format, clear ? "png" : "jpeg");
    const size = run(pixels, { op: "inspect" }, memorySource(bytesOf(fresh))).answer.picture;
    assert.deepEqual([size?.width, size?.height], [3, 2]);
  }
});

test("rows are read from the top, red first", () => {
  const request: Request = { op: "edit", flatten: true, outputFormat: "png" };
  const corner = (x: number, y: number, width: number, height: number) => {
    const file = bitmap({ width: 2, height: 2, clear: false }, [RED, GREEN, BLUE, GREEN].flat());
    return bytesOf(run(pixels, { op: "edit", crop: { x, y, width, height } }, memorySource(file)));
  };
  const one = (color: number[]) => {
    const file = bitmap({ width: 1, height: 1, clear: false }, color);
    return bytesOf(run(pixels, { op: "edit" }, memorySource(file)));
  };
  assert.deepEqual(corner(0, 0, 1, 1), one(RED));
  assert.deepEqual(corner(1, 0, 1, 1), one(GREEN));
  assert.deepEqual(corner(0, 1, 1, 1), one(BLUE));
  assert.deepEqual([...one(RED).subarray(-4, -1)], RED.slice(0, 3));
  assert.equal(run(pixels, request, memorySource(one(RED))).answer.fault, null);
});

/** As much of a profile as findProfile() looks at. */
function profile(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set([0x61, 0x63, 0x73, 0x70], 36);
  return bytes;
}

function box(payload: Uint8Array, kind = "prof", length = payload.length + 12): Uint8Array {
  const bytes = new Uint8Array(payload.length + 12);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set(new TextEncoder().encode(`colr${kind}`), 4);
  bytes.set(payload, 12);
  return bytes;
}

test("the profile of a HEIC is found, and nothing that only looks like one", () => {
  const before = new Uint8Array(100);
  const after = new Uint8Array(40);
  const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
  assert.deepEqual(findProfile(join(before, box(profile(200)), after)), profile(200));
  assert.deepEqual(findProfile(join(before, box(profile(150), "nclx"), box(profile(200), "rICC"), after)), profile(200));
  assert.equal(findProfile(join(before, box(profile(200), "prof", 999), after)), null);
  assert.equal(findProfile(join(before, box(new Uint8Array(200)), after)), null);
  assert.equal(findProfile(join(before, box(profile(200)).subarray(0, 60))), null);
  assert.equal(findProfile(new Uint8Array(3)), null);
});

test("a profile that is no profile does not stop a picture", () => {
  const file = bitmap({ width: 1, height: 1, clear: false }, RED, profile(200));
  const done = run(pixels, { op: "edit", flatten: true, outputFormat: "jpeg" }, memorySource(file));
  assert.equal(done.answer.format, "jpeg");
});

test("files go to the module that can do most for them", () => {
  const head = (text: string) => new TextEncoder().encode(text.padEnd(32, "\0"));
  assert.equal(guess(Uint8Array.of(0xff, 0xd8, 0xff)), "jpeg");
  assert.equal(guess(head("\x7fPNG")), "pixels");
  assert.equal(guess(head("BM")), "pixels");
  assert.equal(guess(head("RIFF....WEBPVP8 ")), "pixels");
  assert.equal(guess(head("RIFF....AVI LIST")), "other");
  assert.equal(guess(head("....ftypheic")), "heic");
  assert.equal(guess(head("....ftypisom")), "other");
  assert.equal(guess(new Uint8Array(0)), "other");
});

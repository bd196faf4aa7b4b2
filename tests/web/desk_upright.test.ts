/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which scrubbed pictures say by themselves which way is up: those are written anew before they are published. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { saysWhichWayIsUp } from "../../web/app/desk/publishing/upright.ts";

const bytes = (...parts: (string | readonly number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : [...part])));
const jpegPart = (marker: number, inside: string) => bytes([0xff, marker, 0, inside.length + 2], inside);
const pngChunk = (name: string, inside: string) => bytes([0, 0, 0, inside.length], name, inside, [0, 0, 0, 0]);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const SOI = bytes([0xff, 0xd8]);
const SCAN = jpegPart(0xda, "\x01\x01\0\0\x3f\0");
const PNG = bytes([0x89], "PNG\r\n\x1a\n");

test("a JPEG says which way is up in an Exif segment before its scan, and nowhere else", () => {
  const exif = jpegPart(0xe1, "Exif\0\0MM\0*");
  assert.equal(saysWhichWayIsUp("jpeg", joined(SOI, jpegPart(0xe0, "JFIF\0"), exif, SCAN)), true);
  assert.equal(saysWhichWayIsUp("jpeg", joined(SOI, jpegPart(0xe0, "JFIF\0"), SCAN, exif)), false);
  assert.equal(saysWhichWayIsUp("jpeg", joined(SOI, jpegPart(0xdb, "Exif"), SCAN)), false);
  assert.equal(saysWhichWayIsUp("jpeg", SOI), false);
});

test("a PNG says so in a chunk wherever it stands, a WebP in a flag of its header", () => {
  assert.equal(saysWhichWayIsUp("png", joined(PNG, pngChunk("IHDR", "1234567890123"), pngChunk("IDAT", "eXIf"), pngChunk("eXIf", "MM\0*"), pngChunk("IEND", ""))), true);
  assert.equal(saysWhichWayIsUp("png", joined(PNG, pngChunk("IHDR", "1234567890123"), pngChunk("IDAT", "xeXIfx"), pngChunk("IEND", ""))), false);
  const webp = (flags: number) => bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, flags, 0, 0, 0]);
  assert.equal(saysWhichWayIsUp("webp", webp(0x18)), true);
  assert.equal(saysWhichWayIsUp("webp", webp(0x10)), false);
  assert.equal(saysWhichWayIsUp("gif", bytes("GIF89aExif")), false);
});

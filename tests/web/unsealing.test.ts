// SPDX-License-Identifier: GPL-3.0-or-later
// Opening in the page: what the native program seals, the page opens with a reviewer's key, and the other way round.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Machine, Program, Script } from "../../web/app/core/machine.ts";
import { CoreError } from "../../web/app/core/types.ts";
import { fromBase64, toBase64 } from "../../web/app/seal/base64.ts";
import { Keyring } from "../../web/app/seal/keyring.ts";
import { ANOTHER, Comparing } from "../../web/app/seal/expected.ts";
import { openedType } from "../../web/app/seal/opened_type.ts";
import { paddedSize } from "../../web/app/seal/padding.ts";
import { build, memorySource, scratch, scriptProgram, wasmProgram } from "./core_rig.ts";
import { seededRandom } from "./core_seeded.ts";

const seal = wasmProgram("seal");
const unseal = wasmProgram("unseal");
const oilskin = join(build, "cli/oilskin");
const folder = scratch();
const NOBODY = new Uint8Array(0);

function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

function inFolder(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs the native program; what it prints. */
function run(...words: string[]): Buffer {
  const done = spawnSync(oilskin, words, { maxBuffer: 1 << 28 });
  assert.equal(done.status, 0, done.stderr.toString());
  return done.stdout;
}

function makeKey(name: string): { path: string; recipient: string; file: Buffer } {
  const path = join(folder, name);
  execFileSync(oilskin, ["keygen", "-o", path]);
  return { path, recipient: run("keygen", "-y", path).toString().trim(), file: readFileSync(path) };
}

const reviewer = makeKey("reviewer.key");
const recovery = makeKey("recovery.key");
const stranger = makeKey("stranger.key");
const passphrase = inFolder("passphrase", "correct horse\n");

function keyring(program: Program = unseal, from = reviewer): Keyring {
  const ring = new Keyring({ seal, unseal: program, random: seededRandom(7n) });
  ring.load(from.file, NOBODY.slice());
  return ring;
}

function sealed(plain: Uint8Array, ...options: string[]): Buffer {
  return run("seal", "-r", recovery.recipient, "-r", reviewer.recipient, ...options, inFolder("plain", plain));
}

function plainOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * 7) & 255);
}

function opened(ring: Keyring, bytes: Uint8Array, plainLen?: number): { plain: Buffer; steps: number } {
  const parts: Uint8Array[] = [];
  let steps = 0;
  for (const _ of ring.opening({ input: memorySource(bytes), write: (part) => parts.push(part.slice()), plainLen })) {
    steps++;
  }
  return { plain: Buffer.concat(parts), steps };
}

function faultOf(act: () => unknown): { status: string; part: string } {
  let fault = { status: "", part: "" };
  assert.throws(act, (error) => {
    assert.ok(error instanceof CoreError, String(error));
    fault = error.fault;
    return true;
  });
  return { status: fault.status, part: fault.part };
}

test("what the command line seals, the page opens", async () => {
  for (const ring of [keyring(), keyring(await scriptProgram("unseal"))]) {
    for (const length of [0, 1, 65535, 65536, 65537, 1 << 20, (1 << 20) + 1, 3_000_000]) {
      const plain = plainOf(length);
      assert.equal(Buffer.compare(opened(ring, sealed(plain)).plain, plain), 0, `${length} bytes`);
    }
  }
});

test("a long file is opened by pieces, so that somebody can stop it", () => {
  assert.ok(opened(keyring(), sealed(plainOf(3_000_000))).steps >= 2);
});

test("padding is cut off", () => {
  const plain = plainOf(1_500_000);
  assert.equal(Buffer.compare(opened(keyring(), sealed(plain), 1_100_000).plain, plain.subarray(0, 1_100_000)), 0);
});

test("a wrong key, a changed byte and a cut file open nothing", () => {
  const bytes = sealed(plainOf(100_000));
  assert.equal(faultOf(() => keyring(unseal, stranger).open(bytes)).status, "auth");
  for (const at of [40, 120, bytes.length - 30_000, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    assert.ok(["auth", "malformed"].includes(faultOf(() => keyring().open(changed)).status), `byte ${at}`);
  }
  for (const length of [0, 10, 300, 65_000, bytes.length - 1]) {
    assert.ok(["auth", "truncated", "malformed"].includes(faultOf(() => keyring().open(bytes.subarray(0, length))).status));
  }
});

test("key files are read as the command line reads them", () => {
  const lines = reviewer.file.toString();
  const several = `# two keys\r\n\r\n${lines.trim().replaceAll("\n", "\r\n")}\r\n${recovery.file.toString()}`;
  for (const [file, recipients] of [
    [lines, [reviewer.recipient]],
    [several, [reviewer.recipient, recovery.recipient]],
  ] as [string, string[]][]) {
    const ring = new Keyring({ seal, unseal, random: seededRandom(7n) });
    assert.deepEqual(ring.load(text(file), NOBODY.slice()), recipients);
    assert.deepEqual(ring.recipients, recipients);
  }
});

test("a key file that is sealed asks for its passphrase", () => {
  const binary = run("seal", "-p", "--passphrase-file", passphrase, reviewer.path);
  const armored = run("seal", "-a", "-p", "--passphrase-file", passphrase, reviewer.path);
  for (const file of [binary, armored]) {
    const ring = new Keyring({ seal, unseal, random: seededRandom(7n) });
    assert.deepEqual(faultOf(() => ring.load(file, NOBODY.slice())), { status: "misuse", part: "passphrase" });
    assert.equal(faultOf(() => ring.load(file, text("wrong horse"))).status, "auth");
    const typed = text("correct horse");
    assert.deepEqual(ring.load(file, typed), [reviewer.recipient]);
    assert.ok(typed.every((byte) => byte === 0), "the passphrase was left in memory");
  }
});

test("what is no key file is said to be none", () => {
  const wrong = ["", "\n# nothing\n", "age1qqqq\n", reviewer.recipient, reviewer.file.toString().slice(0, -3), "x".repeat(70_000)];
  for (const file of wrong) {
    const ring = new Keyring({ seal, unseal, random: seededRandom(7n) });
    assert.equal(faultOf(() => ring.load(text(file), NOBODY.slice())).status, "malformed", file.slice(0, 40));
  }
});

test("a key file that asks for too much work is refused before the work", () => {
  const file = run("seal", "-p", "--passphrase-file", passphrase, reviewer.path);
  const costly = Buffer.from(file.toString("latin1").replace(/^(-> scrypt \S+) 18$/m, "$1 21"), "latin1");
  assert.notEqual(Buffer.compare(file, costly), 0);
  const began = performance.now();
  assert.equal(faultOf(() => keyring().load(costly, text("correct horse"))).status, "limit");
  assert.ok(performance.now() - began < 2000);
});

test("a key that the page makes is one that the command line knows", () => {
  const typed = text("correct horse");
  const { recipient, file } = keyring().make(typed);
  assert.ok(typed.every((byte) => byte === 0));
  assert.match(run("unseal", "--passphrase-file", passphrase, inFolder("made.age", file)).toString(),
    new RegExp(`^# public key: ${recipient}\nAGE-SECRET-KEY-1[A-Z0-9]+\n$`));
  const ring = new Keyring({ seal, unseal, random: seededRandom(9n) });
  assert.deepEqual(ring.load(file, text("correct horse")), [recipient]);
  assert.equal(faultOf(() => ring.make(NOBODY.slice())).part, "passphrase");
});

test("what the page seals says little by its length, and opens as it was written", () => {
  const words = JSON.stringify({ text: "Grüße ".repeat(200) });
  assert.notEqual(paddedSize(text(words).length), text(words).length);
  const bytes = keyring().seal(text(words), [reviewer.recipient, recovery.recipient]);
  assert.equal(keyring(unseal, recovery).openText(bytes), words);
  const native = run("unseal", "-i", reviewer.path, inFolder("note.age", bytes));
  assert.equal(native.length, paddedSize(text(words).length));
  assert.equal(native.toString().replace(/\0+$/, ""), words);
  assert.equal(faultOf(() => keyring().seal(text(words), [])).status, "misuse");
});

test("a file is given to others by a new header, and to nobody by a wrong one", () => {
  const plain = plainOf(200_000);
  const bytes = sealed(plain);
  const old = bytes.indexOf("\n", bytes.indexOf("\n---")+ 1) + 1;
  const header = keyring().rewrap(bytes.subarray(0, 1000), [stranger.recipient]);
  const moved = Buffer.concat([header, bytes.subarray(old)]);
  assert.equal(Buffer.compare(run("unseal", "-i", stranger.path, inFolder("moved.age", moved)), plain), 0);
  assert.equal(faultOf(() => keyring().open(moved)).status, "auth");
  assert.equal(faultOf(() => keyring(unseal, stranger).rewrap(bytes, [stranger.recipient])).status, "auth");
  assert.equal(faultOf(() => keyring().rewrap(bytes, [])).status, "misuse");
  assert.equal(faultOf(() => keyring().rewrap(bytes, [reviewer.recipient.slice(1)])).status, "malformed");
  const changed = Buffer.from(bytes);
  changed[old - 3] = (changed[old - 3] as number) ^ 1;
  assert.ok(["auth", "malformed"].includes(faultOf(() => keyring().rewrap(changed, [stranger.recipient])).status));
});

test("what is no text is not shown as text", () => {
  assert.equal(faultOf(() => keyring().openText(sealed(Uint8Array.of(0xff, 0xfe, 0x41)))).status, "malformed");
});

test("a key that was forgotten opens nothing", () => {
  const ring = keyring();
  const bytes = sealed(text("secret"));
  ring.forget();
  assert.deepEqual(ring.recipients, []);
  assert.equal(faultOf(() => ring.open(bytes)).status, "misuse");
});

test("an instance leaves neither key nor plaintext behind, however its job ends", async () => {
  const script = await scriptProgram("unseal");
  const machines: Machine[] = [];
  const watched: Script = (imports) => {
    const machine = script(imports);
    machines.push(machine);
    return machine;
  };
  const bytes = sealed(plainOf(3_000_000));
  const ring = keyring(watched);
  ring.open(bytes);
  faultOf(() => ring.open(bytes.subarray(0, -1)));
  const stopped = ring.opening({ input: memorySource(bytes), write: () => undefined });
  stopped.next();
  const live = new Uint8Array((machines.at(-1) as Machine).memory.buffer);
  assert.ok(Buffer.from(live.buffer).includes("AGE-SECRET-KEY-1"), "nothing would be found where nothing ever is");
  stopped.return();
  assert.equal(machines.length, 4);
  for (const machine of machines) {
    assert.ok(new Uint8Array(machine.memory.buffer).every((byte) => byte === 0));
  }
});

test("an opened file gets no type that could hold a script", () => {
  assert.equal(openedType("image/jpeg"), "image/jpeg");
  assert.equal(openedType("video/mp4"), "video/mp4");
  for (const type of ["image/svg+xml", "text/html", "application/xhtml+xml", "image/jpeg;x=y", "image/png\n", "x image/jpeg", "", undefined]) {
    assert.equal(openedType(type), "application/octet-stream");
  }
});

test("a file counts when it is what was described, and else not at all", () => {
  const bytes = plainOf(100_000);
  const expected = { len: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  const compared = (parts: readonly Uint8Array[], wanted = expected) => {
    const comparing = new Comparing(wanted);
    parts.forEach((part) => comparing.take(part));
    comparing.end();
  };
  compared([bytes.subarray(0, 70_000), bytes.subarray(70_000)]);
  const swapped = [bytes.subarray(70_000), bytes.subarray(0, 70_000)];
  for (const parts of [[], [bytes.subarray(1)], [bytes, Uint8Array.of(0)], swapped]) {
    assert.deepEqual(faultOf(() => compared(parts)), { status: "malformed", part: ANOTHER });
  }
  assert.equal(faultOf(() => compared([bytes], { ...expected, len: 99_999 })).part, ANOTHER);
  assert.equal(faultOf(() => compared([bytes], { ...expected, sha256: "" })).part, ANOTHER);
});

test("base64 is that of the server", () => {
  const bytes = plainOf(100_000);
  assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
  assert.equal(Buffer.compare(fromBase64(toBase64(bytes)), bytes), 0);
});

test("the module that opens imports read, write and random, and nothing else", () => {
  const names = WebAssembly.Module.imports(unseal).map(({ module, name }) => `${module}.${name}`);
  assert.deepEqual(names.sort(), ["oilskin.random", "oilskin.read", "oilskin.write"]);
});

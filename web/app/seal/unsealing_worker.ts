/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one worker that a reviewer's key lives in, from when it is loaded until it is forgotten. */
import { faultOf } from "../core/answer.ts";
import { BlobSource } from "../core/blob_source.ts";
import type { Program, Script } from "../core/machine.ts";
import { CoreError } from "../core/types.ts";
import { Comparing, type Expected } from "./expected.ts";
import { Gathered } from "./gathered.ts";
import { faultOfError } from "./instance.ts";
import { Keyring } from "./keyring.ts";
import { openedType } from "./opened_type.ts";
import { systemRandom } from "./random.ts";
import type { Asked, Call, FromWorker, Loaded, Segment, ToWorker, Verb } from "./unsealing_message.ts";

/* As often as a person can see it. */
const PROGRESS_MS = 100;
/* A long file leaves room for what else is asked this often. */
const PAUSE_MS = 30;
/* Of a key file the core takes less; what is longer need not be read. */
const KEY_FILE_MAX = 1 << 20;

let keyring: Promise<Keyring> | null = null;
const cancelled = new Set<number>();
const running = new Set<number>();

function tell(message: FromWorker, transfer: Transferable[] = []): void {
  postMessage(message, transfer);
}

async function programOf({ module, script }: Loaded): Promise<Program> {
  return module ?? ((await import(/* @vite-ignore */ script)) as { default: Script }).default;
}

async function begin(seal: Loaded, unseal: Loaded): Promise<Keyring> {
  return new Keyring({ seal: await programOf(seal), unseal: await programOf(unseal), random: systemRandom });
}

/** Lets messages in. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Says how far a call is, and gives way. */
class Pace {
  #id: number;
  #total: number;
  #before = 0;
  #told = 0;
  #paused = performance.now();

  constructor(id: number, total: number) {
    this.#id = id;
    this.#total = total;
  }

  read(position: number): void {
    const now = performance.now();
    if (now - this.#told >= PROGRESS_MS) {
      this.#told = now;
      tell({ kind: "progress", id: this.#id, done: Math.min(this.#before + position, this.#total), total: this.#total });
    }
  }

  passed(size: number): void {
    this.#before += size;
  }

  /** Throws when the call is not wanted any more. */
  async step(): Promise<void> {
    if (performance.now() - this.#paused >= PAUSE_MS) {
      await pause();
      this.#paused = performance.now();
    }
    if (cancelled.has(this.#id)) {
      throw new DOMException("cancelled", "AbortError");
    }
  }
}

/** Of a file that is not what was expected nothing is given. */
async function openSegments(ring: Keyring, id: number, segments: readonly Segment[], type: string | undefined, expected?: Expected) {
  const pace = new Pace(id, segments.reduce((sum, { sealed }) => sum + sealed.size, 0));
  const gathered = new Gathered();
  const comparing = expected === undefined ? null : new Comparing(expected);
  for (const { sealed, plainLen } of segments) {
    const input = new BlobSource(sealed);
    const write = (bytes: Uint8Array) => {
      comparing?.take(bytes);
      gathered.append(bytes);
    };
    for (const _ of ring.opening({ input, write, plainLen, onRead: (position) => pace.read(position) })) {
      await pace.step();
    }
    pace.passed(sealed.size);
  }
  comparing?.end();
  return gathered.toBlob(openedType(type));
}

async function openBitmap(ring: Keyring, id: number, asks: Asked["openBitmap"]["asks"]): Promise<ImageBitmap> {
  const { sealed, type, plainLen, width } = asks;
  const blob = await openSegments(ring, id, [{ sealed, plainLen }], type);
  try {
    return await createImageBitmap(blob, width === undefined ? {} : { resizeWidth: width, resizeQuality: "high" });
  } catch {
    throw new CoreError(faultOf("malformed", "what is in it is no picture"));
  }
}

async function load(ring: Keyring, { file, passphrase }: Asked["load"]["asks"]): Promise<readonly string[]> {
  if (file.size > KEY_FILE_MAX) {
    throw new CoreError(faultOf("malformed", "is too long for a key file"));
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return ring.load(bytes, new TextEncoder().encode(passphrase));
  } finally {
    bytes.fill(0);
  }
}

async function answer(ring: Keyring, call: Call): Promise<Asked[Verb]["answer"]> {
  switch (call.verb) {
    case "load":
      return load(ring, call.asks);
    case "make":
      return ring.make(new TextEncoder().encode(call.asks.passphrase));
    case "open":
      return ring.open(call.asks.sealed);
    case "openText":
      return ring.openText(call.asks.sealed);
    case "openBlob":
      return openSegments(ring, call.id, call.asks.segments, call.asks.type, call.asks.expected);
    case "openBitmap":
      return openBitmap(ring, call.id, call.asks);
    case "rewrap":
      return ring.rewrap(call.asks.file, call.asks.recipients);
    case "seal":
      return ring.seal(call.asks.plain, call.asks.recipients);
  }
}

async function serve(call: Call): Promise<void> {
  running.add(call.id);
  try {
    const ring = await (keyring ?? Promise.reject(new Error("not begun")));
    const result = await answer(ring, call);
    tell({ kind: "done", id: call.id, answer: result }, result instanceof ImageBitmap ? [result] : []);
  } catch (error) {
    tell({ kind: "failed", id: call.id, fault: faultOfError(error, "the work stopped") });
  } finally {
    running.delete(call.id);
    cancelled.delete(call.id);
  }
}

async function forget(): Promise<void> {
  const ring = await keyring?.catch(() => null);
  ring?.forget();
  close();
}

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.verb) {
    case "begin":
      keyring = begin(data.seal, data.unseal);
      keyring.catch(() => undefined);
      break;
    case "cancel":
      if (running.has(data.id)) {
        cancelled.add(data.id);
      }
      break;
    case "forget":
      void forget();
      break;
    default:
      void serve(data);
  }
});

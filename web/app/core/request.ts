/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the record of web/wasm/record.h: what one instance is asked. */
import type { Box } from "./types.ts";

export const RECORD_BYTES = 64;
const VERSION = 1;

export type Op = "inspect" | "scrub" | "edit" | "verify" | "seal" | "unseal" | "read-keys" | "make-key" | "rewrap";

const OPS: Record<Op, number> = {
  inspect: 1,
  scrub: 2,
  edit: 3,
  verify: 4,
  seal: 5,
  unseal: 6,
  "read-keys": 7,
  "make-key": 8,
  rewrap: 9,
};
const ICC = { rebuild: 0, drop: 1, keep: 2 } as const;
const OUTPUT = { jpeg: 1, png: 2 } as const;
const FLAG = { dropAudio: 1, mirror: 2, crop: 4, flatten: 8, regions: 16 } as const;

export interface Request {
  op: Op;
  dropAudio?: boolean;
  icc?: keyof typeof ICC;
  crop?: Box | null;
  turn?: 0 | 90 | 180 | 270;
  mirror?: boolean;
  resize?: number;
  flatten?: boolean;
  outputFormat?: keyof typeof OUTPUT | null;
  /** JSON, regions version 1. */
  regions?: string | null;
  /** Of "seal": whom to; they stand where regions do. */
  recipients?: readonly string[];
  /** Secret keys or a passphrase; they stand there, too. Who asks wipes them, and the request. */
  secret?: Uint8Array;
  /** Bytes that the job may take, 0 for the core's default; of "seal" the length to pad to. */
  memory?: number;
}

/** A flag for each that is asked for. */
function flagsOf(request: Request): number {
  return (
    (request.dropAudio ? FLAG.dropAudio : 0) |
    (request.mirror ? FLAG.mirror : 0) |
    (request.crop ? FLAG.crop : 0) |
    (request.flatten ? FLAG.flatten : 0) |
    (request.regions != null ? FLAG.regions : 0)
  );
}

export function writeRequest(request: Request, inputLength: number): Uint8Array {
  const regions =
    request.secret ?? new TextEncoder().encode(request.recipients?.join("\n") ?? request.regions ?? "");
  const bytes = new Uint8Array(RECORD_BYTES + regions.length);
  const view = new DataView(bytes.buffer);
  const crop = request.crop ?? { x: 0, y: 0, width: 0, height: 0 };
  const words = [
    flagsOf(request),
    ICC[request.icc ?? "rebuild"],
    crop.x,
    crop.y,
    crop.width,
    crop.height,
    request.turn ?? 0,
    request.resize ?? 0,
    request.outputFormat ? OUTPUT[request.outputFormat] : 0,
    regions.length,
  ];
  view.setUint32(0, VERSION, true);
  view.setUint32(4, OPS[request.op], true);
  view.setBigUint64(8, BigInt(inputLength), true);
  view.setBigUint64(16, BigInt(request.memory ?? 0), true);
  words.forEach((word, index) => view.setUint32(24 + 4 * index, word, true));
  bytes.set(regions, RECORD_BYTES);
  return bytes;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file, sealed in one fresh instance. Nothing here knows of browsers, so that tests run the same
 * under Node. */
import { type Answer, failedAnswer, faultOf, readAnswer } from "../core/answer.ts";
import { type Machine, type Program, startMachine } from "../core/machine.ts";
import type { Source } from "../core/pieces.ts";
import { writeRequest } from "../core/request.ts";
import type { Fault } from "../core/types.ts";

/* OskStatus */
const MORE = 1;

export interface SealJob {
  program: Program;
  /** "age1…", 1 to 64 of them. */
  recipients: readonly string[];
  /** The length that zeros fill the plaintext up to; 0 for none. */
  paddedSize?: number;
  input: Source;
  random(out: Uint8Array): boolean;
  /** The sealed bytes in order; lent until it returns. */
  write(bytes: Uint8Array): void;
  onRead?(position: number): void;
}

function readResult(machine: Machine): Answer {
  const at = machine.osk_wasm_result(1) >>> 0;
  const text = new DataView(machine.memory.buffer, at, 8);
  return readAnswer(new Uint8Array(machine.memory.buffer, text.getUint32(0, true), text.getUint32(4, true)));
}

function start(job: SealJob): Machine {
  return startMachine(job.program, {
    read(_handle, offset, out) {
      job.onRead?.(offset + out.length);
      return job.input.read(offset, out);
    },
    write(_handle, bytes) {
      job.write(bytes);
      return true;
    },
    random: (out) => job.random(out),
  });
}

/** null: everything is written. Otherwise what was written is no file, and must be thrown away. */
export function runSealJob(job: SealJob): Fault | null {
  try {
    const machine = start(job);
    const request = writeRequest(
      { op: "seal", recipients: job.recipients, memory: job.paddedSize ?? 0 },
      job.input.size,
    );
    const at = machine.osk_wasm_alloc(request.length) >>> 0;
    if (at === 0) {
      return faultOf("no-memory", "not enough memory");
    }
    new Uint8Array(machine.memory.buffer, at, request.length).set(request);
    if (machine.osk_wasm_open(at, request.length) !== 1) {
      return faultOf("misuse", "the core does not know this request");
    }
    while (machine.osk_wasm_step(1) === MORE) {
      /* Each step is a piece of the file. */
    }
    return readResult(machine).fault;
  } catch (error) {
    const memory = error instanceof RangeError;
    return failedAnswer(memory ? faultOf("no-memory", "not enough memory") : faultOf("bug", "sealing stopped")).fault;
  }
}

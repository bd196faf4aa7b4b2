/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One job in one fresh instance of seal.wasm or unseal.wasm. Nothing here knows of browsers. */
import { type Answer, faultOf, readAnswer } from "../core/answer.ts";
import { type Machine, type Program, startMachine } from "../core/machine.ts";
import type { Source } from "../core/pieces.ts";
import { type Request, writeRequest } from "../core/request.ts";
import { CoreError, type Fault } from "../core/types.ts";

/* OskStatus */
const MORE = 1;

export interface InstanceJob {
  program: Program;
  request: Request;
  input: Source;
  random(out: Uint8Array): boolean;
  /** What the job writes, in order; lent until it returns. */
  write(bytes: Uint8Array): void;
  onRead?(position: number): void;
}

/** What the modules say beside what every answer has. */
export interface SealAnswer extends Answer {
  /** Public keys of what was read or made. */
  recipients?: string[];
}

function start(job: InstanceJob): Machine {
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

function readResult(machine: Machine): SealAnswer {
  const at = machine.osk_wasm_result(1) >>> 0;
  const text = new DataView(machine.memory.buffer, at, 8);
  return readAnswer(new Uint8Array(machine.memory.buffer, text.getUint32(0, true), text.getUint32(4, true)));
}

function ask(machine: Machine, job: InstanceJob): void {
  const request = writeRequest(job.request, job.input.size);
  try {
    const at = machine.osk_wasm_alloc(request.length) >>> 0;
    if (at === 0) {
      throw new CoreError(faultOf("no-memory", "not enough memory"));
    }
    new Uint8Array(machine.memory.buffer, at, request.length).set(request);
    if (machine.osk_wasm_open(at, request.length) !== 1) {
      throw new CoreError(faultOf("misuse", "the core does not know this request"));
    }
  } finally {
    request.fill(0);
  }
}

/** Why a job threw: an instance that met what it can't do is stopped by a trap. */
export function faultOfError(error: unknown, what: string): Fault {
  if (error instanceof CoreError) {
    return error.fault;
  }
  return error instanceof RangeError ? faultOf("no-memory", "not enough memory") : faultOf("bug", what);
}

/** Works a piece at a time: each `next()` is one. The instance's memory holds nothing when it ends, however it ends. */
export function* stepInstance(job: InstanceJob): Generator<void, SealAnswer> {
  const machine = start(job);
  try {
    ask(machine, job);
    while (machine.osk_wasm_step(1) === MORE) {
      yield;
    }
    return readResult(machine);
  } finally {
    new Uint8Array(machine.memory.buffer).fill(0);
  }
}

/** All of it at once. */
export function runInstance(job: InstanceJob): SealAnswer {
  const steps = stepInstance(job);
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One job in one fresh instance: asks, steps, reads the answer. Nothing here knows of browsers, so
 * that tests run the same under Node. */
import { type Answer, failedAnswer, faultOf, readAnswer } from "./answer.ts";
import { type Machine, type Ports, type Program, startMachine } from "./machine.ts";
import { Pieces, type Source } from "./pieces.ts";
import { type Request, writeRequest } from "./request.ts";

/* record.h */
const OUTPUT = 1;
const RANGES = 2;
/* OskStatus */
const MORE = 1;

export interface Job {
  program: Program;
  request: Request;
  input: Source;
  random(out: Uint8Array): boolean;
  /** The end of what was read of the input, of its size, for each read. */
  onRead?(position: number): void;
}

export interface Done {
  answer: Answer;
  /** What was written; null unless there is no fault. */
  output: Pieces | null;
}

function portsOf(job: Job, output: Pieces): Ports {
  return {
    read(handle, offset, out) {
      if (handle === OUTPUT) {
        return output.read(offset, out);
      }
      job.onRead?.(offset + out.length);
      return offset + out.length <= job.input.size && job.input.read(offset, out);
    },
    write(handle, bytes) {
      if (handle !== RANGES) {
        output.append(bytes);
        return true;
      }
      const range = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      return output.appendRange(Number(range.getBigUint64(0, true)), Number(range.getBigUint64(8, true)));
    },
    random: (out) => job.random(out),
  };
}

function readResult(machine: Machine): Answer {
  const at = machine.osk_wasm_result(1) >>> 0;
  const text = new DataView(machine.memory.buffer, at, 8);
  return readAnswer(new Uint8Array(machine.memory.buffer, text.getUint32(0, true), text.getUint32(4, true)));
}

/** A trap ends the job; the instance knows why when it was its own doing. */
function explain(machine: Machine | null, error: unknown): Answer {
  const stopped = faultOf("unsupported", "this file made the program stop; nothing was saved");
  const memory = error instanceof RangeError && /memory|allocat|array/i.test(error.message);
  const reason = memory ? faultOf("no-memory", "not enough memory") : stopped;
  if (machine === null) {
    return failedAnswer(reason);
  }
  try {
    const answer = readResult(machine);
    return { ...answer, fault: answer.fault ?? reason };
  } catch {
    return failedAnswer(reason);
  }
}

export function runJob(job: Job): Done {
  const output = new Pieces(job.input);
  let machine: Machine | null = null;
  try {
    machine = startMachine(job.program, portsOf(job, output));
    const request = writeRequest(job.request, job.input.size);
    const at = machine.osk_wasm_alloc(request.length) >>> 0;
    if (at === 0) {
      return { answer: failedAnswer(faultOf("no-memory", "not enough memory")), output: null };
    }
    new Uint8Array(machine.memory.buffer, at, request.length).set(request);
    if (machine.osk_wasm_open(at, request.length) !== 1) {
      return { answer: failedAnswer(faultOf("misuse", "the core does not know this request")), output: null };
    }
    while (machine.osk_wasm_step(1) === MORE) {
      /* Each step is a piece of work. */
    }
    const answer = readResult(machine);
    return { answer, output: answer.fault === null ? output : null };
  } catch (error) {
    return { answer: explain(machine, error), output: null };
  }
}

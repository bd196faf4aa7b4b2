/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An instance of the core, as WebAssembly or as plain JavaScript: the two differ only in how a 64-bit
 * number comes. */

/** What an instance may do to the world. */
export interface Ports {
  /** Fills `out` from `offset`. */
  read(handle: number, offset: number, out: Uint8Array): boolean;
  /** The bytes are lent until it returns. */
  write(handle: number, bytes: Uint8Array): boolean;
  random(out: Uint8Array): boolean;
}

export interface Machine {
  readonly memory: { readonly buffer: ArrayBuffer };
  osk_wasm_alloc(length: number): number;
  osk_wasm_open(request: number, length: number): number;
  osk_wasm_step(job: number): number;
  osk_wasm_result(job: number): number;
}

/** What script.py's modules export. */
export type Script = (imports: {
  read(handle: number, low: number, high: number, at: number, length: number): number;
  write(handle: number, at: number, length: number): number;
  random(at: number, length: number): number;
}) => Machine;

/** A module that was compiled once, or the function that stands for it. */
export type Program = WebAssembly.Module | Script;

const HIGH = 2 ** 32;

export function startMachine(program: Program, ports: Ports): Machine {
  let machine: Machine | null = null;
  /* The memory may have grown since the last call: the view is made anew. */
  const view = (at: number, length: number) =>
    new Uint8Array((machine as Machine).memory.buffer, at >>> 0, length >>> 0);
  const write = (handle: number, at: number, length: number) => (ports.write(handle, view(at, length)) ? 1 : 0);
  const random = (at: number, length: number) => (ports.random(view(at, length)) ? 1 : 0);
  if (typeof program === "function") {
    const made = program({
      read: (handle, low, high, at, length) =>
        ports.read(handle, (high >>> 0) * HIGH + (low >>> 0), view(at, length)) ? 1 : 0,
      write,
      random,
    });
    machine = made;
    return made;
  }
  const instance = new WebAssembly.Instance(program, {
    oilskin: {
      read: (handle: number, offset: bigint, at: number, length: number) =>
        ports.read(handle, Number(BigInt.asUintN(64, offset)), view(at, length)) ? 1 : 0,
      write,
      random,
    },
  });
  const made = instance.exports as unknown as Machine;
  machine = made;
  return made;
}

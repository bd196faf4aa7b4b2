/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page's core under Node against the native program, on the same files: how often its time the page takes.
 *
 * usage: OILSKIN_BUILD=DIR studio.ts PICTURE.jpg VIDEO.mp4
 *
 * Wall clock, the file in the cache of the system, the module compiled already, as in a page that has done one file. The
 * native program is a cold process, and writes its copy to a disk; the page's copy is a list of ranges.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../web/app/core/machine.ts";
import type { Request } from "../web/app/core/request.ts";
import { build, fileSource, run, scratch, scriptProgram, wasmProgram } from "../tests/web/core_rig.ts";

const ROUNDS = 5;
const folder = scratch();

function median(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1] as number;
}

function timed(rounds: number, work: () => void): number {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return median(times);
}

function native(verb: string, path: string, options: string[]): number {
  const out = join(folder, "out");
  return timed(ROUNDS, () => {
    rmSync(out, { force: true });
    const done = spawnSync(join(build, "cli/oilskin"), [verb, path, "-o", out, ...options]);
    if (done.status !== 0) {
      throw new Error(String(done.stderr));
    }
  });
}

function page(program: Program, rounds: number, request: Request, path: string): number {
  return timed(rounds, () => {
    const source = fileSource(path);
    const { answer } = run(program, request, source);
    source.close();
    if (answer.fault !== null) {
      throw new Error(answer.fault.what);
    }
  });
}

function regions(style: string): string {
  return JSON.stringify({ version: 1, regions: [{ shape: "rect", x: 1700, y: 1200, w: 600, h: 600, style }] });
}

const [picture, video] = process.argv.slice(2) as [string, string];
const wasm = wasmProgram("core");
const script = await scriptProgram("core");
const cases: [string, string, string, string[], Request][] = [
  ["strip of a 12 MP JPEG", picture, "scrub", [], { op: "scrub" }],
  ["fill in a 12 MP JPEG", picture, "redact", ["--region", "rect:1700,1200,600,600:fill"], { op: "edit", regions: regions("fill") }],
  ["blur in a 12 MP JPEG", picture, "redact", ["--region", "rect:1700,1200,600,600:blur"], { op: "edit", regions: regions("blur") }],
  ["strip of a 100 MB video", video, "scrub", [], { op: "scrub" }],
];
for (const [name, path, verb, options, request] of cases) {
  const own = native(verb, path, options);
  const inWasm = page(wasm, ROUNDS, request, path);
  const inScript = page(script, 1, request, path);
  const ratio = (time: number) => (time / own).toFixed(2);
  console.log(
    `studio ${name}: native ${own.toFixed(0)} ms, WebAssembly ${inWasm.toFixed(0)} ms, plain JavaScript ${inScript.toFixed(0)} ms; ` +
      `ratio to native ${ratio(inWasm)} and ${ratio(inScript)}`,
  );
}

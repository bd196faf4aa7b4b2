/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core under Node: files as sources, the modules that were built, the native programs beside them. */
import { spawnSync } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Done } from "../../web/app/core/job.ts";
import { runJob } from "../../web/app/core/job.ts";
import type { Program, Script } from "../../web/app/core/machine.ts";
import type { Source } from "../../web/app/core/pieces.ts";
import type { Request } from "../../web/app/core/request.ts";
import { seededRandom } from "./core_seeded.ts";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Where the native programs are: OILSKIN_BUILD, else ./build-test, which ./test makes. */
export const build = process.env["OILSKIN_BUILD"] ?? join(root, "build-test");
const modules = process.env["OILSKIN_WASM"] ?? join(root, "build/web/wasm");

export type Name = "core" | "pixels" | "seal" | "unseal";

export function wasmProgram(name: Name): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(join(modules, `${name}.wasm`)));
}

export async function scriptProgram(name: Name): Promise<Script> {
  const made = (await import(pathToFileURL(join(modules, `${name}.js`)).href)) as { default: Script };
  return made.default;
}

export function memorySource(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    read(offset, out) {
      out.set(bytes.subarray(offset, offset + out.length));
      return true;
    },
  };
}

export function fileSource(path: string): Source & { close(): void } {
  const file = openSync(path, "r");
  return {
    size: fstatSync(file).size,
    read: (offset, out) => readSync(file, out, 0, out.length, offset) === out.length,
    close: () => closeSync(file),
  };
}

export function run(program: Program, request: Request, input: Source, seed = 1n): Done {
  return runJob({ program, request, input, random: seededRandom(seed) });
}

export function bytesOf(done: Done): Uint8Array {
  if (done.output === null) {
    throw new Error(`no output: ${JSON.stringify(done.answer.fault)}`);
  }
  const bytes = new Uint8Array(done.output.size);
  done.output.read(0, bytes);
  return bytes;
}

/** A folder that is gone when the process ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "oilskin-web-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Native {
  status: number;
  bytes: Uint8Array | null;
  said: string;
}

const here = scratch();

/** Runs `oilskin VERB … FILE` to a file, and gives what it wrote. */
export function native(verb: string, input: Uint8Array | string, options: string[] = []): Native {
  const path = typeof input === "string" ? input : join(here, "in");
  const out = join(here, "out");
  if (typeof input !== "string") {
    writeFileSync(path, input);
  }
  rmSync(out, { force: true });
  const done = spawnSync(join(build, "cli/oilskin"), [verb, path, ...options, "-o", out], { encoding: "utf8" });
  let bytes: Uint8Array | null = null;
  try {
    bytes = readFileSync(out);
  } catch {
    /* Refused. */
  }
  return { status: done.status ?? -1, bytes, said: done.stderr + done.stdout };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The same jobs by the command line: what the page's copies are compared with.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check } from "./tap.ts";
import { oilskin, scratch } from "./places.ts";

export interface Ran {
  code: number;
  out: string;
}

/** Runs a program to its end, whatever its exit code. */
export function run(program: string, words: string[]): Promise<Ran> {
  return new Promise((settle, refuse) => {
    execFile(program, words, { encoding: "utf8", maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") refuse(error);
      else settle({ code: error ? Number(error.code) : 0, out: stdout + stderr });
    });
  });
}

/** Runs a program that has to succeed. */
export async function must(program: string, ...words: string[]): Promise<string> {
  const ran = await run(program, words);
  check(ran.code === 0, `${program} ${words.join(" ")} ended with ${ran.code}: ${ran.out}`);
  return ran.out;
}

let made = 0;
/** A path below the scratch folder that no other test has. */
export const fresh = (name: string) => join(scratch, `${made++}-${name}`);

/** Bytes of `oilskin scrub`. */
export async function scrubbed(path: string, extension: string, ...options: string[]): Promise<Buffer> {
  const out = fresh(`scrub.${extension}`);
  await must(oilskin, "scrub", ...options, path, "-o", out);
  return readFileSync(out);
}

/** Bytes of `oilskin redact` with the regions that the page gave its core. */
export async function redacted(path: string, extension: string, regions: unknown, ...options: string[]): Promise<Buffer> {
  const asked = fresh("regions.json");
  const out = fresh(`redact.${extension}`);
  writeFileSync(asked, JSON.stringify(regions));
  await must(oilskin, "redact", "--regions", asked, ...options, path, "-o", out);
  return readFileSync(out);
}

/** The second opinion on a saved file. */
export async function passesVerify(path: string): Promise<void> {
  await must(oilskin, "verify", path);
}

/** Findings of a file, as JSON of oilskin/inspect/1. */
export async function inspected(path: string): Promise<string> {
  return must(oilskin, "inspect", "--json", path);
}

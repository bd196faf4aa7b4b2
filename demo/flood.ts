// SPDX-License-Identifier: GPL-3.0-or-later
// What comes in: a few pictures of a stage, sent again and again by fans who mean to bury something, and among them, one
// at a time, what witnesses saw. Each is sent by the form that everybody has.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reports } from "./reports.ts";

/** Copies of each stage: fans love some more than others. 2,000 in all. */
const LOVED = [700, 450, 300, 200, 150, 100, 60, 40];
/** One fan sends so many at once. */
export const PER_FAN = 50;
/** Who sends at the same time. */
const AT_ONCE = 3;
const PATIENCE_MS = 300_000;
const PAUSE_MS = 50;

export const FAN_FILES = LOVED.reduce((sum, n) => sum + n, 0);
export const REPORTS = reports.length;
export const STAGES = LOVED.length;

type Bytes = Uint8Array<ArrayBuffer>;

interface Sending {
  readonly words: string;
  readonly files: readonly { readonly name: string; readonly bytes: Bytes }[];
}

function draw(sample: string, folder: string, kind: "stage" | "street", number: number): Bytes {
  const file = join(folder, `${kind}.jpg`);
  execFileSync(sample, [kind, String(number), file]);
  return new Uint8Array(readFileSync(file));
}

/** All that is sent, in its order: copies mixed as they come, a report behind every so many fans. */
export function plan(sample: string, folder: string): Sending[] {
  const stages = LOVED.map((_, number) => draw(sample, folder, "stage", number));
  const copies = LOVED.flatMap((n, number) => Array.from({ length: n }, (_, i) => ({ number, at: (i + 0.5) / n })));
  copies.sort((a, b) => a.at - b.at);
  const fans = Array.from({ length: FAN_FILES / PER_FAN }, (_, fan) =>
    copies.slice(fan * PER_FAN, (fan + 1) * PER_FAN).map(({ number }, i) => ({ name: `fancam-${i}.jpg`, bytes: stages[number]! })));
  const every = fans.length / REPORTS;
  return fans.flatMap((files, fan) => {
    const report = (fan + 1) % every === 0 ? (fan + 1) / every - 1 : -1;
    const flood: Sending = { words: "", files };
    return report < 0 ? [flood]
      : [flood, { words: reports[report]!, files: [{ name: "IMG_2041.jpg", bytes: draw(sample, folder, "street", report) }] }];
  });
}

/** As a browser sends the form; waits and comes again as often as it is told to. */
async function send(drop: string, { words, files }: Sending): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const form = new FormData();
    if (words !== "") {
      form.append("message", words);
    }
    for (const { name, bytes } of files) {
      form.append("file", new Blob([bytes], { type: "image/jpeg" }), name);
    }
    const answer = await fetch(`${drop}/submit`, { method: "POST", body: form, headers: { Origin: drop } });
    await answer.arrayBuffer();
    if (answer.status === 200) {
      return;
    }
    const later = answer.headers.get("Retry-After");
    if (later === null || Date.now() > until) {
      throw new Error(`the drop answered ${answer.status}`);
    }
    await new Promise((settle) => setTimeout(settle, Number(later) * 1000));
  }
}

export interface Watcher {
  /** So many files have arrived. */
  arrived(files: number, isReport: boolean): void;
  /** Whether the server has looked at most of what arrived: what waits in too long a line is never looked at, and stays a row. */
  mayGoOn(): boolean;
}

export async function flood(drop: string, sendings: readonly Sending[], { arrived, mayGoOn }: Watcher): Promise<void> {
  const left = [...sendings];
  const sender = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      while (!mayGoOn()) {
        await new Promise((settle) => setTimeout(settle, PAUSE_MS));
      }
      await send(drop, one);
      arrived(one.files.length, one.words !== "");
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What comes in: a few short videos of a stage, sent again and again by fans who mean to bury something, as they came, cut, made
// smaller or as a screenshot; and among them, one at a time, what witnesses saw. Each is sent by the form that everybody has.
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

/** What fans make of a video, and how many of twenty that they send are that. */
const FORMS = { whole: 12, trim: 4, small: 3, still: 1 } as const;
type Form = keyof typeof FORMS;
const TWENTY = (Object.keys(FORMS) as Form[]).flatMap((form) => Array<Form>(FORMS[form]).fill(form));
/** Not one form behind the other; the first of each stage is the video itself. */
const formOf = (i: number): Form => TWENTY[(i * 7) % TWENTY.length]!;
/** A screenshot is no video, and a row of its own. */
export const STILLS = LOVED.reduce((sum, n) => sum + Array.from({ length: n }, (_, i) => formOf(i)).filter((form) => form === "still").length, 0);

type Bytes = Uint8Array<ArrayBuffer>;

interface Sent {
  readonly name: string;
  readonly type: string;
  readonly bytes: Bytes;
}

interface Sending {
  readonly words: string;
  readonly files: readonly Sent[];
}

function draw(sample: string, folder: string, ...what: readonly string[]): Bytes {
  const file = join(folder, "drawn");
  execFileSync(sample, [...what, file]);
  return new Uint8Array(readFileSync(file));
}

const isStill = (form: Form): boolean => form === "still";

function drawForms(sample: string, folder: string, stage: number): Record<Form, Bytes> {
  const pairs = (Object.keys(FORMS) as Form[]).map((form) => [form, draw(sample, folder, "clip", String(stage), form)] as const);
  return Object.fromEntries(pairs) as Record<Form, Bytes>;
}

/** One of what fans send, and when, of its stage's time. */
interface Copy {
  readonly stage: number;
  readonly form: Form;
  readonly at: number;
}

/** All that is sent, in its order: who filmed each stage, copies mixed as they come, a report behind every so many fans. */
export function plan(sample: string, folder: string): Sending[] {
  const stages = LOVED.map((_, stage) => drawForms(sample, folder, stage));
  const sent = ({ stage, form }: Copy, i: number): Sent => ({
    name: `fancam-${i}.${isStill(form) ? "jpg" : "mp4"}`, type: isStill(form) ? "image/jpeg" : "video/mp4", bytes: stages[stage]![form],
  });
  const copies = LOVED.flatMap((n, stage) => Array.from({ length: n - 1 }, (_, i): Copy => ({ stage, form: formOf(i + 1), at: (i + 0.5) / n })));
  copies.sort((a, b) => a.at - b.at);
  const fans = Array.from({ length: Math.ceil(copies.length / PER_FAN) }, (_, fan) => copies.slice(fan * PER_FAN, (fan + 1) * PER_FAN).map(sent));
  const every = fans.length / REPORTS;
  const first: Sending = { words: "", files: LOVED.map((_, stage) => sent({ stage, form: formOf(0), at: 0 }, stage)) };
  return [first, ...fans.flatMap((files, fan) => {
    const report = (fan + 1) % every === 0 ? (fan + 1) / every - 1 : -1;
    const flood: Sending = { words: "", files };
    return report < 0 ? [flood]
      : [flood, { words: reports[report]!, files: [{ name: "IMG_2041.jpg", type: "image/jpeg", bytes: draw(sample, folder, "street", String(report)) }] }];
  })];
}

/** As a browser sends the form; waits and comes again as often as it is told to. */
async function send(drop: string, { words, files }: Sending): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const form = new FormData();
    if (words !== "") {
      form.append("message", words);
    }
    for (const { name, type, bytes } of files) {
      form.append("file", new Blob([bytes], { type }), name);
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
  /** Whether all that has arrived is folded. */
  isSettled(): boolean;
}

export async function flood(drop: string, sendings: readonly Sending[], { arrived, mayGoOn, isSettled }: Watcher): Promise<void> {
  const [first, ...left] = sendings;
  const waitUntil = async (fits: () => boolean) => {
    while (!fits()) {
      await new Promise((settle) => setTimeout(settle, PAUSE_MS));
    }
  };
  const sendOne = async (one: Sending) => {
    await send(drop, one);
    arrived(one.files.length, one.words !== "");
  };
  const sender = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      await waitUntil(mayGoOn);
      await sendOne(one);
    }
  };
  // What fans make of a clip comes when it has gone round.
  await sendOne(first!);
  await waitUntil(isSettled);
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

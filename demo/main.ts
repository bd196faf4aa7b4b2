// SPDX-License-Identifier: GPL-3.0-or-later
// The story that ./run demo tells: a flood arrives and folds, what is unique stays in sight, and a decision can be undone.
//   node demo/main.ts OILSKIN SAMPLE [--check[=SECONDS]]
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { Desk, type Row } from "./desk.ts";
import { FAN_FILES, flood, PER_FAN, plan, REPORTS, STAGES, STILLS } from "./flood.ts";
import { openPlace, type Place } from "./place.ts";
import { publish } from "./publish.ts";
import { reports } from "./reports.ts";
import { say, sayProgress, sayStep } from "./terminal.ts";

const ALL = FAN_FILES + REPORTS;
/** Until what has arrived is looked at and folded. */
const SETTLE_MS = 400_000;
/** From the beginning to the end of a story that is checked: three times what a busy machine with two cores took. */
const CHECK_SECONDS = 300;
/** For whoever watches the desk meanwhile. */
const WATCH_MS = 3000;
const POLL_MS = 400;
/** Each file is a row until it was looked at and folded. */
const ROWS_MOST = 250;
const ROWS_LOOKED_AT = 60;

const wait = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));
const number = (n: number): string => n.toLocaleString("en");

function must(holds: boolean, what: string): void {
  if (!holds) {
    throw new Error(`this does not hold: ${what}`);
  }
}

async function comeIn({ desk: origin, firstLink, recipient, reviewer: name, passphrase }: Place): Promise<Desk> {
  const desk = new Desk(origin);
  await desk.post("/api/first", { link: firstLink, name, passphrase, recipient });
  return desk;
}

/** Opens the desk's page with its key: an address for a browser of this machine. */
function linkOf({ desk, keyFile, reviewer, passphrase }: Place): string {
  const [key = ""] = /AGE-SECRET-KEY-1[A-Z0-9]+/.exec(readFileSync(keyFile, "latin1")) ?? [];
  return `${desk}/#demo=${[reviewer, passphrase, key].map(encodeURIComponent).join(".")}`;
}

const sum = (rows: readonly Row[]): number => rows.reduce((all, { count }) => all + count, 0);
const isSettled = (rows: readonly Row[], files: number): boolean => sum(rows) === files && rows.every(({ tier }) => tier !== null);

/** The terminal shows what the desk knows, while it grows. */
async function watchArrivals(place: Place & { readonly sample: string }, desk: Desk): Promise<Row[]> {
  let files = 0;
  let reports = 0;
  let rows = 0;
  let isSent = false;
  let settled = 0;
  const sending = flood(place.drop, plan(place.sample, place.folder), {
    arrived: (n, isReport) => {
      files += n;
      reports += isReport ? 1 : 0;
    },
    mayGoOn: () => rows < ROWS_MOST,
    isSettled: () => settled === files,
  }).then(() => {
    isSent = true;
  });
  const watching = async () => {
    for (let until = Infinity; Date.now() < until; await wait(POLL_MS)) {
      rows = (await desk.counts()).all;
      sayProgress(`${number(files)} of ${number(ALL)} files, ${reports} of ${REPORTS} reports; the desk has ${number(rows)} rows`);
      const here = files;
      const all = rows < ROWS_LOOKED_AT ? await desk.rows("all") : [];
      settled = isSettled(all, here) ? here : settled;
      if (isSent && isSettled(all, ALL)) {
        return all;
      }
      until = isSent && until === Infinity ? Date.now() + SETTLE_MS : until;
    }
    throw new Error("what arrived was not folded in time");
  };
  const [all] = await Promise.all([watching(), sending]);
  return all;
}

/** What `oilskin desk show` says of a submission, with the desk's key; the number of the report that it is. */
function showReport(place: Place, { representative }: Row): number {
  const { keyFile, desk, reviewer, loginFile } = place;
  const shown = place.run("desk", "show", representative.submission, "-i", keyFile, "--desk", desk, "--name", reviewer, "--login-file", loginFile);
  for (const line of shown.trimEnd().split("\n")) {
    say(`    ${line}`);
  }
  const report = reports.findIndex((words) => shown.includes(words));
  must(report >= 0, "its words are those that were sent");
  return report;
}

async function dismissAndUndo(desk: Desk, row: Row): Promise<void> {
  const before = await desk.counts();
  const operation = await desk.dismiss(row);
  const after = await desk.counts();
  must(after.new === before.new - 1 && after.dismissed === before.dismissed + 1, "one decision dismisses one row");
  sayStep(`4. Dismissed with one decision: the row of ${number(row.count)} copies. ${after.new} rows are left to look at.`);
  await wait(WATCH_MS);
  await desk.undo(operation);
  const undone = await desk.counts();
  must(undone.new === before.new && undone.dismissed === before.dismissed, "an undone dismissal is as if it had not been");
  say("   And undone: it is back, with all that is folded under it.");
}

async function tell(place: Place & { readonly sample: string }): Promise<void> {
  const begun = Date.now();
  const desk = await comeIn(place);
  sayStep("1. A drop and its desk are open on this machine. Open this in a browser here: it is the desk, with its key.");
  say(`   ${linkOf(place)}`);
  sayStep(`2. ${number(FAN_FILES)} clips of fans, and pictures of them, and ${REPORTS} honest reports arrive. Watch the desk's rows.`);
  const rows = await watchArrivals(place, desk);
  const flooded = rows.filter(({ has_words }) => !has_words).sort((a, b) => b.count - a.count);
  const clips = flooded.filter(({ media }) => media === "video");
  const stills = flooded.filter(({ media }) => media === "still");
  const unique = rows.filter(({ has_words }) => has_words);
  say(`   ${number(ALL)} files in ${Math.round((Date.now() - begun) / 1000)} seconds are ${rows.length} rows.`);
  for (const { count } of clips) {
    say(`   ${number(count).padStart(7)} copies of one clip: whole, cut, or made smaller`);
  }
  say(`   ${number(sum(stills)).padStart(7)} screenshots of them are ${stills.length} rows`);
  say(`   ${number(unique.length).padStart(7)} reports, each a row of its own: none is buried`);
  must(sum(clips) === FAN_FILES - STILLS && clips.length === STAGES, `${FAN_FILES - STILLS} copies of clips fold into ${STAGES} rows (they are ${clips.length})`);
  must(sum(stills) === STILLS && stills.length === STAGES, `${STILLS} screenshots fold into ${STAGES} rows (they are ${stills.length})`);
  must(unique.length === REPORTS && unique.every(({ count }) => count === 1), "each report is a row of its own");
  sayStep("3. The first unique item, opened with the desk's key:");
  const report = showReport(place, unique[0]!);
  await dismissAndUndo(desk, clips[0]!);
  const { album, areas } = await publish(place, desk, unique[0]!.representative.submission, report);
  sayStep(`5. Published: that report, with ${areas} faces covered. The desk looked at each byte of the copy again.`);
  say(`   ${album}`);
  say(`   ${Math.round((Date.now() - begun) / 1000)} seconds since the beginning.`);
}

/** How long it may take when nobody watches; null: somebody does. */
function readAsked(more: readonly string[]): number | null {
  const [, seconds] = /^--check(?:=(\d{1,6}))?$/.exec(more[0] ?? "--check") ?? [, "0"];
  if (more.length > 1 || seconds === "0") {
    throw new Error("usage: ./run demo [--check[=SECONDS]]");
  }
  return more.length === 0 ? null : Number(seconds ?? CHECK_SECONDS);
}

type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

const signalled = (): Promise<Signal> =>
  new Promise((settle) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => settle(signal));
    }
  });

/** Never settles before that. */
const lateAt = (end: number, seconds: number): Promise<never> =>
  new Promise((_, refuse) => setTimeout(() => refuse(new Error(`the story did not end within ${seconds} seconds`)), Math.max(0, end - Date.now())));

/** The exit code: what was asked to be checked and did not get to its end has failed, whoever ended it. */
async function main(): Promise<number> {
  const [oilskin = "", sample = "", ...more] = process.argv.slice(2);
  const seconds = readAsked(more);
  const end = Date.now() + (seconds ?? 0) * 1000;
  say("Everything that you see is drawn and made up. Keys of this demonstration are everybody's, and no real drop takes them.");
  const place = { ...(await openPlace(oilskin, PER_FAN)), sample };
  const ended = signalled();
  const told = tell(place).then(() => null);
  try {
    const signal = await Promise.race(seconds === null ? [told, ended] : [told, ended, lateAt(end, seconds)]);
    if (seconds !== null && signal !== null) {
      console.error(`demo: ${signal} ended it before its end`);
      return 128 + constants.signals[signal];
    }
    if (seconds === null) {
      say("");
      sayStep("It goes on until Ctrl-C; then all of it is deleted. The desk, with its key:");
      say(`   ${linkOf(place)}`);
      say(`The drop, as the public sees it: ${place.drop}/`);
      await ended;
    }
    return 0;
  } finally {
    await place.close();
  }
}

main().then(
  (code) => process.exit(code),
  (fault: unknown) => {
    console.error(`demo: ${fault instanceof Error ? fault.message : String(fault)}`);
    process.exit(1);
  },
);

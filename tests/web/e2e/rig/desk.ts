// SPDX-License-Identifier: GPL-3.0-or-later
// `oilskin serve` with a drop and a desk, on free loopback ports; its first admin; what people send it.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import type { Role } from "../../../../web/app/desk/api/types.ts";
import type { DeskWords } from "../../../../web/app/words/desk/catalogue.ts";
import { en } from "../../../../web/app/words/desk/en.ts";
import { axeComplaints } from "./axe.ts";
import { fresh, must } from "./native.ts";
import { dist, oilskin, pictures } from "./places.ts";
import { afterAll, check, checkAtEnd, same, Skip } from "./tap.ts";
import { LOOK } from "./walked.ts";

const START_LIMIT_MS = 30_000;
const PROGRAM = process.env["OILSKIN_CHROMIUM"] ?? "/usr/bin/chromium";
export const PASSPHRASE = "correct horse battery";
/** What a server that was asked to end may take for it, beside the tests that go on. */
const END_LIMIT_MS = 60_000;
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((terminal) => signalServer(terminal, "SIGKILL")));

/** Reaches the server itself: the terminal around it ends behind it, with the server's code. */
function signalServer(terminal: ChildProcess, signal: NodeJS.Signals): void {
  try {
    const servers = readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, "utf8");
    for (const server of servers.split(" ").filter((pid) => pid !== "")) process.kill(Number(server), signal);
  } catch {
    // It ended in between.
  }
}

/** How each server ended: nobody waits for it, but a crash or what a sanitizer has to say at its exit fails the suite. */
const endings: Promise<string>[] = [];

/** What was wrong with it; "" if it ended in peace. */
async function end(terminal: ChildProcess, said: readonly string[]): Promise<string> {
  if (terminal.exitCode === null && terminal.signalCode === null) {
    const gone = once(terminal, "exit");
    signalServer(terminal, "SIGTERM");
    const late = setTimeout(() => signalServer(terminal, "SIGKILL"), END_LIMIT_MS);
    await gone;
    clearTimeout(late);
  }
  running.delete(terminal);
  return terminal.exitCode === 0 ? "" : `a desk ended with ${terminal.exitCode ?? terminal.signalCode}: ${said.slice(-40).join("\n")}`;
}

checkAtEnd("the desk: every server ended in peace", async () => {
  same((await Promise.all(endings)).filter((fault) => fault !== ""), [], "servers that did not end in peace");
});

export interface Desk {
  /** Of the desk. */
  readonly origin: string;
  readonly drop: string;
  readonly data: string;
  /** The file of the desk's key, to which everything is sealed. */
  readonly key: string;
  /** What the first admin's link ends in. */
  readonly link: string;
  stop(): Promise<void>;
}

const SETTINGS = [
  "drop.operator=The Harbor Gazette",
  "drop.readers=Two editors of the Gazette",
  "drop.contact=tips@gazette.example",
  "drop.keep_days=90",
  "desk.listen=127.0.0.1:0",
  "server.metrics=127.0.0.1:0",
];

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** Starts it in a terminal of its own, since only there the first admin's link is shown. */
export async function openDesk(...settings: string[]): Promise<Desk> {
  const data = fresh("desk");
  const key = fresh("desk-key.txt");
  await must(oilskin, "keygen", "-o", key);
  const recipient = (await must(oilskin, "keygen", "-y", key)).trim();
  const words = [oilskin, "serve", "--listen", "127.0.0.1:0", "--data", data, "--recipient", recipient, "--pages", dist,
    ...[...SETTINGS, ...settings].flatMap((line) => ["--set", line])];
  const child = spawn("script", ["-qec", `exec ${words.map(quoted).join(" ")}`, "/dev/null"], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const said: string[] = [];
  const found: Record<string, string> = {};
  await new Promise<void>((settle, refuse) => {
    const late = setTimeout(() => refuse(new Error(`oilskin serve is not there: ${said.join(" | ")}`)), START_LIMIT_MS);
    const read = (line: string) => {
      said.push(line);
      const drop = /The drop is at (http:\/\/[\w.:]+)/.exec(line)?.[1];
      const desk = /The desk is at (http:\/\/[\w.:]+)/.exec(line)?.[1];
      const link = /#first=([0-9a-f]{32})/.exec(line)?.[1];
      Object.assign(found, drop && { drop }, desk && { desk }, link && { link });
      if (/Not opened yet/.test(line)) must(oilskin, "desk", "open", data, key).catch(refuse);
      if (/Figures are at/.test(line)) {
        clearTimeout(late);
        settle();
      }
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
    child.once("exit", (code) => refuse(new Error(`oilskin serve ended with ${code}: ${said.join(" | ")}`)));
  });
  const { drop, desk, link } = found;
  check(drop !== undefined && desk !== undefined && link !== undefined, `it did not say where it is: ${said.join(" | ")}`);
  return {
    origin: desk,
    drop,
    data,
    key,
    link,
    async stop() {
      endings.push(end(child, said));
      await Promise.resolve();
    },
  };
}

/** Sends words and files as the drop's form does without its script; the eight words of the receipt. */
export async function send(desk: Pick<Desk, "drop">, message: string, ...files: string[]): Promise<string> {
  const form = new FormData();
  if (message !== "") form.append("message", message);
  for (const file of files) form.append("file", new Blob([readFileSync(file)]), basename(file));
  const answer = await fetch(`${desk.drop}/submit`, { method: "POST", body: form });
  const page = await answer.text();
  check(answer.status === 200, `the drop answered ${answer.status}: ${page.slice(0, 400)}`);
  const words = /class="words"[^>]*>(.*?)<\/ol>/s.exec(page)?.[1] ?? "";
  return [...words.matchAll(/<li[^>]*>([^<]+)<\/li>/g)].map(([, word = ""]) => word.trim()).join(" ");
}

/** Sends one file in as many requests as it has pieces, as the drop's form does over a bad line. */
export async function sendPieces(desk: Pick<Desk, "drop">, pieces: readonly Buffer[], metadata: Readonly<Record<string, string>>): Promise<void> {
  const ask = async (path: string, method: string, headers: Record<string, string>, body?: BodyInit) => {
    const answer = await fetch(new URL(path, desk.drop), { method, headers: { "Tus-Resumable": "1.0.0", ...headers }, ...(body === undefined ? {} : { body }) });
    check(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer;
  };
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const pairs = Object.entries({ attach: "yes", ...metadata }).map(([name, value]) => `${name} ${Buffer.from(value).toString("base64")}`);
  const made = await ask("/uploads/", "POST", { "Upload-Length": String(length), "Upload-Metadata": pairs.join(",") });
  const address = made.headers.get("location") ?? "";
  let at = 0;
  for (const piece of pieces) {
    await ask(address, "PATCH", { "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" }, new Uint8Array(piece));
    at += piece.length;
  }
  await ask("/api/submissions", "POST", { "Content-Type": "application/json" }, JSON.stringify({ uploads: [address] }));
}

/** A key of a reviewer's own: its file, and what things are sealed to. */
export async function makeKey(): Promise<{ file: string; recipient: string }> {
  const file = fresh("reviewer-key.txt");
  await must(oilskin, "keygen", "-o", file);
  return { file, recipient: (await must(oilskin, "keygen", "-y", file)).trim() };
}

/** The first admin, made by the API as the page would. */
export async function makeAdmin(desk: Desk, name = "anna"): Promise<{ file: string; recipient: string }> {
  const key = await makeKey();
  const answer = await fetch(`${desk.origin}/api/first`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: desk.origin },
    body: JSON.stringify({ link: desk.link, name, passphrase: PASSPHRASE, recipient: key.recipient }),
  });
  check(answer.status === 200, `the first admin: ${answer.status} ${await answer.text()}`);
  return key;
}

export type Session = (path: string, value?: object) => Promise<Record<string, unknown>>;

/** A session at the desk without a page: asks for `path`, or with a value posts it there, a file as it is; the answer. */
function caller(desk: Pick<Desk, "origin">): Session {
  let headers: Record<string, string> = { Origin: desk.origin };
  return async (path, value) => {
    const [type, body] = value instanceof Blob ? ["application/octet-stream", value] : ["application/json", JSON.stringify(value)];
    const answer = await fetch(desk.origin + path, { headers: { ...headers, "Content-Type": type }, ...(body === undefined ? {} : { method: "POST", body }) });
    check(answer.status === 200, `${path}: ${answer.status} ${answer.status === 200 ? "" : await answer.clone().text()}`);
    const cookie = answer.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    const said = (await answer.json()) as Record<string, unknown>;
    headers = { ...headers, ...(cookie === "" ? {} : { Cookie: cookie }), ...(typeof said["token"] === "string" ? { "Oilskin-Token": said["token"] } : {}) };
    return said;
  };
}

/** The same, of somebody who is logged in. */
export async function sessionOf(desk: Pick<Desk, "origin">, name = "anna"): Promise<Session> {
  const session = caller(desk);
  await session("/api/login", { name, passphrase: PASSPHRASE });
  return session;
}

/** Another reviewer, invited by the admin and come in by the link, with a key of their own. */
export async function inviteReviewer(desk: Desk, name: string, role: Role = "reviewer"): Promise<{ file: string; recipient: string }> {
  const key = await makeKey();
  const admin = await sessionOf(desk);
  const { link } = await admin("/api/reviewers", { do: "invite", role });
  await caller(desk)("/api/join", { link, name, passphrase: PASSPHRASE, recipient: key.recipient });
  return key;
}

/** Tells how many rows are new to anna: what was not folded yet is one each. */
export async function countRows(desk: Desk): Promise<() => Promise<number>> {
  const anna = await sessionOf(desk);
  return async () => ((await anna("/api/queue"))["counts"] as { new: number }).new;
}

/* ---- browsers ---- */

const browser = () => {
  if (!existsSync(PROGRAM)) throw new Skip("Chromium is not installed (apt-get install chromium)");
  const starting = chromium.launch({ executablePath: PROGRAM, headless: true, chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  afterAll(async () => (await starting).close());
  return starting;
};
let shared: ReturnType<typeof browser> | undefined;

export interface DeskVisit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Exceptions, and errors of the console; what the server refuses is none. */
  readonly errors: string[];
  readonly requests: string[];
}

/** A visit that must end without an error; a failure leaves a screenshot. */
export async function visitDesk(desk: Pick<Desk, "origin">, run: (visit: DeskVisit) => Promise<void>, how: BrowserContextOptions = {}, path = "/"): Promise<void> {
  shared ??= browser();
  const context = await (await shared).newContext({ locale: "en-GB", viewport: { width: 1280, height: 860 }, ...how });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  context.on("request", (request) => requests.push(`${request.method()} ${request.url()}`));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of (400|401|403|404|409|422|429|503)/.test(message.text())) errors.push(message.text());
  });
  try {
    await page.goto(desk.origin + path);
    await run({ context, page, errors, requests });
    same(errors, [], "errors in the console");
    same(requests.filter((line) => !/^\w+ blob:/.test(line) && !line.includes(desk.origin)), [], "requests to others");
  } catch (cause) {
    mkdirSync(pictures, { recursive: true });
    const shot = join(pictures, `failed-${Date.now()}.png`);
    await page.screenshot({ path: shot }).catch(() => undefined);
    if (cause instanceof Error) cause.message += ` [${shot}] [console: ${errors.join(" | ")}]`;
    throw cause;
  } finally {
    await context.close().catch(() => undefined);
  }
}

/** @param words of the page's language. */
export async function signIn(page: Page, name = "anna", { signIn: text, nav }: Pick<DeskWords, "signIn" | "nav"> = en): Promise<void> {
  await page.getByLabel(text.name, { exact: true }).fill(name);
  await page.getByLabel(text.passphrase, { exact: true }).fill(PASSPHRASE);
  await page.getByRole("button", { name: text.go, exact: true }).click();
  await page.getByRole("button", { name: nav.signOut, exact: true }).waitFor();
}

/** Loads a key file that no passphrase protects. */
export async function loadKey(page: Page, file: string, { key, nav }: Pick<DeskWords, "key" | "nav"> = en): Promise<void> {
  await page.getByRole("link", { name: nav.loadKey, exact: true }).click();
  await page.getByLabel(key.file, { exact: true }).setInputFiles(file);
  await page.getByRole("button", { name: key.load, exact: true }).click();
  await page.getByRole("link", { name: nav.keyLoaded, exact: true }).waitFor();
}

/* ---- for everyone ---- */

/** What axe-core has to say of the page as it stands; a page that is wider than its window, too. OILSKIN_E2E_LOOK=DIR keeps a
 * screenshot by the name of the state. */
export async function complaints(page: Page, state: string): Promise<string[]> {
  if (LOOK !== undefined) await page.screenshot({ path: join(LOOK, `${state}.png`) });
  return axeComplaints(page, state);
}

/** The two looks in which each page is tried. */
export const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  "desktop-light": { colorScheme: "light" },
  "phone-dark": { colorScheme: "dark", viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
};

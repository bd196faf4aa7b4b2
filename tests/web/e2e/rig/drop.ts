// SPDX-License-Identifier: GPL-3.0-or-later
// `oilskin serve` on a free loopback port, with a folder and a desk's key of its own, and what that desk would find.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { fixture } from "./fixtures.ts";
import { fresh, must } from "./native.ts";
import { dist, oilskin } from "./places.ts";
import { afterAll, Skip } from "./tap.ts";

const START_LIMIT_MS = 20_000;
const PROGRAM = process.env["OILSKIN_CHROMIUM"] ?? "/usr/bin/chromium";
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

export interface Drop {
  readonly origin: string;
  /** The file of the desk's key. */
  readonly key: string;
  /** The folder that it keeps everything in. */
  readonly data: string;
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Again, at the same address, with the same folder. */
  start(): Promise<void>;
  /** What the desk's key opens of all that is stored. */
  opened(): Promise<Buffer[]>;
}

const SETTINGS = [
  "drop.operator=The Harbor Gazette",
  "drop.readers=Two editors of the Gazette",
  "drop.contact=tips@gazette.example",
  "drop.keep_days=90",
];

/** A drop stays closed until its desk's key has opened something: `open` does that. */
async function spawnServer(words: string[], open: () => Promise<unknown>): Promise<{ child: ChildProcess; origin: string }> {
  const child = spawn(oilskin, ["serve", ...words], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const said: string[] = [];
  const origin = await new Promise<string>((settle, refuse) => {
    const late = setTimeout(() => refuse(new Error(`no address from oilskin serve: ${said.join(" | ")}`)), START_LIMIT_MS);
    const read = (line: string) => {
      said.push(line);
      const found = /drop is at (http:\/\/(?:127\.0\.0\.1|localhost):\d+)/.exec(line);
      if (found?.[1] !== undefined) {
        clearTimeout(late);
        settle(found[1]);
      }
      if (/Not opened yet/.test(line)) open().catch(refuse);
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
    child.once("exit", (code) => refuse(new Error(`oilskin serve ended with ${code}: ${said.join(" | ")}`)));
  });
  return { child, origin };
}

/** @param settings lines of the configuration. */
export async function openDrop(...settings: string[]): Promise<Drop> {
  const data = fresh("drop");
  const key = fresh("key.txt");
  await must(oilskin, "keygen", "-o", key);
  const recipient = (await must(oilskin, "keygen", "-y", key)).trim();
  const words = (listen: string) => [
    ...["--listen", listen, "--data", data, "--recipient", recipient, "--pages", dist],
    ...[...SETTINGS, ...settings].flatMap((line) => ["--set", line]),
  ];
  const open = () => must(oilskin, "desk", "open", data, key);
  let { child, origin } = await spawnServer(words("127.0.0.1:0"), open);
  const listen = new URL(origin).host.replace("localhost", "127.0.0.1");
  return {
    origin,
    key,
    data,
    async stop(signal = "SIGTERM") {
      running.delete(child);
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, "exit");
        child.kill(signal);
        await gone;
      }
    },
    async start() {
      ({ child } = await spawnServer(words(listen), open));
    },
    async opened() {
      const blobs = join(data, "blobs");
      const files = readdirSync(blobs, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      return Promise.all(
        files.map(async (entry) => {
          const out = fresh("blob");
          await must(oilskin, "unseal", "-i", key, join(entry.parentPath, entry.name), "-o", out);
          return readFileSync(out);
        }),
      );
    },
  };
}

let common: Promise<Drop> | undefined;

/** One for all tests that neither stop it nor look into it. */
export function sharedDrop(): Promise<Drop> {
  if (common === undefined) {
    const opening = openDrop();
    common = opening;
    afterAll(async () => (await opening).stop());
  }
  return common;
}

/** A photo that says where, when and by whom it was taken. */
export const OWNER = "Oilskin-Planted-Owner-51c9";
export async function placedPhoto(): Promise<string> {
  const photo = fresh("placed.jpg");
  await must("convert", await fixture("photo.jpg"), "-strip", photo);
  await must("exiftool", "-q", "-overwrite_original", "-GPSLatitude=44.97", "-GPSLatitudeRef=N", "-GPSLongitude=93.26",
    "-GPSLongitudeRef=W", "-DateTimeOriginal=2020:05:30 14:32:00", `-Artist=${OWNER}`, `-XMP-dc:Creator=${OWNER}`, photo);
  return photo;
}

/** Whether any of these says where or by whom. */
export function saysWhere(files: readonly Buffer[]): boolean {
  return files.some((file) => file.includes(OWNER) || file.includes("2020:05:30"));
}

export interface DropVisit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly errors: string[];
}

const browser = () => {
  if (!existsSync(PROGRAM)) throw new Skip("Chromium is not installed (apt-get install chromium)");
  const starting = chromium.launch({ executablePath: PROGRAM, headless: true, chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  afterAll(async () => (await starting).close());
  return starting;
};
let shared: ReturnType<typeof browser> | undefined;

export async function enter(drop: Pick<Drop, "origin">, how: BrowserContextOptions = {}, path = "/"): Promise<DropVisit> {
  shared ??= browser();
  const context = await (await shared).newContext({ locale: "en-GB", viewport: { width: 1100, height: 900 }, ...how });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(drop.origin + path);
  return { context, page, errors };
}

export interface Wire {
  /** The same drop. */
  readonly origin: string;
  /** What browsers have sent, byte for byte. */
  sent(): Buffer;
  cut(): void;
}

/** A wire between a browser and the drop that keeps what goes to the server. */
export async function listenIn(drop: Drop): Promise<Wire> {
  const pieces: Buffer[] = [];
  const port = Number(new URL(drop.origin).port);
  const server = createServer((browser) => {
    const there = connect(port, "127.0.0.1");
    browser.on("data", (piece) => pieces.push(piece));
    browser.pipe(there).pipe(browser);
    browser.on("error", () => there.destroy());
    there.on("error", () => browser.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => Buffer.concat(pieces),
    cut: () => server.close(),
  };
}

/** The eight words on the page. */
export async function wordsOf(page: Page): Promise<string> {
  return (await page.locator(".words li").allTextContents()).join(" ");
}

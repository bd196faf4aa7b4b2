// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium as a person has it: nothing of another visit, every request noted.
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { pictures, scratch } from "./places.ts";
import { shareSheet, watchPage } from "./page_hooks.ts";
import { sharedServer, type Server } from "./server.ts";
import { afterAll, check, same, Skip } from "./tap.ts";

const PROGRAM = process.env["OILSKIN_CHROMIUM"] ?? "/usr/bin/chromium";
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync"];
/** Longest that the studio may take for one step on a slow machine. */
export const STEP_LIMIT_MS = Number(process.env["OILSKIN_E2E_STEP_MS"] ?? 60_000);

export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Shared with other tests, which is why it can not be stopped from here. */
  server: Omit<Server, "stop">;
  /** The profile's folder; "" where it was not asked for. */
  profile: string;
  /** Every request since the browser began, in order. */
  requests: string[];
  /** What the page wrote to its console as an error, and what it threw. */
  errors: string[];
}

export interface How {
  device?: "desktop" | "phone" | "narrow";
  canvas?: "noise" | "throw";
  options?: BrowserContextOptions;
  init?: (() => void)[];
  /** One that the test stops; else all share one. */
  server?: Server;
  /** A browser of its own with a profile on the disk, for tests that look at its processes or its files. */
  ownProfile?: boolean;
}

const DEVICES: Record<NonNullable<How["device"]>, BrowserContextOptions> = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 393, height: 727 }, deviceScaleFactor: 2.75, isMobile: true, hasTouch: true },
  narrow: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

const LAUNCH = { executablePath: PROGRAM, headless: true, chromiumSandbox: process.getuid?.() !== 0, args: QUIET };
let shared: Promise<Browser> | undefined;

/** One browser for all visits that look at nothing outside the page: it starts once. */
async function sharedBrowser(): Promise<Browser> {
  if (shared && !(await shared).isConnected()) shared = undefined;
  if (!shared) {
    const starting = chromium.launch(LAUNCH);
    shared = starting;
    afterAll(async () => (await starting).close());
  }
  return shared;
}

export async function open(how: How = {}): Promise<Visit> {
  if (!existsSync(PROGRAM)) throw new Skip("Chromium is not installed (apt-get install chromium)");
  const server = how.server ?? (await sharedServer());
  const profile = how.ownProfile ? mkdtempSync(join(scratch, "profile-")) : "";
  const person = { acceptDownloads: true, locale: "en-GB", ...DEVICES[how.device ?? "desktop"], ...how.options };
  const context = how.ownProfile
    ? await chromium.launchPersistentContext(profile, { ...LAUNCH, ...person })
    : await (await sharedBrowser()).newContext(person);
  const requests: string[] = [];
  const errors: string[] = [];
  context.on("request", (request) => requests.push(`${request.method()} ${request.url()}`));
  context.setDefaultTimeout(STEP_LIMIT_MS);
  await context.addInitScript(watchPage, how.canvas ?? "noise");
  await context.addInitScript(shareSheet);
  for (const script of how.init ?? []) await context.addInitScript(script);
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(server.studio);
  return { page, context, server, profile, requests, errors };
}

/** A visit that leaves nothing behind; a failure leaves a screenshot. */
export async function visit(how: How, run: (visit: Visit) => Promise<void>): Promise<void> {
  const there = await open(how);
  try {
    await run(there);
    const policy = await there.page.evaluate(() => window.oilskinTest.policyErrors).catch(() => []);
    same(policy, [], "what the page's policy refused");
    same(there.errors, [], "errors in the console");
  } catch (cause) {
    mkdirSync(pictures, { recursive: true });
    const shot = join(pictures, `failed-${Date.now()}.png`);
    await there.page.screenshot({ path: shot }).catch(() => undefined);
    if (cause instanceof Error) cause.message += ` [${shot}] [console: ${there.errors.join(" | ")}]`;
    throw cause;
  } finally {
    await there.context.close().catch(() => undefined);
  }
}

/** Nobody else was asked for anything, and nothing was sent. */
export function onlyItself({ requests, server }: Visit): void {
  const strange = requests.filter((line) => !/^GET (blob:)?http/.test(line) || !line.includes(server.origin));
  same(strange, [], "requests to others, or that send");
  check(requests.length > 0, "no request was noted");
}

/** Waits until nothing moves any more, and what was changed has been painted. */
export async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map((one) => one.finished));
    for (let frame = 0; frame < 2; frame++) await new Promise((settle) => requestAnimationFrame(settle));
  });
}

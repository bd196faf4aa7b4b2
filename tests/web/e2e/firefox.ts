// SPDX-License-Identifier: GPL-3.0-or-later
// Open, cover, save in Debian's Firefox ESR by WebDriver BiDi: with WebAssembly on and off, with and without a server.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { extname, join } from "node:path";
import { launch, type Browser, type Page } from "puppeteer-core";
import { isFit, sameBytes } from "./rig/copies.ts";
import { fixture } from "./rig/fixtures.ts";
import { redacted } from "./rig/native.ts";
import { scratch } from "./rig/places.ts";
import { PlainStudio, type Driver } from "./rig/plain.ts";
import { serve, sharedServer, type Server } from "./rig/server.ts";
import { offlineReady, watchPage } from "./rig/page_hooks.ts";
import type { Copy } from "./rig/studio.ts";
import { afterAll, check, same, Skip, test } from "./rig/tap.ts";

const PROGRAM = process.env["OILSKIN_FIREFOX"] ?? "/usr/bin/firefox-esr";

/** A Firefox and the folder that it saves to; one test has it at a time. */
interface Station {
  browser: Browser;
  folder: string;
}

interface Visit {
  page: Page;
  studio: PlainStudio;
  server: Server;
  /** Requests to others than the server. */
  strange: string[];
  /** Waits for the one file that the browser saves. */
  saved(): Promise<Copy>;
}

const free = { with: [] as Station[], without: [] as Station[] };

async function start(wasm: boolean): Promise<Station> {
  const folder = mkdtempSync(join(scratch, "firefox-"));
  const browser = await launch({
    browser: "firefox",
    executablePath: PROGRAM,
    headless: true,
    // By the window's size: what puppeteer does besides a viewport, an older Firefox ESR of Debian's does not know.
    defaultViewport: null,
    args: ["--width", "1100", "--height", "900"],
    extraPrefsFirefox: {
      "javascript.options.wasm": wasm,
      "privacy.resistFingerprinting": !wasm,
      "intl.accept_languages": "en-US, en",
      "browser.download.folderList": 2,
      "browser.download.dir": folder,
      "browser.download.useDownloadDir": true,
      "browser.download.always_ask_before_handling_new_types": false,
      "browser.download.alwaysOpenPanel": false,
      "browser.helperApps.neverAsk.saveToDisk": "image/jpeg,image/png,image/webp",
    },
  });
  afterAll(() => browser.close());
  return { browser, folder };
}

const driverOf = (page: Page): Driver => ({
  evaluate: (expression) => page.evaluate(expression),
  click: ({ x, y }) => page.mouse.click(x, y),
  async drag(from, to) {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
    await page.mouse.move(to.x, to.y);
    await page.mouse.up();
  },
  async give(path) {
    const input = await page.waitForSelector("input[type=file]");
    check(input, "the page has no file input");
    await input.uploadFile(path);
  },
});

/** A visit without anything of another; a browser that failed is not used again. */
async function visit(wasm: boolean, server: Server, run: (visit: Visit) => Promise<void>): Promise<void> {
  if (!existsSync(PROGRAM)) throw new Skip("Firefox ESR is not installed (apt-get install firefox-esr)");
  const waiting = wasm ? free.with : free.without;
  const station = waiting.pop() ?? (await start(wasm));
  const { browser, folder } = station;
  const person = await browser.createBrowserContext();
  const page = await person.newPage();
  await page.evaluateOnNewDocument(`(${watchPage.toString()})("noise")`);
  const strange: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(server.origin) && !/^(blob|about):/.test(request.url())) strange.push(request.url());
  });
  await page.goto(server.studio);
  same(await page.evaluate(() => typeof WebAssembly), wasm ? "object" : "undefined", "WebAssembly");
  const studio = new PlainStudio(driverOf(page));
  const saved = async () => {
    const name = await studio.until("the download", async () => {
      const [first = "", ...more] = readdirSync(folder);
      return first !== "" && more.length === 0 && !first.endsWith(".part") && readFileSync(join(folder, first)).length > 0 ? first : null;
    });
    const path = join(folder, name);
    return { path, name, bytes: readFileSync(path) };
  };
  await run({ page, studio, server, strange, saved });
  same(await page.evaluate(() => window.oilskinTest.canvasReads), [], "canvas read-back");
  same(await page.evaluate(() => window.oilskinTest.policyErrors), [], "what the page's policy refused");
  same(strange, [], "requests to others");
  await person.close();
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  waiting.push(station);
}

async function coversToTheBytes({ studio, saved }: Visit, name: string): Promise<void> {
  const file = await fixture(name);
  const extension = extname(name).slice(1);
  await studio.openCoverSave(file);
  const copy = await saved();
  await isFit(copy, extension);
  sameBytes(copy.bytes, await redacted(file, extension, await studio.lastRegions()), name);
}

test("Firefox covers photo.heic, which becomes another format, and says so", async () =>
  visit(true, await sharedServer(), async ({ page, studio, saved }) => {
    await studio.openCoverSave(await fixture("photo.heic"));
    const copy = await saved();
    await isFit(copy, "jpg");
    check(/converted/i.test(String(await page.evaluate(() => document.body.innerText))), "the page does not say that it was converted");
  }));

for (const wasm of [true, false]) {
  const how = wasm ? "with WebAssembly" : "without WebAssembly, fingerprinting resisted";
  for (const name of ["photo.jpg", "photo.png", "photo.webp"]) {
    test(`Firefox covers ${name} ${how} to the bytes of the command line`, async () =>
      visit(wasm, await sharedServer(), (there) => coversToTheBytes(there, name)));
  }

  test(`Firefox works offline after the first visit ${how}: open, cover, save`, async () => {
    const server = await serve();
    try {
      await visit(wasm, server, async (there) => {
        const { page } = there;
        await page.evaluate(offlineReady);
        await server.stop();
        const answer = await fetch(server.studio).catch(() => null);
        check(answer === null, "the server still answers");
        await page.reload();
        await coversToTheBytes(there, "photo.jpg");
      });
    } finally {
      await server.stop();
    }
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Open, cover, save in Debian's Firefox ESR by WebDriver BiDi, with WebAssembly on and off.
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { launch } from "puppeteer-core";
import { isFit, sameBytes } from "./rig/copies.ts";
import { fixture } from "./rig/fixtures.ts";
import { redacted } from "./rig/native.ts";
import { scratch } from "./rig/places.ts";
import { PlainStudio, type Driver } from "./rig/plain.ts";
import { serve } from "./rig/server.ts";
import { watchPage } from "./rig/page_hooks.ts";
import { check, same, Skip, test } from "./rig/tap.ts";

const PROGRAM = process.env["OILSKIN_FIREFOX"] ?? "/usr/bin/firefox-esr";

async function walk(name: string, extension: string, wasm: boolean): Promise<void> {
  if (!existsSync(PROGRAM)) throw new Skip("Firefox ESR is not installed (apt-get install firefox-esr)");
  const file = await fixture(name);
  const folder = mkdtempSync(join(scratch, "firefox-"));
  const server = await serve();
  const browser = await launch({
    browser: "firefox",
    executablePath: PROGRAM,
    headless: true,
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
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1100, height: 800 });
    await page.evaluateOnNewDocument(`(${watchPage.toString()})("noise")`);
    const strange: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(server.origin) && !/^(blob|about):/.test(request.url())) strange.push(request.url());
    });
    await page.goto(server.studio);
    same(await page.evaluate(() => typeof WebAssembly), wasm ? "object" : "undefined", "WebAssembly");
    const driver: Driver = {
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
    };
    const studio = new PlainStudio(driver);
    await studio.openCoverSave(file);
    const saved = await studio.until("the download", async () => {
      const names = readdirSync(folder);
      return names.length === 1 && !names[0]?.endsWith(".part") && readFileSync(join(folder, names[0] ?? "")).length > 0 ? (names[0] ?? null) : null;
    });
    const path = join(folder, saved);
    const copy = { path, name: saved, bytes: readFileSync(path) };
    await isFit(copy, extension);
    sameBytes(copy.bytes, await redacted(file, extension, await studio.lastRegions()), name);
    same(await page.evaluate(() => window.oilskinTest.canvasReads), [], "canvas read-back");
    same(strange, [], "requests to others");
  } finally {
    await browser.close();
    await server.stop();
  }
}

for (const wasm of [true, false]) {
  for (const [name, extension] of [["photo.jpg", "jpg"], ["photo.png", "png"], ["photo.webp", "webp"]] as const) {
    test(`Firefox covers ${name} ${wasm ? "with WebAssembly" : "without WebAssembly, fingerprinting resisted"} to the bytes of the command line`, () =>
      walk(name, extension, wasm));
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// After the first visit there need be no server; a new version comes whole or not at all.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fixture } from "../rig/fixtures.ts";
import { isFit, sameBytes } from "../rig/copies.ts";
import { atRest, open, visit } from "../rig/chromium.ts";
import { must, redacted } from "../rig/native.ts";
import { offlineReady } from "../rig/page_hooks.ts";
import { dist, root, scratch } from "../rig/places.ts";
import { serve } from "../rig/server.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, same, test } from "../rig/tap.ts";
import type { Page } from "playwright-core";

const caches = (page: Page) => page.evaluate(async () => (await window.caches.keys()).sort());

test("works offline after the first visit: open, cover, save", async () => {
  const file = await fixture("photo.jpg");
  const server = await serve();
  await visit({ server, device: "phone" }, async ({ page, context }) => {
    same(await page.evaluate(offlineReady), server.studio, "scope of the service worker");
    await server.stop();
    await context.setOffline(true);
    await page.reload();
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await studio.coverBox("touch");
    const copy = await studio.save();
    await isFit(copy, "jpg");
    sameBytes(copy.bytes, await redacted(file, "jpg", await studio.lastRegions()), "covered offline");
  });
});

test("each format is scrubbed offline: everything that the core needs was fetched before", async () => {
  const server = await serve();
  await visit({ server }, async ({ page, context }) => {
    await page.evaluate(offlineReady);
    await server.stop();
    await context.setOffline(true);
    for (const name of ["photo.png", "photo.webp", "photo.heic", "video.mp4"]) {
      await page.reload();
      const studio = new Studio(page);
      await studio.open(await fixture(name));
      await isFit(await studio.save(), name.split(".")[1] ?? "");
    }
  });
});

test("nothing but the app's own files is stored", async () => {
  const file = await fixture("photo.jpg");
  await visit({}, async ({ page, context }) => {
    await page.evaluate(offlineReady);
    const studio = new Studio(page);
    await studio.open(file);
    await studio.save();
    const stored = await page.evaluate(async () => {
      const addresses: string[] = [];
      for (const name of await window.caches.keys()) {
        const cache = await window.caches.open(name);
        addresses.push(...(await cache.keys()).map((request) => new URL(request.url).pathname));
      }
      const databases = (await indexedDB.databases()).map(({ name }) => name);
      return { addresses, databases, local: localStorage.length, session: sessionStorage.length, cookie: document.cookie };
    });
    const { addresses, ...rest } = stored;
    same(rest, { databases: [], local: 0, session: 0, cookie: "" }, "storage");
    same(await context.cookies(), [], "cookies");
    check(addresses.every((path) => path.startsWith("/studio/")), `stored: ${addresses.join(" ")}`);
    const bundle = JSON.parse(readFileSync(join(dist, "bundle.json"), "utf8")) as { files: { path: string }[] };
    const known = new Set(["/studio/", "/studio/bundle.json", ...bundle.files.map(({ path }) => `/studio/${path}`)]);
    same(addresses.filter((path) => !known.has(path)), [], "stored and not of the build");
  });
});

/** Another version of the pages: the same build, with one more rule in its style and the lists made anew. */
async function nextVersion(): Promise<string> {
  const folder = mkdtempSync(join(scratch, "next-"));
  cpSync(dist, folder, { recursive: true });
  const assets = join(folder, "assets");
  const sheet = readdirSync(assets).find((name) => name.endsWith(".css"));
  check(sheet, "the build has no style");
  writeFileSync(join(assets, sheet), `${readFileSync(join(assets, sheet), "utf8")}\n.next-version{color:inherit}\n`);
  await must(process.execPath, join(root, "web/bundle/make.ts"), folder);
  return folder;
}

const hasNext = (page: Page) =>
  page.evaluate(() => [...document.styleSheets].some((sheet) => [...sheet.cssRules].some((rule) => rule.cssText.includes("next-version"))));

test("a new version waits, is offered, and is applied when the person says so", async () => {
  const next = await nextVersion();
  let server = await serve();
  const { listen } = server;
  const there = await open({ server });
  try {
    const { page } = there;
    await page.evaluate(offlineReady);
    const before = await caches(page);
    await server.stop();
    server = await serve(next, listen);
    await page.reload();
    check(!(await hasNext(page)), "the new version was half-applied by a reload");
    await page.getByText(en.device.update).first().waitFor();
    check(!(await hasNext(page)), "the new version was applied without being asked");
    // Its files would vanish beneath another tab.
    const other = await there.context.newPage();
    await other.goto(server.studio);
    await new Studio(other).ready();
    await new Studio(page).press(en.device.updateNow);
    await page.getByText(en.device.updateTabs).first().waitFor();
    const kept = await caches(page);
    check(before.every((name) => kept.includes(name)), "the cache of the old version is gone");
    check(!(await hasNext(page)), "the new version was applied beneath another tab");
    await other.close();
    await new Studio(page).press(en.device.updateNow);
    await page.waitForFunction(() =>
      [...document.styleSheets].some((sheet) => [...sheet.cssRules].some((rule) => rule.cssText.includes("next-version"))));
    await new Studio(page).ready();
    const after = await caches(page);
    check(after.length === before.length && after[0] !== before[0], `caches: ${before.join()} then ${after.join()}`);
  } finally {
    await there.context.close();
    await server.stop();
  }
});

for (const harm of ["missing", "altered"] as const) {
  test(`a new version with an asset that is ${harm} leaves the old one in place`, async () => {
    const next = await nextVersion();
    const assets = join(next, "assets");
    const victim = readdirSync(assets).find((name) => name.endsWith(".wasm")) ?? readdirSync(assets).find((name) => name.endsWith(".js"));
    check(victim, "the build has no asset");
    if (harm === "missing") rmSync(join(assets, victim));
    else writeFileSync(join(assets, victim), Buffer.concat([readFileSync(join(assets, victim)), Buffer.from("\n")]));
    let server = await serve();
    const { listen } = server;
    const there = await open({ server });
    try {
      const { page, context } = there;
      await page.evaluate(offlineReady);
      const before = await caches(page);
      await server.stop();
      server = await serve(next, listen);
      await page.reload();
      const end = await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        await registration.update().catch(() => undefined);
        const coming = registration.installing;
        const isOver = () => coming?.state !== "installing";
        if (coming && !isOver()) await new Promise<void>((settle) => coming.addEventListener("statechange", () => isOver() && settle()));
        return coming?.state ?? "gone";
      });
      check(end === "redundant" || end === "gone", `the broken version is ${end}`);
      await atRest(page);
      same(await page.getByText(en.device.update).count(), 0, "offers of the broken version");
      same(await caches(page), before, "caches");
      await server.stop();
      await context.setOffline(true);
      await page.reload();
      await new Studio(page).open(await fixture("photo.jpg"));
      check(!(await hasNext(page)), "a part of the broken version is shown");
    } finally {
      await there.context.close();
      await server.stop();
    }
  });
}

test("removing Oilskin from the device leaves no cache and no worker", async () => {
  await visit({}, async ({ page }) => {
    await page.evaluate(offlineReady);
    await page.evaluate(() => window.caches.open("of another page"));
    const studio = new Studio(page);
    await studio.press(en.device.remove);
    await page.getByText(en.device.removeText).first().waitFor();
    await studio.press(en.device.removeNow);
    await page.getByText(en.device.removed).first().waitFor();
    same(await caches(page), ["of another page"], "caches");
    same(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0, "service workers");
  });
});

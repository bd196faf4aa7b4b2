// SPDX-License-Identifier: GPL-3.0-or-later
// Open, cover, save: each format, on a desktop and on a phone, against the command line.
import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import { fixture } from "../rig/fixtures.ts";
import { isFit, sameBytes } from "../rig/copies.ts";
import { onlyItself, visit, type How } from "../rig/chromium.ts";
import { redacted, scrubbed } from "../rig/native.ts";
import { Studio, en, type Copy } from "../rig/studio.ts";
import { same, check, test } from "../rig/tap.ts";

/** Formats that are covered in their own kind. */
const COVERED = { "photo.jpg": "jpg", "photo.png": "png", "photo.webp": "webp", "lossy.webp": "webp", "photo.bmp": "bmp" };
/** Formats that are scrubbed. */
const SCRUBBED = {
  "photo.jpg": "jpg", "photo.png": "png", "photo.webp": "webp", "photo.gif": "gif", "photo.tif": "tif", "photo.bmp": "bmp",
  "photo.jxl": "jxl", "photo.heic": "heic", "photo.avif": "avif", "video.mp4": "mp4", "video.mov": "mov", "video.mkv": "mkv",
  "video.webm": "webm",
};

function covers(name: string, extension: string, device: "desktop" | "phone", more: How = {}): void {
  const canvas = more.canvas ?? "noise";
  test(`covers ${name} on a ${device} with the bytes of the command line (read-back: ${canvas})`, async () => {
    const file = await fixture(name);
    await visit({ device, canvas, ...more }, async (there) => {
      const studio = new Studio(there.page);
      await studio.open(file);
      await studio.toCover();
      await studio.coverBox(device === "phone" ? "touch" : "mouse");
      const copy = await studio.save();
      await isFit(copy, extension);
      sameBytes(copy.bytes, await redacted(file, extension, await studio.lastRegions()), `${name} covered`);
      same(await there.page.evaluate(() => window.oilskinTest.canvasReads), [], "canvas read-back");
      onlyItself(there);
    });
  });
}

for (const [name, extension] of Object.entries(COVERED)) {
  covers(name, extension, "desktop");
  covers(name, extension, "phone", { canvas: "throw" });
}

/** The done screen shows the copy, its name and its digest. */
async function isToldOf(page: Page, { name, bytes }: Copy): Promise<void> {
  const card = page.getByRole("main").getByRole("listitem").first();
  const text = await card.innerText();
  check(text.includes(name), "the name is not shown");
  check(text.includes(createHash("sha256").update(bytes).digest("hex")), "the digest is not that of the copy");
  await page.waitForFunction(() => Array.from(document.images).every((image) => image.complete));
  const widths = await card.locator("img").evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
  check(widths.every((width) => width > 0), "the thumbnail is broken");
  if (/\.(jpe?g|png|webp|gif|bmp|heic|avif)$/.test(name)) same(widths.length, 1, "thumbnails");
}

for (const [name, extension] of Object.entries(SCRUBBED)) {
  test(`scrubs ${name} to the bytes of the command line`, async () => {
    const file = await fixture(name);
    await visit({}, async (there) => {
      const studio = new Studio(there.page);
      await studio.open(file);
      const copy = await studio.save();
      await isFit(copy, extension);
      sameBytes(copy.bytes, await scrubbed(file, extension), `${name} scrubbed`);
      await isToldOf(there.page, copy);
      onlyItself(there);
    });
  });
}

for (const style of ["blur", "mosaic"] as const) {
  test(`covers with ${style}: the copy passes verify and differs only by chance`, async () => {
    const file = await fixture("photo.jpg");
    await visit({ device: "phone" }, async ({ page }) => {
      const studio = new Studio(page);
      await studio.open(file);
      await studio.toCover();
      await studio.coverBox("touch", en.cover[style]);
      const copy = await studio.save();
      await isFit(copy, "jpg");
      check(!copy.bytes.equals(await scrubbed(file, "jpg")), "nothing was covered");
    });
  });
}

test("removes the sound of a video in one tap", async () => {
  const file = await fixture("video.mp4");
  await visit({ device: "phone" }, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await page.getByText(en.video.cannotCover).first().waitFor();
    await page.locator("label", { hasText: en.video.dropSound }).click();
    const copy = await studio.save();
    await isFit(copy, "mp4");
    sameBytes(copy.bytes, await scrubbed(file, "mp4", "--drop-audio"), "video without sound");
  });
});

test("a HEIC photo is covered and becomes another format, and the page says so", async () => {
  const file = await fixture("photo.heic");
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await studio.coverBox();
    const copy = await studio.save();
    check(/\.(jpg|png)$/.test(copy.name), `saved as ${copy.name}`);
    await isFit(copy, copy.name.slice(-3));
    check(/converted/i.test(await page.locator("body").innerText()), "the page does not say that it was converted");
  });
});

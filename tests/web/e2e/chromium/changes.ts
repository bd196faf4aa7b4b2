// SPDX-License-Identifier: GPL-3.0-or-later
// Turning, cropping, keeping only this, making smaller, undoing: each as the command line does it.
import { readFileSync } from "node:fs";
import { fixture } from "../rig/fixtures.ts";
import { isFit, sameBytes } from "../rig/copies.ts";
import { visit } from "../rig/chromium.ts";
import { fresh, must, redacted, scrubbed } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, test } from "../rig/tap.ts";

/** Longer than a picture of 27 megapixels takes to be made smaller. */
const UNTIL_MADE = 8000;

async function changed(name: string, change: (studio: Studio) => Promise<void>, wanted: (file: string, regions: unknown) => Promise<Buffer>): Promise<void> {
  const file = await fixture(name);
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await change(studio);
    await studio.settled();
    const copy = await studio.save();
    const extension = name.split(".")[1] ?? "";
    await isFit(copy, extension);
    sameBytes(copy.bytes, await wanted(file, await studio.lastRegions()), name);
  });
}

const native = async (file: string, extension: string, ...options: string[]): Promise<Buffer> => {
  const out = fresh(`changed.${extension}`);
  await must(oilskin, "redact", ...options, file, "-o", out);
  return readFileSync(out);
};

for (const [name, extension] of [["photo.jpg", "jpg"], ["photo.png", "png"], ["photo.webp", "webp"]] as const) {
  test(`turns ${name} to the right as the command line does`, () =>
    changed(name, (studio) => studio.press(en.cover.turn), (file) => native(file, extension, "--rotate=90")));
  test(`mirrors ${name} as the command line does`, () =>
    changed(name, (studio) => studio.press(en.cover.mirror), (file) => native(file, extension, "--rotate=mirror")));
}

test("keep only this covers everything else, as --invert does", () =>
  changed("photo.jpg", async (studio) => {
    await studio.coverBox();
    await studio.choose(en.cover.invert);
  }, (file, regions) => redacted(file, "jpg", regions)));

test("a crop discards what it cuts off", async () => {
  const file = await fixture("photo.jpg");
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await studio.choose(en.cover.crop);
    await studio.drag(await studio.spot(0.25, 0.25), await studio.spot(0.75, 0.75));
    await studio.settled();
    const copy = await studio.save();
    await isFit(copy, "jpg");
    const size = await must("identify", "-format", "%w %h", copy.path);
    const whole = await must("identify", "-format", "%w %h", file);
    check(Number(size.split(" ")[0]) < 0.8 * Number(whole.split(" ")[0]), `${size} of ${whole}`);
  });
});

test("what was undone is not covered", () =>
  changed("photo.jpg", async (studio) => {
    await studio.coverBox();
    await studio.press(en.cover.undo);
  }, (file) => scrubbed(file, "jpg")));

test("full size is kept unless another is chosen", async () => {
  const file = await fixture("photo.png");
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await studio.coverBox();
    const copy = await studio.save();
    check((await must("identify", "-format", "%w %h", copy.path)) === (await must("identify", "-format", "%w %h", file)), "another size");
  });
});

test("who goes back to cover more while a copy is made is handed none without it", async () => {
  const big = fresh("big.jpg");
  await must("convert", await fixture("photo.jpg"), "-resize", "6000x4500!", "-quality", "90", big);
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    let downloads = 0;
    page.on("download", () => downloads++);
    await studio.open(big);
    await studio.toCover();
    await studio.toSave();
    /* What takes a while: anything else is there already. */
    await page.getByLabel(en.save.size).selectOption("4096");
    await studio.press(en.save.button);
    await studio.press(en.save.askSave);
    await studio.control(en.save.cancel).waitFor();
    await page.locator(".steps button").nth(1).click();
    await studio.picture().waitFor();
    await studio.coverBox();
    await page.waitForTimeout(UNTIL_MADE);
    check(downloads === 0, `${downloads} copies were handed over`);
    await studio.toSave();
    await studio.control(en.save.button).waitFor();
    await isFit(await studio.pressSave(), "jpg");
  });
});

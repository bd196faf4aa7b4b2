// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are broken, lying or meant to do harm: a plain sentence, no copy, and a page that goes on working.
import { copyFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixture, corpus, longVideo } from "../rig/fixtures.ts";
import { isFit } from "../rig/copies.ts";
import { visit } from "../rig/chromium.ts";
import { must, run } from "../rig/native.ts";
import { oilskin, scratch } from "../rig/places.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, same, Skip, test } from "../rig/tap.ts";

const REFUSED = ["cut.jpg", "empty.jpg", "text.jpg", "flipped.jpg", "cut.mp4", "png-bomb.png", "png-lying-length.png", "tiff-cycle.tif",
  "mp4-billion-samples.mp4", "mp4-giant-box.mp4", "mp4-nesting-bomb.mp4"];

for (const name of REFUSED) {
  test(`${name} ends as the command line ends it, and the next file works`, async () => {
    const file = await fixture(name);
    const native = await run(oilskin, ["scrub", file, "-o", join(scratch, `hostile-${name}`), "--force"]);
    await visit({}, async ({ page }) => {
      const studio = new Studio(page);
      await studio.ready();
      await studio.give(file);
      const outcome = await studio.outcome();
      if (native.code === 0 && outcome === "taken") {
        await isFit(await studio.save(), name.split(".")[1] ?? "");
        return;
      }
      check(native.code !== 0, "the page refuses what the command line scrubs");
      check(outcome === "refused", "the page takes what the command line refuses");
      same(await page.title(), en.app.title, "title");
      await page.reload();
      await studio.open(await fixture("photo.jpg"));
    });
  });
}

test("a broken file among others is left out, and the others are saved", async () => {
  const files = [await fixture("photo.jpg"), await fixture("cut.jpg")];
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(...files);
    await isFit(await studio.save(), "jpg");
  });
});

test("a broken file that comes first stands in nobody's way: the next step shows one that can be covered", async () => {
  const files = [await fixture("cut.jpg"), await fixture("photo.jpg")];
  await visit({ device: "phone" }, async ({ page }) => {
    const studio = new Studio(page);
    await studio.ready();
    await studio.give(...files);
    await studio.outcome();
    await studio.toCover();
    await studio.coverBox("touch");
    await isFit(await studio.save(), "jpg");
  });
});

test("an original that is gone when its copy is handed over is told, and nothing counts as saved", async () => {
  const file = join(scratch, "gone.mp4");
  copyFileSync(await longVideo(20e6), file);
  await visit({}, async ({ page, errors }) => {
    const studio = new Studio(page);
    await studio.open(file, await fixture("photo.png"));
    await studio.toSave();
    await studio.pressSaveAll();
    rmSync(file);
    await studio.press(en.done.downloadAll);
    await page.getByText(en.faults.nextIo).waitFor();
    same(await page.getByText(en.done.handed).count(), 0, "it says that it was handed over");
    // Chromium tells the console that the file is gone, once for each try and when it likes.
    page.removeAllListeners("console");
    same(errors.filter((line) => !line.includes("ERR_FILE_NOT_FOUND")), [], "errors in the console");
    errors.length = 0;
  });
});

test("a file that can't be made smaller holds no other copy back, and says so", async () => {
  const file = join(scratch, "changed.jpg");
  await must("convert", await fixture("photo.jpg"), "-resize", "2400x", file);
  await visit({}, async ({ page, errors }) => {
    const studio = new Studio(page);
    await studio.open(await fixture("photo.png"), file);
    await page.locator(".frame-look").nth(1).click();
    await studio.toSave();
    await page.getByLabel(en.save.size).selectOption({ index: 1 });
    writeFileSync(file, "another file by now");
    await studio.pressSaveAll();
    await page.locator(".failures").getByText(en.faults.headingSave).waitFor();
    same(await page.locator(".card").count(), 1, "copies");
    errors.length = 0;
  });
});

test("names of files are text: markup in one is not run", async () => {
  const file = join(scratch, "<img src=x onerror=alert(1)>.jpg");
  const { readFileSync } = await import("node:fs");
  writeFileSync(file, readFileSync(await fixture("photo.jpg")));
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    same(await page.locator("img[src='x']").count(), 0, "elements made of a name");
  });
});

test("odd camera files: what the command line scrubs the page scrubs, what it refuses the page refuses", async () => {
  const folder = corpus("odd", "jpeg") ?? corpus("odd");
  if (!folder) throw new Skip("needs ../shared/corpus");
  const names = readdirSync(folder).filter((name) => /\.(jpe?g|png|webp|gif)$/i.test(name)).sort().slice(0, 12);
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    for (const name of names) {
      const native = await run(oilskin, ["scrub", join(folder, name), "-o", join(scratch, `odd-${name}`), "--force"]);
      await page.reload();
      await studio.ready();
      await studio.give(join(folder, name));
      const outcome = await studio.outcome();
      same(outcome === "refused", native.code !== 0, `${name} is refused`);
    }
  });
});

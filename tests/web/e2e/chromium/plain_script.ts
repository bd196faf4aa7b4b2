// SPDX-License-Identifier: GPL-3.0-or-later
// WebAssembly switched off: the same core as plain JavaScript, the same bytes.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixture } from "../rig/fixtures.ts";
import { isFit, sameBytes } from "../rig/copies.ts";
import { visit } from "../rig/chromium.ts";
import { offlineReady, refusingWebAssembly, withoutWebAssembly } from "../rig/page_hooks.ts";
import { dist, scratch } from "../rig/places.ts";
import { serve } from "../rig/server.ts";
import { redacted, scrubbed } from "../rig/native.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, test } from "../rig/tap.ts";

// V8 no longer listens to its flag for it; workers ask the page which core to run.
const OFF = { init: [withoutWebAssembly] };

for (const [name, extension] of [["photo.jpg", "jpg"], ["photo.png", "png"], ["photo.webp", "webp"]] as const) {
  test(`covers ${name} without WebAssembly to the same bytes`, async () => {
    const file = await fixture(name);
    await visit(OFF, async ({ page }) => {
      check(await page.evaluate(() => typeof WebAssembly === "undefined"), "WebAssembly is there");
      const studio = new Studio(page);
      await studio.open(file);
      await studio.toCover();
      await studio.coverBox();
      const copy = await studio.save();
      await isFit(copy, extension);
      sameBytes(copy.bytes, await redacted(file, extension, await studio.lastRegions()), `${name} covered`);
    });
  });
}

/** The service worker, too, has to find what it lacks; no script is put into that one from outside. */
function pagesWith(before: () => void): string {
  const folder = mkdtempSync(join(scratch, "plain-"));
  cpSync(dist, folder, { recursive: true });
  const worker = join(folder, "sw.js");
  writeFileSync(worker, `(${before.toString()})();\n${readFileSync(worker, "utf8")}`);
  return folder;
}

for (const [how, off] of [["without WebAssembly", withoutWebAssembly], ["where WebAssembly takes no module", refusingWebAssembly]] as const) {
  test(`${how} it works offline after the first visit: open, cover, save`, async () => {
    const file = await fixture("photo.jpg");
    const server = await serve(pagesWith(off));
    await visit({ init: [off], server, device: "phone" }, async ({ page, context }) => {
      await page.evaluate(offlineReady);
      await server.stop();
      await context.setOffline(true);
      await page.reload();
      const studio = new Studio(page);
      await studio.ready();
      await page.getByText(en.device.slow).first().waitFor();
      await studio.open(file);
      await studio.toCover();
      await studio.coverBox("touch");
      const copy = await studio.save();
      await isFit(copy, "jpg");
      sameBytes(copy.bytes, await redacted(file, "jpg", await studio.lastRegions()), "covered offline");
    });
  });
}

for (const name of ["video.mp4", "photo.heic"] as const) {
  test(`scrubs ${name} without WebAssembly to the same bytes, and says why it is slower`, async () => {
    const file = await fixture(name);
    const extension = name.split(".")[1] ?? "";
    await visit(OFF, async ({ page }) => {
      const studio = new Studio(page);
      await studio.ready();
      await page.getByText(en.device.slow).first().waitFor();
      await studio.open(file);
      sameBytes((await studio.save()).bytes, await scrubbed(file, extension), name);
    });
  });
}

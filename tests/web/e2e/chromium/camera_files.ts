// SPDX-License-Identifier: GPL-3.0-or-later
// Files of real cameras and phones, where somebody has them beside the tree: the page does what the command line does.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { isFit, sameBytes } from "../rig/copies.ts";
import { corpus } from "../rig/fixtures.ts";
import { visit } from "../rig/chromium.ts";
import { redacted, run } from "../rig/native.ts";
import { oilskin, scratch } from "../rig/places.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, Skip, test } from "../rig/tap.ts";

const isLong = Boolean(process.env["OILSKIN_E2E_LONG"]);
const EACH = isLong ? 6 : 2;
const MOST_BYTES = 12e6;
/** Lossy WebP is encoded again: seconds for each 100 kB, and the long tier has them. */
const MOST_BYTES_COVERED: Record<string, number> = isLong ? {} : { webp: 0.22e6 };

/** The largest files of a format that stay small enough for a short test. */
function largest(folder: string, most = MOST_BYTES): string[] {
  return readdirSync(folder)
    .map((name) => ({ path: join(folder, name), size: statSync(join(folder, name)).size }))
    .filter(({ size }) => size <= most)
    .sort((one, other) => other.size - one.size)
    .slice(0, EACH)
    .map(({ path }) => path);
}

for (const format of ["jpeg", "png", "webp", "gif", "tiff", "bmp", "heic", "avif", "jxl", "mp4", "mov", "mkv", "webm"]) {
  test(`real ${format} files are scrubbed or refused as by the command line`, async () => {
    const folder = corpus("real", format);
    if (!folder) throw new Skip("needs ../shared/corpus");
    const wrong: string[] = [];
    await visit({}, async ({ page, errors }) => {
      const studio = new Studio(page);
      for (const file of largest(folder)) {
        const out = join(scratch, `real-${format}${extname(file)}`);
        const native = await run(oilskin, ["scrub", "--force", file, "-o", out]);
        await page.reload();
        await studio.ready();
        await studio.give(file);
        const outcome = await studio.outcome();
        const isRefused = outcome === "refused";
        if (isRefused !== (native.code !== 0)) {
          wrong.push(`${file}: ${isRefused ? "refused" : "taken"} by the page, exit ${native.code} natively`);
        } else if (!isRefused) {
          const copy = await studio.save();
          if (!copy.bytes.equals(readFileSync(out))) wrong.push(`${file}: other bytes`);
        }
      }
      errors.length = 0;
    });
    check(wrong.length === 0, wrong.join("\n"));
  });
}

for (const format of ["jpeg", "png", "webp"]) {
  test(`real ${format} files are covered with the bytes of the command line`, async () => {
    const folder = corpus("real", format);
    if (!folder) throw new Skip("needs ../shared/corpus");
    await visit({ device: "phone" }, async ({ page, errors }) => {
      const studio = new Studio(page);
      for (const file of largest(folder, MOST_BYTES_COVERED[format]).slice(0, 3)) {
        await page.reload();
        await studio.ready();
        await studio.give(file);
        const cover = studio.control(en.findings.next);
        if ((await studio.outcome()) === "refused" || !(await cover.isVisible())) continue;
        await studio.toCover();
        await studio.coverBox("touch");
        const copy = await studio.save();
        const extension = extname(copy.name).slice(1);
        await isFit(copy, extension);
        sameBytes(copy.bytes, await redacted(file, extension, await studio.lastRegions()), file);
      }
      errors.length = 0;
    });
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Blur and mosaic are made of chance. With the same chance put into the worker, the page's copy is the library's.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sameBytes } from "../rig/copies.ts";
import { visit } from "../rig/chromium.ts";
import { fixture } from "../rig/fixtures.ts";
import { must } from "../rig/native.ts";
import { root, scratch } from "../rig/places.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, Skip, test } from "../rig/tap.ts";

const SEED = 7;
const tool = process.env["OILSKIN_REDACT_JPEG"] ?? join(root, "build-test/tests/redact_jpeg");

/** The generator of tests/tools/redact_jpeg. */
const SEEDED = `{
  let state = ${SEED}n;
  crypto.getRandomValues = (out) => {
    const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    for (let at = 0; at < bytes.length; at++) {
      state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
      bytes[at] = Number(state >> 56n);
    }
    return out;
  };
}\n`;

interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

const isRect = (value: unknown): value is Rect => typeof value === "object" && value !== null && "w" in value && "h" in value;

for (const style of ["blur", "mosaic", "fill"] as const) {
  test(`with the same chance ${style} has the bytes of the library`, async () => {
    if (!existsSync(tool)) throw new Skip("tests/redact_jpeg is not built (./test builds it)");
    const file = await fixture("photo.jpg");
    await visit({ options: { serviceWorkers: "block" } }, async ({ page }) => {
      await page.route(/\/assets\/worker-[^/]*\.js$/, async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: SEEDED + (await answer.text()) });
      });
      const studio = new Studio(page);
      await studio.open(file);
      await studio.toCover();
      await studio.coverBox("mouse", en.cover[style]);
      const copy = await studio.save();
      const asked = (await studio.lastRegions()) as { regions: unknown[] };
      const [rect] = asked.regions;
      check(isRect(rect), JSON.stringify(asked));
      const color = "color" in rect ? String(rect.color) : "";
      const out = join(scratch, `chance-${style}.jpg`);
      await must(tool, "--seed", String(SEED), file, out, `rect:${rect.x},${rect.y},${rect.w},${rect.h}:${style}${style === "fill" ? color : ""}`);
      sameBytes(copy.bytes, readFileSync(out), style);
    });
  });
}

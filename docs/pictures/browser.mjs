// SPDX-License-Identifier: GPL-3.0-or-later
// What the pictures are drawn with: a Chromium of this machine, as a phone and as a laptop.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const screens = {
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 },
  desk: { viewport: { width: 1080, height: 680 }, deviceScaleFactor: 1 },
};

export const looks = Object.keys(screens);

/** A page with nothing in its profile, and what ends it. */
export async function openPage(look, dark = false) {
  const profile = mkdtempSync(join(tmpdir(), "oilskin-pictures-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    colorScheme: dark ? "dark" : "light",
    locale: "en-US",
    ...screens[look],
  });
  const page = browser.pages()[0];
  page.setDefaultTimeout(20_000);
  const close = async () => {
    await browser.close();
    rmSync(profile, { recursive: true });
  };
  return { page, close };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The desk of a demonstration: one click is the way in, every page says what it is, and rows come by themselves.
import { readFileSync } from "node:fs";
import { loadDesk } from "../../../../web/app/words/desk/catalogue.ts";
import { en } from "../../../../web/app/words/desk/en.ts";
import { complaints, type Desk, makeAdmin, openDesk, PASSPHRASE, send, visitDesk } from "../rig/desk.ts";
import { check, same, test } from "../rig/tap.ts";
import { walked } from "../rig/walked.ts";

async function linkOf(desk: Desk): Promise<string> {
  const { file } = await makeAdmin(desk);
  const [key = ""] = /AGE-SECRET-KEY-1[A-Z0-9]+/.exec(readFileSync(file, "latin1")) ?? [];
  return `${desk.origin}/#demo=${["anna", PASSPHRASE, key].map(encodeURIComponent).join(".")}`;
}

test("a demonstration: its link enters the desk with its key, rows come by themselves, and the banner is on every page", async () => {
  const desk = await openDesk("drop.demo=yes", "publish.albums=yes");
  try {
    const link = await linkOf(desk);
    await visitDesk(desk, async ({ page }) => {
      await page.getByText(en.demo.banner).waitFor();
      await page.goto(link);
      await page.reload();
      await page.getByRole("link", { name: en.nav.keyLoaded }).waitFor();
      same(new URL(page.url()).hash, "#/queue", "what stands behind the # once it was used");
      await page.getByText(en.queue.emptyNew).waitFor();
      await send(desk, "Look at the second window.");
      await page.getByRole("list", { name: en.queue.list }).getByRole("link").first().waitFor();
      for (const place of ["queue", "search", "digest", "reviewers", "audit", "account", "key"]) {
        await page.goto(`${desk.origin}/desk/#/${place}`);
        check(await page.getByText(en.demo.banner).isVisible(), `the banner on ${place}`);
      }
      same(await complaints(page, "demo"), [], "complaints");
    });
    await visitDesk({ origin: desk.drop }, async ({ page }) => {
      for (const path of ["/", "/studio/", "/a/"]) {
        await page.goto(desk.drop + path);
        const banner = page.locator(".demo");
        await banner.waitFor();
        same(await banner.evaluate((one) => getComputedStyle(one).backgroundColor), "rgb(179, 38, 30)", `the banner of ${path}`);
      }
    });
    for (const { tag, lang } of walked) {
      const words = await loadDesk(tag);
      await visitDesk(desk, async ({ page }) => {
        await page.getByText(words.demo.banner).waitFor();
        same(await complaints(page, `demo-${tag}`), [], "complaints");
      }, { locale: lang, viewport: { width: 360, height: 740 } });
    }
  } finally {
    await desk.stop();
  }
});

test("a desk that is no demonstration: such a link signs nobody in, gives nobody a key, and there is no banner", async () => {
  const desk = await openDesk();
  try {
    const link = await linkOf(desk);
    await visitDesk(desk, async ({ page, requests }) => {
      await page.goto(link);
      await page.reload();
      await page.getByText(en.demo.none).waitFor();
      same(requests.filter((one) => one.includes("/api/login")), [], "logins");
      same(await page.getByText(en.demo.banner).count(), 0, "banners");
      await page.goto(`${desk.origin}/desk/#/queue`);
      await page.getByRole("heading", { name: en.signIn.heading, exact: true }).waitFor();
    });
  } finally {
    await desk.stop();
  }
});

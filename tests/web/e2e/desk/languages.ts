// SPDX-License-Identifier: GPL-3.0-or-later
// The desk in each language: what the browser asks for, and what somebody switches to.
import { loadDesk } from "../../../../web/app/words/desk/catalogue.ts";
import { languages } from "../../../../web/app/words/languages.ts";
import { complaints, makeAdmin, openDesk, PASSPHRASE, send, visitDesk } from "../rig/desk.ts";
import { check, same, test } from "../rig/tap.ts";

test("the desk: each language is spoken from the way in to the log, and nothing sticks out of a phone", async () => {
  const desk = await openDesk();
  const found: string[] = [];
  try {
    await makeAdmin(desk);
    await send(desk, "Look at the second window.");
    for (const { tag, lang, direction } of languages) {
      const words = await loadDesk(tag);
      await visitDesk(desk, async ({ page }) => {
        await page.getByRole("heading", { name: words.signIn.heading, exact: true }).waitFor();
        same(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir, document.title]), [lang, direction, `${words.signIn.heading} – ${words.app.title}`], `the page in ${tag}`);
        await page.getByLabel(words.signIn.name, { exact: true }).fill("anna");
        await page.getByLabel(words.signIn.passphrase, { exact: true }).fill(PASSPHRASE);
        await page.getByRole("button", { name: words.signIn.go, exact: true }).click();
        await page.getByRole("list", { name: words.queue.list }).getByRole("link", { name: words.kinds.words }).waitFor();
        found.push(...(await complaints(page, `queue-${tag}`)));
        const titles = new Set([await page.title()]);
        for (const [place, heading] of [["key", words.key.heading], ["account", words.account.heading], ["digest", words.digest.heading], ["audit", words.audit.heading], ["reviewers", words.reviewers.heading], ["search", words.search.heading]] as [string, string][]) {
          await page.goto(`${desk.origin}/desk/#/${place}`);
          await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
          titles.add(await page.title());
          found.push(...(await complaints(page, `${place}-${tag}`)));
        }
        same(titles.size, 7, `titles in ${tag}: ${[...titles].join(" | ")}`);
      }, { locale: lang, viewport: { width: 360, height: 740 } });
    }
  } finally {
    await desk.stop();
  }
  same(found, [], "complaints");
});

test("the desk: who switches the language reads everything in it at once", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    const [en, ar] = [await loadDesk("en"), await loadDesk("ar")];
    await visitDesk(desk, async ({ page }) => {
      await page.getByLabel(en.signIn.name, { exact: true }).fill("anna");
      await page.getByLabel(en.signIn.passphrase, { exact: true }).fill(PASSPHRASE);
      await page.getByRole("button", { name: en.signIn.go, exact: true }).click();
      await page.getByRole("link", { name: en.nav.account }).click();
      await page.getByLabel(en.account.language).selectOption("ar");
      await page.getByRole("heading", { name: ar.account.heading }).waitFor();
      await page.getByRole("button", { name: ar.nav.signOut }).waitFor();
      check((await page.evaluate(() => document.documentElement.dir)) === "rtl", "it is not written from the right");
    });
  } finally {
    await desk.stop();
  }
});

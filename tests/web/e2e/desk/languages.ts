// SPDX-License-Identifier: GPL-3.0-or-later
// The desk in each language: what the browser asks for, and what somebody switches to.
import { loadDesk } from "../../../../web/app/words/desk/catalogue.ts";
import { count, fill } from "../../../../web/app/words/speak.ts";
import { complaints, makeAdmin, openDesk, send, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { check, same, test } from "../rig/tap.ts";
import { walked } from "../rig/walked.ts";

test("the desk: each language is spoken from the way in to the log, and nothing sticks out of a phone", async () => {
  const desk = await openDesk();
  const found: string[] = [];
  try {
    await makeAdmin(desk);
    await send(desk, "Look at the second window.");
    for (const { tag, lang, direction } of walked) {
      const words = await loadDesk(tag);
      await visitDesk(desk, async ({ page }) => {
        await page.getByRole("heading", { name: words.signIn.heading, exact: true }).waitFor();
        same(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir, document.title]), [lang, direction, `${words.signIn.heading} – ${words.app.title}`], `the page in ${tag}`);
        await signIn(page, "anna", words);
        await page.getByRole("list", { name: words.queue.list }).getByRole("link", { name: words.kinds.words }).waitFor();
        found.push(...(await complaints(page, `queue-${tag}`)));
        const titles = new Set([await page.title()]);
        for (const [place, heading] of [["key", words.key.heading], ["account", words.account.heading], ["digest", words.digest.heading], ["audit", words.audit.heading], ["reviewers", words.reviewers.heading], ["search", words.search.heading]] as [string, string][]) {
          await page.goto(`${desk.origin}/desk/#/${place}`);
          await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
          // The title follows the heading.
          await page.waitForFunction((said) => !said.includes(document.title), [...titles]);
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

test("the desk: each language is spoken in submissions, copies and dialogs, and by links, and nothing sticks out of a phone", async () => {
  const desk = await openDesk();
  const found: string[] = [];
  try {
    await makeAdmin(desk);
    await send(desk, "Look at the second window.", await fixture("text.jpg"));
    for (const { tag, lang } of walked) {
      const words = await loadDesk(tag);
      await visitDesk(desk, async ({ page }) => {
        const look = async (state: string) => found.push(...(await complaints(page, `${state}-${tag}`)));
        const dialog = async (button: string, heading: string) => {
          await page.getByRole("button", { name: button }).first().click();
          await page.getByRole("dialog").getByRole("heading", { name: heading }).waitFor();
          await look(heading);
          await page.keyboard.press("Escape");
        };
        for (const [fragment, heading] of [["join", words.join.heading], ["reset", words.reset.heading]] as const) {
          await page.goto(`${desk.origin}/desk/#${fragment}=${"0".repeat(32)}`);
          await page.getByRole("heading", { name: heading, exact: true }).waitFor();
          await look(fragment);
        }
        await page.goto(`${desk.origin}/desk/#/queue`);
        await signIn(page, "anna", words);
        await page.getByRole("list", { name: words.queue.list }).getByRole("link").first().click();
        await page.getByRole("heading", { name: words.submission.heading, exact: true }).waitFor();
        await look("submission");
        await dialog(words.submission.original, fill(words.original.heading, { number: 1 }, lang));
        await dialog(words.acts.dismiss, count(words.dismiss.heading, 1, lang));
        await page.getByRole("link", { name: words.submission.copies, exact: true }).click();
        await page.getByRole("heading", { name: count(words.cluster.members, 1, lang) }).waitFor();
        await look("copies");
        await dialog(words.app.keys, words.keys.heading);
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
      await signIn(page);
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

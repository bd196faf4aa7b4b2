// SPDX-License-Identifier: GPL-3.0-or-later
// From a submission to what is public, by the roles and names that a person meets.
import type { Page } from "playwright-core";
import type { DeskWords } from "../../../../web/app/words/desk/catalogue.ts";
import { en } from "../../../../web/app/words/desk/en.ts";
import { en as studioEn } from "../../../../web/app/words/en.ts";
import { Studio } from "./studio.ts";

export const text = en.publish;

/** From the list of what there is to be looked at to the page where its first file is published. */
export async function toPublishing(page: Page, words: DeskWords = en): Promise<void> {
  await page.getByRole("link", { name: words.nav.queue, exact: true }).click();
  await page.getByRole("list", { name: words.queue.list }).getByRole("link").first().click();
  await publishFile(page, 0, words);
}

/** The same from the page of its submission. */
export async function publishFile(page: Page, number: number, words: DeskWords = en): Promise<void> {
  await page.getByRole("heading", { name: words.submission.heading, exact: true }).waitFor();
  await page.getByText(words.talk.noWords).or(page.locator(".said-text")).first().waitFor();
  await page.getByRole("button", { name: words.submission.publish }).nth(number).click();
  await page.getByRole("button", { name: words.publish.open }).waitFor();
}

/** Opens the original, until it can be covered. */
export async function openToCover(page: Page, { publish: said }: Pick<DeskWords, "publish"> = en): Promise<Studio> {
  await page.getByRole("button", { name: said.open }).click();
  const studio = new Studio(page);
  await studio.picture().waitFor();
  await page.getByRole("button", { name: said.next }).and(page.locator(":enabled")).waitFor();
  return studio;
}

/** A box over the middle. */
export async function coverMiddle(studio: Studio): Promise<void> {
  await studio.choose(studioEn.cover.box);
  await studio.choose(studioEn.cover.fill);
  await studio.picture().scrollIntoViewIfNeeded();
  await studio.drag(await studio.spot(0.3, 0.3), await studio.spot(0.55, 0.6));
  await studio.page.getByText(studioEn.cover.areas.one.replace("{n}", "1"), { exact: true }).waitFor();
  await studio.page.locator(".stage-progress").waitFor({ state: "detached" });
}

/** Goes on to the copy; resolves when the server has given it back. */
export async function toCopy(page: Page, { publish: said }: Pick<DeskWords, "publish"> = en): Promise<void> {
  await page.getByRole("button", { name: said.next }).click();
  await page.getByRole("heading", { name: said.asPublic }).waitFor();
}

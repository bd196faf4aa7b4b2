// SPDX-License-Identifier: GPL-3.0-or-later
// Copies under their representative: which picture is shown, and that no other one is.
import type { Page } from "playwright-core";
import { loadKey, makeAdmin, openDesk, send, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { check, same, test } from "../rig/tap.ts";

interface Found {
  count: number;
  cluster: string;
  representative: { file: string };
}

const FOLDED_LIMIT_MS = 60_000;
const BOX = { left: 100, top: 100, width: 300, height: 300 };

/** Two copies and another picture, once they are folded. */
async function folded(page: Page): Promise<{ copies: Found; other: Found }> {
  const until = Date.now() + FOLDED_LIMIT_MS;
  for (;;) {
    const rows = await page.evaluate(async () => ((await (await fetch("/api/queue")).json()) as { rows: (Found & { tier: string | null })[] }).rows);
    const copies = rows.find(({ count }) => count === 2);
    const other = rows.find(({ count }) => count === 1);
    if (copies !== undefined && other !== undefined && rows.every(({ tier }) => tier !== null)) return { copies, other };
    check(Date.now() < until, `it did not fold: ${JSON.stringify(rows)}`);
    await page.waitForTimeout(500);
  }
}

/** The row of the copies as the server tells it, with that in it. */
async function tell(page: Page, cluster: string, more: object): Promise<void> {
  await page.unroute(`**/api/clusters/${cluster}*`);
  await page.route(`**/api/clusters/${cluster}*`, async (route) => {
    const response = await route.fetch();
    const found = (await response.json()) as { row: object };
    await route.fulfill({ response, json: { ...found, row: { ...found.row, ...more } } });
  });
}

async function withCopies(run: (page: Page, found: { copies: Found; other: Found }) => Promise<void>): Promise<void> {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    for (const name of ["photo.jpg", "photo.jpg", "marked.jpg"]) await send(desk, "", await fixture(name));
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      await run(page, await folded(page));
    });
  } finally {
    await desk.stop();
  }
}

const large = (page: Page) => page.getByRole("region", { name: "Representative" });
const members = (page: Page) => page.getByRole("region", { name: "2 copies" });
const blurred = async (page: Page) => [await large(page).locator(".blurred").count(), await members(page).locator(".blurred").count()];

async function visit(page: Page, cluster: string): Promise<void> {
  await page.getByRole("link", { name: "Queue", exact: true }).click();
  await page.getByRole("list", { name: "What is to be looked at" }).waitFor();
  await page.evaluate((hash) => location.assign(hash), `#/clusters/${cluster}`);
  await large(page).getByRole("button", { name: /^Show/ }).waitFor();
  await members(page).locator("canvas").nth(1).waitFor();
}

test("the desk's copies: what is shown is shown there, and among the copies by a button of its own", async () => {
  await withCopies(async (page, { copies }) => {
    await tell(page, copies.cluster, { box: BOX });
    await visit(page, copies.cluster);
    same(await blurred(page), [1, 2], "blurred at first: the large one, the copies");
    await page.keyboard.press("b");
    await large(page).getByRole("button", { name: /^Blur/ }).waitFor();
    same(await blurred(page), [0, 2], "blurred after the key");
    same(await large(page).locator(".difference").count(), 1, "frames around what differs");
    await page.keyboard.press("b");
    await members(page).getByRole("button", { name: "Show or blur" }).first().click();
    await members(page).getByRole("button", { name: /^Show or blur File 1 of /, pressed: true }).waitFor();
    await members(page).locator(".picture:not(.blurred)").waitFor();
    same(await blurred(page), [1, 1], "blurred after the button of a copy");
  });
});

test("the desk's copies: the key shows the better copy that is there, without the frame of another", async () => {
  await withCopies(async (page, { copies, other }) => {
    await tell(page, copies.cluster, { box: BOX, better: other.representative.file });
    await visit(page, copies.cluster);
    await page.getByText("The picture shown is of a copy that has more in it.").waitFor();
    await page.keyboard.press("b");
    await large(page).getByRole("button", { name: /^Blur/ }).waitFor();
    same(await blurred(page), [0, 2], "blurred after the key");
    same(await large(page).locator(".difference").count(), 0, "frames around what differs");
  });
});

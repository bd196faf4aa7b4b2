// SPDX-License-Identifier: GPL-3.0-or-later
// Copies under their representative: which picture is shown, and that no other one is.
import type { Page } from "playwright-core";
import { loadKey, makeAdmin, openDesk, send, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { check, same, test } from "../rig/tap.ts";

interface Found {
  count: number;
  cluster: string;
  representative: { file: string; submission: string; number: number };
}

const FOLDED_LIMIT_MS = 60_000;
const BOX = { left: 100, top: 100, width: 300, height: 300 };

/** The rows, once each file was compared and they are as they should be. */
async function rowsOf(page: Page, areThose: (rows: readonly Found[]) => boolean): Promise<readonly Found[]> {
  const until = Date.now() + FOLDED_LIMIT_MS;
  for (;;) {
    const rows = await page.evaluate(async () => ((await (await fetch("/api/queue")).json()) as { rows: (Found & { tier: string | null })[] }).rows);
    if (rows.every(({ tier }) => tier !== null) && areThose(rows)) return rows;
    check(Date.now() < until, `it did not fold: ${JSON.stringify(rows)}`);
    await page.waitForTimeout(500);
  }
}

/** Two copies and another picture, once they are folded. */
async function folded(page: Page): Promise<{ copies: Found; other: Found }> {
  const rows = await rowsOf(page, (all) => [1, 2].every((wanted) => all.some(({ count }) => count === wanted)));
  const [other, copies] = [1, 2].map((wanted) => rows.find(({ count }) => count === wanted));
  check(copies !== undefined && other !== undefined, "there are not two rows");
  return { copies, other };
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
    await tell(page, copies.cluster, { box: BOX, better: other.representative });
    await visit(page, copies.cluster);
    await page.getByText("The picture shown is of a copy that has more in it.").waitFor();
    await page.keyboard.press("b");
    await large(page).getByRole("button", { name: /^Blur/ }).waitFor();
    same(await blurred(page), [0, 2], "blurred after the key");
    same(await large(page).locator(".difference").count(), 0, "frames around what differs");
  });
});

test("the desk's copies: of a larger one that came later the picture is shown, and its submission is where the link and the key lead", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    const small = fresh("small.jpg");
    await must("convert", await fixture("photo.jpg"), "-resize", "50%", "-quality", "90", small);
    await send(desk, "", small);
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      const first = (await rowsOf(page, (all) => all.length === 1))[0];
      await send(desk, "", await fixture("photo.jpg"));
      const rows = await rowsOf(page, (all) => all.length === 2);
      const larger = rows.find(({ cluster }) => cluster !== first?.cluster);
      check(first !== undefined && larger !== undefined, "there are not two rows");
      await page.evaluate((hash) => location.assign(hash), `#/clusters/${first.cluster}`);
      await page.getByText("The picture shown is of a copy that has more in it.").waitFor();
      const link = large(page).getByRole("link", { name: "Its submission" });
      same(await link.getAttribute("href"), `#/submissions/${larger.representative.submission}`, "where the link leads");
      await page.keyboard.press("o");
      await page.getByRole("heading", { name: "Submission" }).waitFor();
      same(new URL(page.url()).hash, `#/submissions/${larger.representative.submission}`, "where the key leads");
    });
  } finally {
    await desk.stop();
  }
});

test("the desk's copies: all differences are counted, and shown page by page", async () => {
  await withCopies(async (page, { copies, other }) => {
    await tell(page, copies.cluster, { differences: 3 });
    const row = await page.evaluate(async (cluster) => ((await (await fetch(`/api/clusters/${cluster}`)).json()) as { row: object }).row, other.cluster);
    /* The server's pages are of a hundred rows; these are of one, and of two. */
    const pages: Record<string, object> = {
      "": { rows: [row], next: "second" },
      second: { rows: [1, 2].map((n) => ({ ...row, cluster: String(n).repeat(32) })), next: null },
    };
    await page.route("**/api/queue*", async (route) => {
      const asked = new URL(route.request().url()).searchParams;
      if (asked.get("root") !== copies.cluster) return route.continue();
      const response = await route.fetch({ url: `${new URL(page.url()).origin}/api/queue` });
      return route.fulfill({ response, json: { ...((await response.json()) as object), ...pages[asked.get("after") ?? ""] } });
    });
    await visit(page, copies.cluster);
    const differences = page.getByRole("region", { name: "3 differences" });
    await differences.getByRole("link").first().waitFor();
    same(await differences.getByRole("listitem").count(), 1, "differences of the first page");
    await differences.getByRole("button", { name: "Show more" }).click();
    await differences.getByRole("listitem").nth(2).waitFor();
    same([await differences.getByRole("listitem").count(), await differences.getByRole("button", { name: "Show more" }).count()], [3, 0], "differences, and ways to more");
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// A flood, and two reviewers at once: it arrives, folds, is dismissed and undone, and what is unique in it is seen.
// Short: 40 copies; long tier: 2,000.
import { setTimeout } from "node:timers/promises";
import type { Page } from "playwright-core";
import { complaints, countRows, inviteReviewer, loadKey, makeAdmin, openDesk, send, signIn, visitDesk, type Desk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { check, same, test } from "../rig/tap.ts";

const COPIES = process.env["OILSKIN_E2E_LONG"] ? 2000 : 40;
/** What the worker and the folder need for one, on a busy machine. */
const EACH_MS = 1500;
const SENDERS = 4;
/** A drop looks at what has waited for seven minutes, or behind 512 others, no more: senders who are faster would be no flood
 * that folds. */
const WAITING_MAX = 256;
const ASKED_EACH = 64;

async function edited(from: string, name: string, ...words: string[]): Promise<string> {
  const path = fresh(name);
  await must("convert", from, ...words, path);
  return path;
}

/** What people do to a picture that goes around. */
async function variants(photo: string): Promise<string[]> {
  const qualities = ["92", "85", "78", "70"];
  const sizes = ["100%", "80%", "60%"];
  return Promise.all(qualities.flatMap((quality) => sizes.map((size) => edited(photo, `copy-${quality}-${size.slice(0, -1)}.jpg`, "-resize", size, "-quality", quality))));
}

async function flood(desk: Desk): Promise<void> {
  const photo = await edited(await fixture("photo.jpg"), "first.jpg", "-resize", "1200x", "-quality", "95");
  const copies = await variants(photo);
  /* The first one is the best: it stands for all of them. */
  await send(desk, "", photo);
  const left = Array.from({ length: COPIES - 1 }, (_, n) => copies[n % copies.length] ?? photo).entries();
  const count = await countRows(desk);
  const fewWait = async () => {
    while ((await count()) > WAITING_MAX) await setTimeout(1000);
  };
  let ready = Promise.resolve();
  await Promise.all(Array.from({ length: SENDERS }, async () => {
    for (const [n, copy] of left) {
      if (n % ASKED_EACH === 0) ready = fewWait();
      await ready;
      await send(desk, "", copy);
    }
  }));
  /* Somebody's witness: the same picture, with something in it. */
  await send(desk, "", await edited(photo, "witness.jpg", "-fill", "#b00020", "-draw", "rectangle 700,150 1050,420", "-fill", "#ffffff", "-draw", "circle 860,280 930,330", "-quality", "90"));
  await send(desk, "I was there.", await fixture("marked.jpg"));
}

const rows = (page: Page) => page.getByRole("list", { name: "What is to be looked at" }).getByRole("listitem");

interface Shown {
  count: number;
  tier: string | null;
}

async function folded(page: Page): Promise<void> {
  const until = Date.now() + 60_000 + COPIES * EACH_MS;
  for (;;) {
    const shown = await page.evaluate(async () => ((await (await fetch("/api/queue")).json()) as { rows: Shown[] }).rows.map(({ count, tier }) => ({ count, tier })));
    if (shown.length === 3 && shown.every(({ tier }) => tier !== null) && shown.some(({ count }) => count === COPIES)) return;
    check(Date.now() < until, `it did not fold: ${JSON.stringify(shown)}`);
    await page.waitForTimeout(500);
  }
}

async function comeIn(page: Page, name: string, key: string): Promise<void> {
  await signIn(page, name);
  await loadKey(page, key);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Queue" }).click();
}

test("the desk: two reviewers fold a flood into few rows, see what is unique in it, dismiss it and undo", async () => {
  const desk = await openDesk();
  const found: string[] = [];
  try {
    await makeAdmin(desk);
    const second = await inviteReviewer(desk, "ben");
    await flood(desk);
    await visitDesk(desk, async ({ page: anna }) => {
      await comeIn(anna, "anna", desk.key);
      await folded(anna);
      await anna.reload();
      await anna.getByRole("button", { name: "Sign out" }).waitFor();
      await loadKey(anna, desk.key);
      await anna.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Queue" }).click();
      const copies = rows(anna).filter({ hasText: `${COPIES.toLocaleString("en-GB")} files` });
      const witness = rows(anna).filter({ hasText: "differs from another" });
      const words = rows(anna).filter({ hasText: "has words" });
      for (const one of [copies, witness, words]) same(await one.count(), 1, "rows of the flood, of what differs, of who was there");
      await words.getByRole("link").focus();
      await anna.getByRole("complementary", { name: "What is looked at" }).getByText("I was there.").waitFor();
      found.push(...(await complaints(anna, "flood")));
      await visitDesk(desk, async ({ page: ben }) => {
        await comeIn(ben, "ben", second.file);
        await rows(ben).filter({ hasText: "differs from another" }).getByRole("link").click();
        await ben.getByText("This is like another one").waitFor();
        await ben.getByRole("region", { name: "Representative" }).getByRole("button", { name: /^Show/ }).click();
        /* Right of the middle, in the upper half: where it was drawn. */
        const box = await ben.locator(".difference").first().evaluate((node) => {
          const [inner, outer] = [node.getBoundingClientRect(), node.parentElement?.getBoundingClientRect() ?? new DOMRect()];
          return { x: (inner.x + inner.width / 2 - outer.x) / outer.width, y: (inner.y + inner.height / 2 - outer.y) / outer.height };
        });
        await ben.getByRole("region", { name: "The other one, for comparison" }).waitFor();
        check(box.x > 0.55 && box.x < 0.92 && box.y > 0.12 && box.y < 0.6, `the frame is around ${JSON.stringify(box)}`);
        found.push(...(await complaints(ben, "difference")));
        await ben.getByRole("link", { name: "See the other one" }).click();
        await ben.getByRole("heading", { name: "1 difference" }).waitFor();
        found.push(...(await complaints(ben, "copies")));
        /* Anna takes it; Ben sees that. */
        await copies.getByRole("checkbox").click();
        await anna.keyboard.press("a");
        await anna.getByText("1 taken.").waitFor();
        await ben.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Queue" }).click();
        await rows(ben).getByText("taken by anna").waitFor();
        /* And dismisses it: what is unique stays, for both. */
        await copies.getByRole("checkbox").click();
        await anna.keyboard.press("d");
        await anna.keyboard.press("2");
        await anna.getByText("1 dismissed.").waitFor();
        await copies.waitFor({ state: "detached" });
        same([await witness.count(), await words.count()], [1, 1], "rows of what differs, of who was there");
        await ben.keyboard.press("g");
        await ben.getByRole("link", { name: /^New/ }).getByText("2").waitFor();
        same(await rows(ben).filter({ hasText: "files" }).count(), 0, "rows of copies");
        await anna.keyboard.press("u");
        await anna.getByText("Undone: 1.").waitFor();
        await copies.waitFor();
        await ben.getByRole("button", { name: "Look for new ones" }).click();
        await rows(ben).filter({ hasText: "files" }).waitFor();
      });
    });
    same(found, [], "complaints");
  } finally {
    await desk.stop();
  }
}, 300_000 + 2 * COPIES * EACH_MS);

// SPDX-License-Identifier: GPL-3.0-or-later
// Areas after they were drawn: corners, looks, what is seen of them while a finger hides it.
import type { Page } from "playwright-core";
import { fixture } from "../rig/fixtures.ts";
import { visit } from "../rig/chromium.ts";
import { Studio, en, said, type Spot } from "../rig/studio.ts";
import { check, same, test } from "../rig/tap.ts";

interface Area {
  shape: string;
  style?: string;
  color?: string;
  points?: [number, number][];
}

async function areas(studio: Studio): Promise<Area[]> {
  await studio.page.waitForTimeout(600);
  await studio.settled();
  const found = await studio.lastRegions();
  return (found as { regions: Area[] } | null)?.regions ?? [];
}

async function covering(device: "desktop" | "narrow", run: (studio: Studio, page: Page) => Promise<void>): Promise<void> {
  const file = await fixture("photo.jpg");
  await visit({ device }, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await run(studio, page);
  });
}

/** An outline of four corners, drawn by taps or clicks. */
async function drawOutline(studio: Studio, press: (at: Spot) => Promise<void>): Promise<void> {
  await studio.choose(en.cover.polygon);
  for (const [x, y] of [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8], [0.2, 0.2]] as const) {
    await press(await studio.spot(x, y));
    await studio.page.waitForTimeout(50);
  }
  await studio.covered(1);
}

const corners = (found: readonly Area[]) => found[0]?.points ?? [];

test("a finger pulls a corner of an outline, draws a new one out of an edge, and a button takes it away", () =>
  covering("narrow", async (studio, page) => {
    await drawOutline(studio, ({ x, y }) => page.touchscreen.tap(x, y));
    const drawn = corners(await areas(studio));
    same(drawn.length, 4, "corners");
    await studio.touchDrag(await studio.spot(0.8, 0.2), await studio.spot(0.9, 0.1));
    const pulled = corners(await areas(studio));
    same(JSON.stringify([pulled[0], pulled[2], pulled[3]]), JSON.stringify([drawn[0], drawn[2], drawn[3]]), "the other corners");
    check((pulled[1]?.[0] ?? 0) > (drawn[1]?.[0] ?? 0) && (pulled[1]?.[1] ?? 0) < (drawn[1]?.[1] ?? 0), "the corner was not pulled");
    await studio.touchDrag(await studio.spot(0.5, 0.8), await studio.spot(0.5, 0.9));
    same(corners(await areas(studio)).length, 5, "corners after one was drawn out of an edge");
    await studio.press(en.editor.removeCorner);
    same(JSON.stringify(corners(await areas(studio))), JSON.stringify(pulled), "corners after it was taken away");
  }));

test("keys go from corner to corner of an outline, move, add and delete them, and say where they are", () =>
  covering("desktop", async (studio, page) => {
    await drawOutline(studio, ({ x, y }) => page.mouse.click(x, y));
    const drawn = corners(await areas(studio));
    await page.keyboard.press(".");
    await page.keyboard.press(".");
    await page.getByText(en.editor.said.corner.split(" {total}")[0]?.replace("{n}", "2") ?? "").first().waitFor({ state: "attached" });
    await page.keyboard.press("ArrowRight");
    const moved = corners(await areas(studio));
    check((moved[1]?.[0] ?? 0) > (drawn[1]?.[0] ?? 0), "the second corner did not move");
    same(JSON.stringify(moved[0]), JSON.stringify(drawn[0]), "the first corner");
    await page.keyboard.press("n");
    same(corners(await areas(studio)).length, 5, "corners with one added");
    for (let left = 5; left > 3; left--) await page.keyboard.press("Delete");
    same(corners(await areas(studio)).length, 3, "corners with two deleted");
    await page.keyboard.press("Delete");
    await page.getByText(en.editor.said.cornersLeast).first().waitFor({ state: "attached" });
    same(corners(await areas(studio)).length, 3, "corners that have to be there");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Delete");
    await page.getByText(en.cover.nothing).first().waitFor();
  }));

test("the look that is shown is that of the chosen area, and a new tool leaves that area alone", () =>
  covering("desktop", async (studio, page) => {
    await studio.coverBox("mouse", en.cover.mosaic);
    await page.getByText(en.cover.styleOf.replace("{n}", "1")).last().waitFor();
    await studio.choose(en.cover.ellipse);
    await page.getByText(en.cover.style, { exact: true }).last().waitFor();
    await studio.choose(en.cover.fill);
    await studio.drag(await studio.spot(0.65, 0.65), await studio.spot(0.9, 0.9));
    await studio.covered(2);
    same((await areas(studio)).map(({ style }) => style).join(), "mosaic,fill", "looks");
    // The first area again: its look is the one that is checked, and another one is taken by a click.
    await studio.choose(en.cover.select);
    const first = await studio.spot(0.4, 0.45);
    await page.mouse.click(first.x, first.y);
    await page.getByText(en.cover.styleOf.replace("{n}", "1")).last().waitFor();
    check(await page.getByRole("radio", { name: en.cover.mosaic }).isChecked(), "the look of the chosen area is not shown");
    await studio.choose(en.cover.fill);
    same((await areas(studio)).map(({ style }) => style).join(), "fill,fill", "looks after a change");
  }));

test("a loupe shows what the finger hides, and goes with it", () =>
  covering("narrow", async (studio, page) => {
    const glass = page.locator(".osk-loupe");
    const client = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...touchPoints: Spot[]) => client.send("Input.dispatchTouchEvent", { type, touchPoints });
    await studio.choose(en.cover.brush);
    const [from, to] = [await studio.spot(0.3, 0.5), await studio.spot(0.6, 0.5)];
    await touch("touchStart", from);
    await touch("touchMove", to);
    await glass.waitFor();
    const box = await glass.boundingBox();
    check(box !== null && Math.hypot(box.x + box.width / 2 - to.x, box.y + box.height / 2 - to.y) > box.width / 2 + 10, "the loupe lies under the finger");
    same(await glass.locator("img").getAttribute("src"), await studio.picture().getAttribute("src"), "image in the loupe");
    await touch("touchEnd");
    await glass.waitFor({ state: "detached" });
    await studio.covered(1);
  }));

test("the mouse hides nothing and gets no loupe; the blocks of a JPEG are shown while the brush paints", () =>
  covering("desktop", async (studio, page) => {
    await studio.choose(en.cover.brush);
    const [from, to] = [await studio.spot(0.3, 0.5), await studio.spot(0.6, 0.5)];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 5 });
    await page.locator(".osk-live .osk-cells").first().waitFor({ state: "attached" });
    same(await page.locator(".osk-loupe").count(), 0, "loupes");
    await page.mouse.up();
    await studio.covered(1);
  }));

test("with several files each row says what becomes of what is hidden, before and after", async () => {
  const files = [await fixture("photo.jpg"), await fixture("photo.png")];
  await visit({ device: "narrow" }, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(...files);
    await studio.toSave();
    const rows = page.locator(".many li");
    await rows.nth(1).waitFor();
    for (const row of await rows.all()) await row.getByText(said(en.save.summary)).waitFor();
    await studio.pressSaveAll();
    const cards = page.locator(".card");
    same(await cards.count(), files.length, "copies");
    for (const card of await cards.all()) await card.getByText(said(en.done.gone)).waitFor();
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// For everyone: each state without a complaint of axe-core, in each theme, narrow, from right to left, by keyboard alone.
import type { Page } from "playwright-core";
import { axeComplaints } from "../rig/axe.ts";
import { fixture } from "../rig/fixtures.ts";
import { isFit } from "../rig/copies.ts";
import { atRest, STEP_LIMIT_MS, visit, type How } from "../rig/chromium.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, same, test } from "../rig/tap.ts";

const LEAST_TARGET = 44;
const LOOK_EVERY_MS = 50;

interface View {
  state: string;
  page: Page;
}

/** Walks through the states of the page, and stops in each. */
async function eachState(how: How, look: (view: View) => Promise<void>): Promise<void> {
  const file = await fixture("photo.jpg");
  const broken = await fixture("cut.jpg");
  const movie = await fixture("video.mp4");
  await visit(how, async ({ page }) => {
    const studio = new Studio(page);
    await studio.ready();
    await look({ state: "empty", page });
    await studio.open(file);
    await look({ state: "findings", page });
    await studio.toCover();
    await look({ state: "cover", page });
    await studio.coverBox(how.device === "desktop" ? "mouse" : "touch");
    await look({ state: "covered", page });
    await studio.toSave();
    await look({ state: "save", page });
    await studio.pressSave();
    await look({ state: "done", page });
    await page.reload();
    await studio.open(movie);
    await look({ state: "video", page });
    await studio.toSave();
    await page.reload();
    await studio.ready();
    await studio.give(broken);
    await studio.heading(en.faults.heading).waitFor();
    await look({ state: "error", page });
  });
}

async function complaints({ state, page }: View): Promise<string[]> {
  await atRest(page);
  return axeComplaints(page, state);
}

/** Elements that stick out of the window at either side. */
const overflow = (page: Page) =>
  page.evaluate(() => ({ page: document.documentElement.scrollWidth, window: document.documentElement.clientWidth }));

/** Targets that a finger misses; links in sentences apart. */
const tooSmall = ({ page, state }: View) =>
  page.evaluate(
    ([least, where]) => {
      const found: string[] = [];
      for (const node of document.querySelectorAll<HTMLElement>("button, [role=button], [role=radio], select, summary, input:not([type=file])")) {
        const target = node.closest("label") ?? node;
        const box = target.getBoundingClientRect();
        if (box.width === 0 || !node.checkVisibility({ visibilityProperty: true }) || node.closest("[inert]")) continue;
        if (box.width < least - 0.5 || box.height < least - 0.5) {
          found.push(`${where}: ${node.getAttribute("aria-label") ?? node.textContent?.trim()} ${box.width.toFixed(0)}x${box.height.toFixed(0)}`);
        }
      }
      return found;
    },
    [LEAST_TARGET, state] as const);

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe-core has nothing to say of any state (desktop, ${colorScheme})`, async () => {
    const found: string[] = [];
    await eachState({ device: "desktop", options: { colorScheme } }, async (view) => void found.push(...(await complaints(view))));
    same(found, [], "complaints");
  });

  // What takes minutes is the way through the states, so that each look at a phone goes along.
  test(`in each state at 360 pixels nothing scrolls sideways, targets are 44 pixels, and axe-core has nothing to say (${colorScheme})`, async () => {
    const found: string[] = [];
    await eachState({ device: "narrow", options: { colorScheme } }, async (view) => {
      found.push(...(await complaints(view)), ...(await tooSmall(view)));
      const width = await overflow(view.page);
      if (width.page > width.window) found.push(`${view.state} is ${width.page} pixels wide`);
    });
    same(found, [], "what is wrong");
  });
}

test("with less motion and more contrast wanted nothing moves for longer than an instant, and axe-core has nothing to say", async () => {
  const found: string[] = [];
  await eachState({ device: "narrow", options: { reducedMotion: "reduce", forcedColors: "active" } }, async (view) => {
    const moving = await view.page.evaluate(() =>
      document.getAnimations().filter((one) => Number(one.effect?.getComputedTiming().activeDuration ?? 0) > 20).length);
    if (moving > 0) found.push(`${view.state}: ${moving} animations`);
    found.push(...(await complaints(view)));
  });
  same(found, [], "what is wrong");
});

for (const locale of ["en-GB", "es-ES", "fr-FR", "ar-EG", "zh-CN", "ko-KR"]) {
  test(`360 pixels are wide enough in ${locale}: nothing scrolls sideways`, async () => {
    const file = await fixture("photo.jpg");
    await visit({ device: "narrow", options: { locale } }, async ({ page }) => {
      const fits = async (state: string) => {
        const width = await overflow(page);
        check(width.page <= width.window, `${state} is ${width.page} pixels wide`);
      };
      await page.locator("h1").first().waitFor();
      const lang = await page.evaluate(() => document.documentElement.lang);
      check(locale.startsWith(lang.slice(0, 2)), `the page speaks ${lang}`);
      same(await page.evaluate(() => document.documentElement.dir || "ltr"), locale.startsWith("ar") ? "rtl" : "ltr", "direction");
      await fits("empty");
      await page.locator("input[type=file]").first().setInputFiles(file);
      await page.getByRole("listitem").nth(3).waitFor();
      await atRest(page);
      await fits("findings");
    });
  });
}

test("a new step stands where it stays before it is first painted: nothing moves from under a finger", async () => {
  const file = await fixture("photo.jpg");
  await visit({ device: "narrow" }, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    // Told as soon as the page has been changed, and long before it is painted.
    await page.evaluate(() => {
      const shown: string[] = [];
      Object.defineProperty(window, "oilskinSteps", { value: shown });
      let before = document.getElementById("panel-heading")?.textContent;
      new MutationObserver(() => {
        const heading = document.getElementById("panel-heading");
        if (!heading || heading.textContent === before) return;
        before = heading.textContent;
        shown.push(`${before}: ${document.activeElement === heading ? "focused" : "not focused"}, scrolled by ${scrollY}`);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    const toTheEnd = () => page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await toTheEnd();
    await studio.toCover();
    await studio.coverBox("touch");
    await toTheEnd();
    await studio.toSave();
    await toTheEnd();
    await studio.pressSave();
    const shown = await page.evaluate(() => (window as unknown as { oilskinSteps: string[] }).oilskinSteps);
    const steps = [en.cover.heading, en.save.heading, en.done.heading];
    same(shown, steps.map((step) => `${step}: focused, scrolled by 0`), "steps as they were when they came");
  });
});

test("a laptop's 1280 by 800 pixels hold what step two says, in each language, without a scroll bar", async () => {
  const file = await fixture("photo.jpg");
  for (const locale of ["en-GB", "es-ES", "fr-FR", "ar-EG", "zh-CN", "ko-KR"]) {
    await visit({ device: "desktop", options: { locale, viewport: { width: 1280, height: 800 } } }, async ({ page }) => {
      await page.locator("h1").first().waitFor();
      await page.locator("input[type=file]").first().setInputFiles(file);
      await page.getByRole("listitem").nth(3).waitFor();
      await page.waitForTimeout(500);
      await page.locator(".panel-act button").first().click();
      await page.getByRole("application").first().focus();
      await page.keyboard.press("r");
      await page.keyboard.press("Enter");
      // The last line is there when the area is covered.
      await page.locator(".panel-body > .sum + .quiet").waitFor();
      const [content, room] = await page.locator(".panel-body").evaluate((node) => [node.scrollHeight, node.clientHeight]);
      check((content ?? 0) <= (room ?? 0), `${locale}: ${content} pixels in ${room}`);
    });
  }
});

/** Tabs on until the control under this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = new Studio(page).control(name);
  for (let step = 0; step < 120; step++) {
    if (await wanted.evaluate((node) => node === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  check(false, `"${name}" is not reached by the Tab key`);
}

const isWithin = (page: Page) =>
  page.getByRole("application").first().evaluate((node) => node === document.activeElement || node.contains(document.activeElement));

test("many areas are one stop of the Tab key, and Page Down and Page Up go through them", async () => {
  const file = await fixture("photo.jpg");
  await visit({ device: "desktop" }, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await page.getByRole("application").first().focus();
    await page.keyboard.press("t");
    for (let n = 1; n <= 12; n++) {
      await page.keyboard.press("Enter");
      await studio.covered(n);
    }
    const here = async () => {
      await page.waitForTimeout(100);
      return page.evaluate(() => document.activeElement?.getAttribute("data-index"));
    };
    await page.keyboard.press("Home");
    same(await here(), "0", "the first area");
    await page.keyboard.press("PageDown");
    await page.keyboard.press("PageDown");
    same(await here(), "2", "the third area");
    await page.keyboard.press("PageUp");
    same(await here(), "1", "the second area");
    await page.keyboard.press("End");
    same(await here(), "11", "the last area");
    // One stop before the areas, the picture, and one for all of them.
    await page.keyboard.press("Shift+Tab");
    same(await here(), null, "the picture");
    check(await isWithin(page), "the picture is no stop");
    await page.keyboard.press("Tab");
    same(await here(), "11", "the area that was left");
    await page.keyboard.press("Tab");
    check(!(await isWithin(page)), "the Tab key does not leave the areas");
  });
});

test("keys move each edge of an area, and its new place is said", async () => {
  const file = await fixture("photo.jpg");
  await visit({ device: "desktop" }, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await page.getByRole("application").first().focus();
    await page.keyboard.press("r");
    await page.keyboard.press("Enter");
    await studio.covered(1);
    const place = async () => {
      await page.waitForTimeout(700);
      await studio.settled();
      const [box] = ((await studio.lastRegions()) as { regions: { x: number; y: number; w: number; h: number }[] }).regions;
      check(box, "there is no area");
      const said = en.editor.said.placed;
      const values = { x: box.x, y: box.y, width: box.w, height: box.h };
      return { box, said: said.replace(/\{(\w+)\}/g, (_, name: keyof typeof values) => new Intl.NumberFormat("en-GB").format(Math.round(values[name]))) };
    };
    let { box: before } = await place();
    for (const [keys, moves, stays] of [
      ["Shift+ArrowRight", ["w"], ["x", "y", "h"]],
      ["Shift+ArrowUp", ["h"], ["x", "y", "w"]],
      ["Shift+Alt+ArrowLeft", ["x", "w"], ["y", "h"]],
      ["Shift+Alt+ArrowDown", ["y", "h"], ["x", "w"]],
      ["ArrowLeft", ["x"], ["y", "w", "h"]],
    ] as const) {
      await page.keyboard.press(keys);
      const { box, said } = await place();
      for (const side of moves) check(Math.abs(box[side] - before[side]) >= 1, `${keys} left ${side} as it was`);
      for (const side of stays) check(Math.abs(box[side] - before[side]) < 0.1, `${keys} changed ${side}`);
      await page.getByRole("status").getByText(said).waitFor({ state: "attached" });
      before = box;
    }
  });
});

test("the keyboard alone opens, covers and saves", async () => {
  const file = await fixture("photo.jpg");
  await visit({ device: "desktop" }, async ({ page }) => {
    const studio = new Studio(page);
    const expectRegions = async (isSo: (regions: string) => boolean, otherwise: string) => {
      const end = Date.now() + STEP_LIMIT_MS;
      while (!isSo(JSON.stringify(await studio.lastRegions()))) {
        check(Date.now() < end, otherwise);
        await page.waitForTimeout(LOOK_EVERY_MS);
      }
    };
    await studio.ready();
    const chooser = page.waitForEvent("filechooser");
    await tabTo(page, en.open.choose);
    await page.keyboard.press("Enter");
    await (await chooser).setFiles(file);
    await studio.outcome();
    await tabTo(page, en.findings.next);
    await page.keyboard.press("Enter");
    await studio.picture().waitFor();
    // What is filled has the same bytes everywhere; blur differs by chance.
    await tabTo(page, en.cover.blur);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const editor = page.getByRole("application").first();
    for (let step = 0; step < 60 && !(await editor.evaluate((node) => node === document.activeElement || node.contains(document.activeElement))); step++) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("r");
    await page.keyboard.press("Enter");
    await studio.covered(1);
    const first = JSON.stringify(await studio.lastRegions());
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowDown");
    // Keys that follow each other closely become one change.
    await expectRegions((now) => now !== first, "arrows did not move the area");
    await studio.settled();
    const moved = JSON.stringify(await studio.lastRegions());
    await page.keyboard.press("Control+z");
    await expectRegions((now) => now === first, "undo did not bring the first area back");
    await page.keyboard.press("Control+Shift+z");
    await expectRegions((now) => now === moved, "redo did not bring the moved area back");
    await studio.settled();
    await tabTo(page, en.cover.next);
    await page.keyboard.press("Enter");
    const coming = page.waitForEvent("download");
    await tabTo(page, en.save.button);
    await page.keyboard.press("Enter");
    await studio.heading(en.done.heading).waitFor();
    const copy = await studio.keep(await coming);
    await isFit(copy, "jpg");
    // The look that stands there first is made of chance, so that only the words can be compared.
    await page.getByText(en.done.covered.one.replace("{n}", "1")).first().waitFor();
  });
});

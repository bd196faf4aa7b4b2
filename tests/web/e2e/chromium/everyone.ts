// SPDX-License-Identifier: GPL-3.0-or-later
// For everyone: each state without a complaint of axe-core, in each theme, narrow, from right to left, by keyboard alone.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { fixture } from "../rig/fixtures.ts";
import { isFit } from "../rig/copies.ts";
import { visit, type How } from "../rig/chromium.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, same, test } from "../rig/tap.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const LEAST_TARGET = 44;

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
  await page.waitForTimeout(300);
  // As text through the debugger: the page's policy lets no script in, and has nothing to say here.
  const client = await page.context().newCDPSession(page);
  await client.send("Runtime.evaluate", { expression: axe });
  await client.detach();
  const results = await page.evaluate(async (tags) => {
    const { axe: tool } = window as unknown as { axe: { run(root: Document, how: object): Promise<AxeResults> } };
    return tool.run(document, { runOnly: { type: "tag", values: tags } });
  }, RULES);
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${state}: ${id} at ${target.join(" ")}: ${failureSummary?.split("\n")[1]?.trim()}`));
}

const THEMES: [string, How][] = (["light", "dark"] as const).flatMap((colorScheme): [string, How][] => [
  [`desktop, ${colorScheme}`, { device: "desktop", options: { colorScheme } }],
  [`phone, ${colorScheme}`, { device: "narrow", options: { colorScheme } }],
]);

for (const [title, how] of THEMES) {
  test(`axe-core has nothing to say of any state (${title})`, async () => {
    const found: string[] = [];
    await eachState(how, async (view) => void found.push(...(await complaints(view))));
    same(found, [], "complaints");
  });
}

test("axe-core has nothing to say when less motion and more contrast are wanted", async () => {
  const found: string[] = [];
  await eachState({ device: "narrow", options: { reducedMotion: "reduce", forcedColors: "active" } }, async (view) => void found.push(...(await complaints(view))));
  same(found, [], "complaints");
});

test("with less motion wanted nothing moves for longer than an instant", async () => {
  await eachState({ device: "narrow", options: { reducedMotion: "reduce" } }, async ({ state, page }) => {
    const moving = await page.evaluate(() =>
      document.getAnimations().filter((one) => Number(one.effect?.getComputedTiming().activeDuration ?? 0) > 20).length);
    same(moving, 0, `${state}: animations`);
  });
});

/** Elements that stick out of the window at either side. */
const overflow = (page: Page) =>
  page.evaluate(() => ({ page: document.documentElement.scrollWidth, window: document.documentElement.clientWidth }));

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
      await page.waitForTimeout(500);
      await fits("findings");
    });
  });
}

test("360 pixels are wide enough in each state", async () => {
  await eachState({ device: "narrow" }, async ({ state, page }) => {
    const width = await overflow(page);
    check(width.page <= width.window, `${state} is ${width.page} pixels wide`);
  });
});

test("what can be pressed is at least 44 pixels wide and high, links in sentences apart", async () => {
  const small: string[] = [];
  await eachState({ device: "narrow" }, async ({ state, page }) => {
    small.push(...(await page.evaluate(
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
      [LEAST_TARGET, state] as const)));
  });
  same(small, [], "targets that are too small");
});

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

/** Tabs on until the control under this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = new Studio(page).control(name);
  for (let step = 0; step < 120; step++) {
    if (await wanted.evaluate((node) => node === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  check(false, `"${name}" is not reached by the Tab key`);
}

test("the keyboard alone opens, covers and saves", async () => {
  const file = await fixture("photo.jpg");
  await visit({ device: "desktop" }, async ({ page }) => {
    const studio = new Studio(page);
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
    // Each key may be a job of its own, and the last is the one that counts.
    await page.waitForTimeout(2000);
    await studio.settled();
    const moved = await studio.lastRegions();
    check(JSON.stringify(moved) !== first, "arrows did not move the area");
    await page.keyboard.press("Control+z");
    await page.waitForTimeout(500);
    await studio.settled();
    await page.keyboard.press("Control+Shift+z");
    await page.waitForTimeout(500);
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

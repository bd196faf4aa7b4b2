// SPDX-License-Identifier: GPL-3.0-or-later
// Each language at 360 pixels: nothing is cut off or pushed out of sight, and nothing stays English by mistake.
import type { Locator, Page } from "playwright-core";
import type { Plural } from "../../../../web/app/words/catalogue.ts";
import { languageOf, type Language } from "../../../../web/app/words/languages.ts";
import { load, type Spoken } from "../../../../web/app/words/spoken.ts";
import { fixture } from "../rig/fixtures.ts";
import { atRest, visit } from "../rig/chromium.ts";
import { Studio } from "../rig/studio.ts";
import { same, test } from "../rig/tap.ts";
import { LOOK, walked } from "../rig/walked.ts";

const WIDTHS: readonly [string, "narrow" | "desktop"][] = [["360 pixels", "narrow"], ["a desktop", "desktop"]];

/** A text of the catalogue as a pattern, in any of its forms: {slots} stand for anything. */
function said(text: string | Plural): RegExp {
  const one = (line: string) => line.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, ".*?");
  return new RegExp((typeof text === "string" ? [text] : Object.values(text)).map(one).join("|"));
}

interface Talk {
  page: Page;
  language: Language;
  words: Spoken["words"];
}

function press({ page }: Talk, name: string): Locator {
  const named = { name, exact: true };
  return page.getByRole("button", named).or(page.getByRole("radio", named)).or(page.getByRole("link", named)).first();
}

function heading({ page }: Talk, text: string | Plural): Locator {
  return page.getByRole("heading", { name: said(text) }).first();
}

async function eachState(talk: Talk, look: (state: string) => Promise<void>): Promise<void> {
  const { page, words } = talk;
  const touch = await page.evaluate(() => navigator.maxTouchPoints > 0);
  await heading(talk, words.open.heading).waitFor();
  await look("empty");
  await press(talk, words.check.heading).click();
  await press(talk, words.check.close).waitFor();
  await look("check");
  await page.keyboard.press("Escape");
  await press(talk, words.device.remove).click();
  await press(talk, words.device.removeNow).waitFor();
  await look("remove");
  await page.keyboard.press("Escape");
  await page.locator("input[type=file]").first().setInputFiles([await fixture("photo.jpg"), await fixture("video.mp4")]);
  await heading(talk, words.findings.heading).waitFor();
  await look("findings");
  await press(talk, words.findings.next).click();
  const picture = page.getByRole("application").locator("img").first();
  await picture.waitFor();
  await look("cover");
  await press(talk, words.cover.next).click();
  await look("save");
  await page.getByRole("button", { name: said(words.save.buttonMany) }).first().click();
  await press(talk, words.save.askSave).waitFor();
  await look("ask");
  await press(talk, words.save.askCover).click();
  await picture.waitFor();
  const box = press(talk, words.cover.box);
  if ((await box.evaluate((node) => node.tagName)) === "INPUT") await box.check({ force: true });
  else await box.click();
  const studio = new Studio(page);
  await picture.evaluate((node) => node.scrollIntoView({ block: "center" }));
  const place = await picture.boundingBox();
  if (place) {
    const [from, to] = [0.3, 0.6].map((part) => ({ x: place.x + place.width * part, y: place.y + place.height * part }));
    if (from && to) await (touch ? studio.touchDrag(from, to) : studio.drag(from, to));
  }
  await page.getByText(said(words.cover.areas)).first().waitFor();
  await page.getByText(words.cover.applying).first().waitFor({ state: "hidden" });
  await look("covered");
  await press(talk, words.cover.next).click();
  await page.getByRole("button", { name: said(words.save.buttonMany) }).first().click();
  await heading(talk, words.done.headingMany).waitFor();
  await look("done");
  await page.reload();
  await heading(talk, words.open.heading).waitFor();
  await page.locator("input[type=file]").first().setInputFiles(await fixture("video.mp4"));
  await heading(talk, words.findings.heading).waitFor();
  await look("video");
  await page.reload();
  await heading(talk, words.open.heading).waitFor();
  await page.locator("input[type=file]").first().setInputFiles(await fixture("cut.jpg"));
  await heading(talk, words.faults.heading).waitFor();
  await look("error");
}

/** Text beyond the page, beyond what cuts it off, or beyond the box that it is drawn in. */
function pushedOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) found.add(`the page is ${document.documentElement.scrollWidth} wide`);
    const [main, foot] = [document.querySelector("main"), document.querySelector("footer")];
    if (main && foot && main.getBoundingClientRect().top + main.scrollHeight > foot.getBoundingClientRect().top + 1) found.add("the foot lies over the rest");
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const owner = text.parentElement;
      const said = (text.textContent ?? "").trim();
      if (!owner || said === "" || owner.closest("option, select, script, style, noscript") || !owner.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const { left, right } = range.getBoundingClientRect();
      const beyond = (box: { left: number; right: number }) => left < box.left - 1 || right > box.right + 1;
      const wrong: string[] = [];
      let scrolls = false;
      let unseen = false;
      for (let holder: HTMLElement | null = owner; holder !== null && holder !== document.body && !scrolls; holder = holder.parentElement) {
        const style = getComputedStyle(holder);
        const box = holder.getBoundingClientRect();
        // Only for screen readers, or out of the page until it has the focus.
        unseen ||= style.clipPath !== "none" || (style.position === "absolute" && box.bottom <= 0);
        scrolls = /auto|scroll/.test(style.overflowX);
        const drawn = holder.matches("button, a, label, summary") || style.borderInlineEndStyle !== "none" || style.backgroundColor !== "rgba(0, 0, 0, 0)";
        const cuts = /hidden|clip/.test(style.overflowX);
        if ((drawn || cuts) && !scrolls && beyond(box)) wrong.push(`"${said.slice(0, 40)}" is beyond its <${holder.tagName.toLowerCase()} ${holder.className}>`);
      }
      if (!scrolls && beyond({ left: 0, right: width })) wrong.push(`"${said.slice(0, 40)}" is out of sight`);
      if (!unseen) for (const line of wrong) found.add(line);
    }
    return [...found];
  });
}

/** Runs of English words where the language is written in other letters. */
function leftEnglish(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const owner = node.parentElement;
      if (!owner || owner.closest("[lang=en], bdi, code, option, script, style, noscript") || !owner.checkVisibility()) continue;
      if (/[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}/.test(node.textContent ?? "")) found.push((node.textContent ?? "").trim());
    }
    return found;
  });
}

const NOT_LATIN = ["ar", "zh", "ko"];

for (const language of walked) {
  for (const [title, device] of WIDTHS) {
    test(`${language.name} has room in each state at ${title}`, async () => {
      const { words } = await load(language.tag);
      await visit({ device, options: { locale: language.lang } }, async ({ page }) => {
        const talk = { page, language, words };
        const found: string[] = [];
        await eachState(talk, async (state) => {
          await atRest(page);
          if (LOOK) await page.screenshot({ path: `${LOOK}/${language.tag}-${device}-${state}.png`, fullPage: !["check", "ask", "remove"].includes(state) });
          const { lang, dir } = await page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir }));
          same({ lang, dir }, { lang: language.lang, dir: language.direction }, `${state}: the page's language`);
          const wrong = [...(await pushedOut(page)), ...(NOT_LATIN.includes(language.tag) ? await leftEnglish(page) : [])];
          found.push(...wrong.map((line) => `${state}: ${line}`));
        });
        same(found, [], "what has no room, or is still English");
      });
    });
  }
}

test("a person can switch the language, in the middle of the work", async () => {
  await visit({ options: { locale: "de-DE" } }, async ({ page }) => {
    await new Studio(page).open(await fixture("photo.jpg"));
    for (const tag of ["ar", "en"]) {
      const language = languageOf(tag);
      const { words } = await load(language.tag);
      await page.getByRole("combobox").first().selectOption(tag);
      await heading({ page, language, words }, words.findings.heading).waitFor();
      const { lang, dir, title } = await page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir, title: document.title }));
      same({ lang, dir, title }, { lang: language.lang, dir: language.direction, title: words.app.title }, "the page after the switch");
    }
  });
});

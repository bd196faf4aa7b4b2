// SPDX-License-Identifier: GPL-3.0-or-later
// For everyone: each page of the drop without a complaint of axe-core, narrow, dark, from right to left.
// OILSKIN_E2E_LOOK=DIR keeps a screenshot of each.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { axeComplaints } from "../rig/axe.ts";
import { fixture } from "../rig/fixtures.ts";
import { enter, openDrop, placedPhoto, wordsOf, type Drop } from "../rig/drop.ts";
import { dist } from "../rig/places.ts";
import { same, test } from "../rig/tap.ts";
import { LOOK, walked } from "../rig/walked.ts";

/** Of the things that are pressed; links in sentences and lists apart. */
const LEAST_TARGET = 24;

/** A page that waits opens the form by itself, as it says: nothing is written in it that could be lost, and its link does the
 * same at any time. Without scripts there is no other way. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = { waiting: ["meta-refresh"] };

async function complaints(page: Page, state: string): Promise<string[]> {
  const small = await page.evaluate((least) => {
    const all = [...document.querySelectorAll<HTMLElement>("button, select, summary, input:not([type=file]):not([type=hidden]), textarea")];
    return all.filter((node) => node.checkVisibility() && Math.min(node.getBoundingClientRect().width, node.getBoundingClientRect().height) < least - 2.5).map((node) => node.outerHTML.slice(0, 80));
  }, LEAST_TARGET);
  return [
    ...(await axeComplaints(page, state, ALLOWED[state])),
    ...small.map((one) => `${state}: too small: ${one}`),
  ];
}

/** A template, with something in each of its places. */
function filled(template: string): string {
  const values: Record<string, string> = { seconds: "600", slot: "1.a.b", retain_days: "90", operator: "The Harbor Gazette", readers: "Two editors",
    contact: "tips@gazette.example", onion: "a".repeat(56) + ".onion" };
  return template
    .replace(/\{\{\^\w+\}\}[^]*?\{\{\/\w+\}\}/g, "")
    .replace(/\{\{[#/]\w+\}\}/g, "")
    .replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "");
}

/** Every page of the drop, in one language. */
async function walk(drop: Drop, tag: string, name: string, how: BrowserContextOptions): Promise<string[]> {
  const found: string[] = [];
  const { page, context } = await enter(drop, how, `/?lang=${tag}`);
  const stop = async (state: string) => {
    found.push(...(await complaints(page, state)));
    if (LOOK !== undefined) await page.screenshot({ path: join(LOOK, `${state}-${tag}-${name}.png`), fullPage: true });
  };
  const words = await wordsOf(page);
  await page.locator("#resume summary").waitFor();
  await stop("form");
  await page.setInputFiles("#files", [await placedPhoto(), await fixture("text.jpg")]);
  await page.locator(".item .question").waitFor();
  await page.locator(".item .note").waitFor();
  await stop("files");
  await page.locator(".item .note + .button").click();
  await page.click("#send");
  await page.locator(".done").waitFor();
  await stop("received");
  await page.goto(`${drop.origin}/r?lang=${tag}`);
  await stop("ask");
  await page.fill("#receipt", words);
  await page.locator("button.first").click();
  await page.locator("#sure").waitFor();
  await stop("found");
  await page.goto(`${drop.origin}/r?lang=${tag}`);
  await page.fill("#receipt", words.replace(/^\w+/, "qqqq"));
  await page.locator("button.first").click();
  await page.locator("[role=alert]").waitFor();
  await stop("wrong");
  const refused = await page.request.post(`${drop.origin}/submit?lang=${tag}`, { multipart: { message: " " } });
  same(refused.status(), 422, "an empty form");
  /* Pages that are answers, or of a busy server. */
  const show = async (state: string, html: string) => {
    const address = `${drop.origin}/shown-${state}`;
    await page.route(address, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
    await page.goto(address);
    await page.locator("h1").waitFor();
    await stop(state);
  };
  await show("problem", await refused.text());
  await show("waiting", filled(readFileSync(join(dist, "../intake", `waiting.${tag}.html`), "utf8")));
  await context.close();
  return found;
}

async function each(name: string, tags: readonly string[], how: BrowserContextOptions): Promise<void> {
  const drop = await openDrop("drop.demo=yes");
  try {
    const found: string[] = [];
    for (const tag of tags) found.push(...(await walk(drop, tag, name, how)));
    same(found, [], "complaints");
  } finally {
    await drop.stop();
  }
}

test("the drop: axe-core has nothing to say of any page (desktop, light)", () => each("desktop", ["en"], {}));
test("the drop: axe-core has nothing to say of any page (360 pixels, dark, in languages of both directions)", () =>
  each("narrow-dark", walked.map(({ tag }) => tag), { viewport: { width: 360, height: 740 }, colorScheme: "dark", isMobile: true, hasTouch: true }));

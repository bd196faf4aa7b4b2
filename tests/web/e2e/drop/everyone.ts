// SPDX-License-Identifier: GPL-3.0-or-later
// For everyone: each page of the drop without a complaint of axe-core, narrow, dark, from right to left.
// OILSKIN_E2E_LOOK=DIR keeps a screenshot of each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { languages } from "../../../../web/app/words/languages.ts";
import { fixture } from "../rig/fixtures.ts";
import { enter, openDrop, placedPhoto, wordsOf, type Drop } from "../rig/drop.ts";
import { dist } from "../rig/places.ts";
import { same, test } from "../rig/tap.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const look = process.env["OILSKIN_E2E_LOOK"];
/** Of the things that are pressed; links in sentences and lists apart. */
const LEAST_TARGET = 24;

/** A page that waits opens the form by itself, as it says: nothing is written in it that could be lost, and its link does the
 * same at any time. Without scripts there is no other way. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = { waiting: ["meta-refresh"] };

async function complaints(page: Page, state: string): Promise<string[]> {
  const client = await page.context().newCDPSession(page);
  await client.send("Runtime.evaluate", { expression: axe });
  await client.detach();
  const results = await page.evaluate(async (tags) => {
    const { axe: tool } = window as unknown as { axe: { run(root: Document, how: object): Promise<AxeResults> } };
    return tool.run(document, { runOnly: { type: "tag", values: tags } });
  }, RULES);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const small = await page.evaluate((least) => {
    const all = [...document.querySelectorAll<HTMLElement>("button, select, summary, input:not([type=file]):not([type=hidden]), textarea")];
    return all.filter((node) => node.checkVisibility() && Math.min(node.getBoundingClientRect().width, node.getBoundingClientRect().height) < least - 2.5).map((node) => node.outerHTML.slice(0, 80));
  }, LEAST_TARGET);
  return [
    ...results.violations.filter(({ id }) => !(ALLOWED[state] ?? []).includes(id)).flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${state}: ${id} at ${target.join(" ")}: ${failureSummary?.split("\n")[1]?.trim()}`)),
    ...(wide > 0 ? [`${state}: ${wide} pixels too wide`] : []),
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
    if (look !== undefined) await page.screenshot({ path: join(look, `${state}-${tag}-${name}.png`), fullPage: true });
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

/** All six in the long tier, and for who looks at them. */
const tags = look !== undefined || process.env["OILSKIN_E2E_LONG"] ? languages.map(({ tag }) => tag) : ["en", "ar"];
test("the drop: axe-core has nothing to say of any page (desktop, light)", () => each("desktop", ["en"], {}));
test("the drop: axe-core has nothing to say of any page (360 pixels, dark, in languages of both directions)", () =>
  each("narrow-dark", tags, { viewport: { width: 360, height: 740 }, colorScheme: "dark", isMobile: true, hasTouch: true }));

// SPDX-License-Identifier: GPL-3.0-or-later
// What axe-core has to say of a page, whatever the page is of.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** A line for each thing that is wrong with the page as it stands; one more when it is wider than its window.
 * @param allowed rules that this state may break. */
export async function axeComplaints(page: Page, state: string, allowed: readonly string[] = []): Promise<string[]> {
  // As text through the debugger: the page's policy lets no script in, and has nothing to say here.
  const client = await page.context().newCDPSession(page);
  await client.send("Runtime.evaluate", { expression: axe });
  await client.detach();
  const results = await page.evaluate(async (tags) => {
    const { axe: tool } = window as unknown as { axe: { run(root: Document, how: object): Promise<AxeResults> } };
    return tool.run(document, { runOnly: { type: "tag", values: tags } });
  }, RULES);
  // A phone makes its page as wide as what is too wide.
  const across = page.viewportSize()?.width ?? Infinity;
  const wide = await page.evaluate((width) => document.documentElement.scrollWidth - Math.min(width, document.documentElement.clientWidth), across);
  return [
    ...results.violations
      .filter(({ id }) => !allowed.includes(id))
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${state}: ${id} at ${target.join(" ")}: ${failureSummary?.split("\n")[1]?.trim()}`)),
    ...(wide > 0 ? [`${state}: ${wide} pixels too wide`] : []),
  ];
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the pictures of what ./run demo shows, once it has published (it goes on until Ctrl-C):
//   ./run demo
//   node docs/pictures/demo.mjs LINK docs/pictures      (the link that it prints)
//   mogrify -dither None -colors 128 docs/pictures/demo-*.png
// `node` is the one in web/node_modules/node-linux-*/bin.
import { join } from "node:path";
import { looks, openPage } from "./browser.mjs";

const [link, folder] = process.argv.slice(2);
if (folder === undefined) {
  throw new Error("usage: demo.mjs LINK FOLDER");
}
for (const look of looks) {
  const { page, close } = await openPage(look);
  await page.goto(link);
  await page.getByRole("link", { name: "Key is loaded" }).waitFor();
  const rows = page.getByRole("list", { name: "What is to be looked at" }).getByRole("link");
  await rows.first().waitFor();
  await page.waitForTimeout(2500);
  await page.keyboard.press("b");
  await page.waitForTimeout(1500);
  // The last reports, and the rows behind them that most of the flood folded into; behind those are its screenshots.
  await rows.nth((await rows.count()) - 17).evaluate((row) => row.scrollIntoView({ block: "center" }));
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(folder, `demo-${look}-queue.png`) });
  await close();
}

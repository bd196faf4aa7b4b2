// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the pictures of how something becomes public, with what ./run demo has published (it goes on until Ctrl-C):
//   ./run demo
//   node docs/pictures/sharing.mjs LINK ALBUM docs/pictures      (the link and the address of the album that it prints)
//   mogrify -dither None -colors 128 docs/pictures/sharing-*.png
// `node` is the one in web/node_modules/node-linux-*/bin. What it opens it does not publish.
import { join } from "node:path";
import { looks, openPage } from "./browser.mjs";

const [link, album, folder] = process.argv.slice(2);
if (folder === undefined) {
  throw new Error("usage: sharing.mjs LINK ALBUM FOLDER");
}

/** A box from one corner to the other, in shares of the picture. */
async function drag(page, from, to) {
  const box = await page.getByRole("application").locator("img").first().boundingBox();
  const spot = ([x, y]) => [box.x + box.width * x, box.y + box.height * y];
  await page.mouse.move(...spot(from));
  await page.mouse.down();
  await page.mouse.move(...spot(to), { steps: 8 });
  await page.mouse.up();
  await page.waitForTimeout(800);
}

for (const look of looks) {
  const { page, close } = await openPage(look);
  const shoot = (state) => page.screenshot({ path: join(folder, `sharing-${look}-${state}.png`) });
  await page.goto(link);
  await page.getByRole("link", { name: "Key is loaded" }).waitFor();
  await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
  await page.getByRole("button", { name: "Publish" }).first().click();
  await page.getByRole("button", { name: "Open it here" }).click();
  await page.getByRole("button", { name: "Look at the copy" }).and(page.locator(":enabled")).waitFor();
  await page.locator("label", { has: page.getByRole("radio", { name: "Box", exact: true }) }).click();
  await drag(page, [0.09, 0.6], [0.29, 0.8]);
  await shoot("cover");
  await page.getByRole("button", { name: "Look at the copy" }).click();
  await page.getByRole("heading", { name: "As everybody will see it" }).waitFor();
  await page.waitForTimeout(1000);
  await shoot("copy");
  await page.goto(album);
  await page.waitForTimeout(1000);
  await shoot("album");
  await close();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the pictures of the drop that ./run opens, with the studio's sample picture as what is sent:
//   ./run &       (it prints the address)
//   node docs/pictures/drop.mjs http://127.0.0.1:PORT/ docs/pictures
//   mogrify -dither None -colors 128 docs/pictures/drop-*.png
// `node` is the one in web/node_modules/node-linux-*/bin. The receipt in them opens nothing: it was made for the picture.
import { join } from "node:path";
import { looks, openPage } from "./browser.mjs";

const [address, folder] = process.argv.slice(2);
if (folder === undefined) {
  throw new Error("usage: drop.mjs ADDRESS FOLDER");
}

async function walk(page, shot) {
  await page.goto(address);
  await page.locator("form textarea").first().waitFor();
  await page.waitForTimeout(500);
  await shot("form");
  const photo = await (await page.request.get(new URL("studio/sample.jpg", address).href)).body();
  await page.locator("textarea[name=message]").fill("Filmed from the bridge. Nobody was hurt.");
  await page.locator("input[type=file]").first().setInputFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: photo });
  await page.waitForTimeout(4000);
  await page.locator("input[type=file]").first().scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollBy(0, 220));
  await page.waitForTimeout(500);
  await shot("file");
  await page.getByRole("button", { name: "Leave it out" }).click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("heading", { name: "Received", exact: true }).waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(500);
  await shot("received");
}

for (const look of looks) {
  const { page, close } = await openPage(look);
  await walk(page, (state) => page.screenshot({ path: join(folder, `drop-${look}-${state}.png`) }));
  await close();
}

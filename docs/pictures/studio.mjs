// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the pictures of the studio in each of its states, with the sample picture in it, in a Chromium of this machine:
//   ./run studio --listen 127.0.0.1:8080 &       (or another address)
//   node docs/pictures/studio.mjs http://localhost:8080/studio/ docs/pictures
//   mogrify -dither None -colors 128 docs/pictures/studio-*.png
// `node` is the one in web/node_modules/node-linux-*/bin.
import { join } from "node:path";
import { looks, openPage } from "./browser.mjs";

const [address, folder] = process.argv.slice(2);
if (folder === undefined) {
  throw new Error("usage: studio.mjs ADDRESS FOLDER");
}

/** Where things lie in the sample picture, which is 960 by 640. */
const FACES = [
  [147, 526, 207, 598],
  [302, 516, 362, 588],
  [522, 516, 582, 588],
  [677, 517, 737, 589],
];
const SIGN = [375, 275, 549, 377];

async function drag(page, [ax, ay, bx, by]) {
  await page.locator(".osk-image").waitFor();
  const image = await page.locator(".osk-image").boundingBox();
  const scale = image.width / 960;
  await page.mouse.move(image.x + ax * scale, image.y + ay * scale);
  await page.mouse.down();
  await page.mouse.move(image.x + bx * scale, image.y + by * scale, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(400);
}

/** Holds back what the page asks its workers for, while `held` is set: time to look at a job that runs. */
function holdJobs() {
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (...message) {
    setTimeout(() => postMessage.apply(this, message), window.held ? 8000 : 0);
  };
}

async function walk(page, shot) {
  await page.addInitScript(holdJobs);
  await page.goto(address);
  const sample = page.getByRole("button", { name: "Try a sample picture" });
  await sample.waitFor();
  await page.waitForTimeout(500);
  await shot("empty");
  await sample.click();
  await page.locator(".still").waitFor();
  await page.locator(".kinds").waitFor();
  await page.waitForTimeout(500);
  await shot("findings");
  await page.getByRole("button", { name: "Cover faces" }).click();
  await page.locator(".osk-image").waitFor();
  await page.getByRole("radio", { name: "Oval" }).check({ force: true });
  for (const face of FACES) {
    await drag(page, face);
    await page.keyboard.press("Escape");
  }
  await page.getByRole("radio", { name: "Tiles" }).check({ force: true });
  await page.getByRole("radio", { name: "Box" }).check({ force: true });
  await drag(page, SIGN);
  await page.waitForTimeout(600);
  await shot("cover");
  await page.getByRole("button", { name: "Go on to Save" }).click();
  await page.waitForTimeout(300);
  await shot("save");
  await page.getByRole("button", { name: "Save copy" }).click();
  await page.getByRole("heading", { name: "Your copy is ready" }).waitFor();
  await page.waitForTimeout(600);
  await shot("done");
  await page.reload();
  await sample.waitFor();
  const whole = await (await page.request.get(new URL("sample.jpg", address).href)).body();
  // The copy that is seen has been made by then; one that was mirrored a moment ago has not.
  await sample.click();
  await page.locator(".kinds").waitFor();
  await page.getByRole("button", { name: "Cover faces" }).click();
  await page.locator(".osk-image").waitFor();
  await page.evaluate(() => (window.held = true));
  await page.getByRole("button", { name: "Mirror" }).click();
  await page.getByRole("button", { name: "Go on to Save" }).click();
  await page.getByRole("button", { name: "Save copy" }).click();
  await page.getByRole("button", { name: "Save as it is" }).click();
  await page.waitForTimeout(700);
  await shot("saving");
  await page.reload();
  await sample.waitFor();
  const half = { name: "photo.jpg", mimeType: "image/jpeg", buffer: whole.subarray(0, whole.length / 2) };
  await page.locator("input[type=file]").first().setInputFiles(half);
  await page.getByRole("heading", { name: "can't be" }).or(page.locator(".fault")).first().waitFor();
  await page.waitForTimeout(500);
  await shot("error");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.context().setOffline(true);
  await page.reload();
  await sample.waitFor();
  await page.waitForTimeout(500);
  await shot("offline");
}

/** Each state in the light; these in the dark, too. */
const KEPT_DARK = new Set(["desk-dark-cover", "phone-dark-done"]);

for (const look of looks) {
  for (const dark of [false, true]) {
    const { page, close } = await openPage(look, dark);
    await walk(page, async (state) => {
      const name = `${look}${dark ? "-dark" : ""}-${state}`;
      if (!dark || KEPT_DARK.has(name)) {
        await page.screenshot({ path: join(folder, `studio-${name}.png`) });
      }
    });
    await close();
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the pictures of the desk that ./run opens, with drawn pictures as what was sent:
//   ./run         (in a terminal, of a fresh checkout: it prints the drop's address, and the link of the first admin)
//   node docs/pictures/reviewers.mjs http://127.0.0.1:PORT/ LINK build/drop/desk.key docs/pictures
//   mogrify -dither None -colors 128 docs/pictures/reviewers-*.png
// `node` is the one in web/node_modules/node-linux-*/bin. Its reviewer reads with the demonstration's own key.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { looks, openPage } from "./browser.mjs";

const [drop, link, key, folder] = process.argv.slice(2);
if (folder === undefined) {
  throw new Error("usage: reviewers.mjs DROP LINK KEY FOLDER");
}
const NAME = "anna";
const PASSPHRASE = "four drawn people on a bridge";
const recipient = /age1[a-z0-9]+/.exec(readFileSync(key, "latin1"))[0];

async function send(message, ...files) {
  const form = new FormData();
  if (message !== "") {
    form.append("message", message);
  }
  for (const { name, bytes } of files) {
    form.append("file", new Blob([bytes]), name);
  }
  const answer = await fetch(new URL("submit", drop), { method: "POST", body: form });
  if (answer.status !== 200) {
    throw new Error(`the drop answered ${answer.status}`);
  }
}

async function comeIn(page, isFirst) {
  await page.goto(isFirst ? link : new URL("/", link).href);
  await page.getByLabel("Name", { exact: true }).fill(NAME);
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  if (isFirst) {
    await page.getByLabel("I have one").check();
    await page.getByLabel(/^Your public key/).fill(recipient);
  }
  await page.getByRole("button", { name: isFirst ? "Make the first admin" : "Sign in" }).click();
  await page.getByRole("link", { name: "Load your key" }).click();
  await page.getByLabel("Key file").setInputFiles(key);
  await page.getByRole("button", { name: "Load the key" }).click();
  await page.getByRole("link", { name: "Key is loaded" }).waitFor();
  await page.getByRole("link", { name: "Queue", exact: true }).click();
  await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().waitFor();
  await page.waitForTimeout(3000);
}

const picture = (name) => ({ name, bytes: readFileSync(join(folder, name)) });
const photo = { name: "photo.jpg", bytes: new Uint8Array(await (await fetch(new URL("studio/sample.jpg", drop))).arrayBuffer()) };
await send("Filmed from the bridge. Nobody was hurt.", photo);
await send("", photo);
await send("", picture("before.jpg"));
await send("", picture("after.jpg"));
// Until they were looked at, and folded.
await new Promise((settle) => setTimeout(settle, 20_000));

for (const look of looks) {
  const { page, close } = await openPage(look);
  await comeIn(page, look === looks[0]);
  await page.screenshot({ path: join(folder, `reviewers-${look}-queue.png`) });
  await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForTimeout(2000);
  await page.keyboard.press("b");
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(folder, `reviewers-${look}-copies.png`) });
  await close();
}

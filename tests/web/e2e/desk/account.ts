// SPDX-License-Identifier: GPL-3.0-or-later
// What is a reviewer's own at the desk: the key, the second factor; and the log of what everybody did.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import decodeQR from "qr/decode.js";
import { complaints, LOOKS, makeAdmin, makeKey, openDesk, PASSPHRASE, send, signIn, visitDesk } from "../rig/desk.ts";
import { fresh, must } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { check, same, test } from "../rig/tap.ts";
import { codeOf } from "../rig/totp.ts";

const KEY_PASSPHRASE = "wet rope on the quay";

/** Everything that the page says to the server. */
function listen(page: Page): string[] {
  const said: string[] = [];
  page.on("request", (request) => said.push(`${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`));
  return said;
}

/** The same key, in a file that a passphrase opens. */
async function lock(file: string): Promise<string> {
  const passphrase = fresh("passphrase");
  const locked = fresh("locked.age");
  writeFileSync(passphrase, `${KEY_PASSPHRASE}\n`);
  await must(oilskin, "seal", "-p", "--passphrase-file", passphrase, "-o", locked, file);
  return locked;
}

test("the desk: a reviewer's key is made in the page, is loaded at once, and no request holds it", async () => {
  const desk = await openDesk();
  try {
    await visitDesk(desk, async ({ page }) => {
      const said = listen(page);
      await page.getByLabel("Name", { exact: true }).fill("anna");
      await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
      await page.getByLabel("Passphrase of the key file").fill(KEY_PASSPHRASE);
      const [saved] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Make the key and save its file" }).click(),
      ]);
      same(saved.suggestedFilename(), "oilskin-key-anna.age", "its name");
      const file = fresh("saved.age");
      await saved.saveAs(file);
      await page.getByRole("button", { name: "Make the first admin" }).click();
      await page.getByRole("link", { name: "Key is loaded" }).waitFor();
      const passphrase = fresh("passphrase");
      writeFileSync(passphrase, `${KEY_PASSPHRASE}\n`);
      const text = await must(oilskin, "unseal", "--passphrase-file", passphrase, file);
      const secret = /AGE-SECRET-KEY-1[A-Z0-9]{58}/.exec(text)?.[0] ?? "";
      const recipient = /age1[a-z0-9]{58}/.exec(text)?.[0] ?? "";
      check(secret !== "" && recipient !== "", `the file holds ${text.length} bytes, and no key`);
      check(said.some((line) => line.includes(recipient)), "the desk was not told the public key");
      check(!said.some((line) => line.includes(secret) || line.includes(KEY_PASSPHRASE)), "a request holds the key or its passphrase");
    }, {}, `/#first=${desk.link}`);
  } finally {
    await desk.stop();
  }
});

test("the desk: a key is loaded from a file, also with a passphrase, and signing out forgets it", async () => {
  const desk = await openDesk();
  try {
    const { file } = await makeAdmin(desk);
    const stranger = await makeKey();
    const locked = await lock(file);
    await visitDesk(desk, async ({ page }) => {
      const said = listen(page);
      await signIn(page);
      await page.getByRole("link", { name: "Load your key" }).click();
      await page.getByLabel("Key file").setInputFiles({ name: "holiday.jpg", mimeType: "image/jpeg", buffer: Buffer.from([0xff, 0xd8, 0xff, 0]) });
      await page.getByRole("button", { name: "Load the key" }).click();
      await page.getByRole("alert").getByText("This is no key file.").waitFor();
      await page.getByLabel("Key file").setInputFiles(locked);
      await page.getByRole("button", { name: "Load the key" }).click();
      await page.getByRole("status").getByText("This key file is closed by a passphrase").waitFor();
      await page.getByLabel("Passphrase of the key file").and(page.locator(":focus")).fill("not this one");
      await page.getByRole("button", { name: "Load the key" }).click();
      await page.getByRole("alert").getByText("This passphrase does not open the file.").waitFor();
      await page.getByLabel("Passphrase of the key file").fill(KEY_PASSPHRASE);
      await page.getByRole("button", { name: "Load the key" }).click();
      await page.getByText("Your key is loaded.").waitFor();
      same(await page.getByText("This is not the key").count(), 0, "a warning of another key");
      same(page.workers().length, 1, "workers that hold a key");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      for (let tries = 0; page.workers().length > 0 && tries < 50; tries++) await page.waitForTimeout(100);
      same(page.workers().length, 0, "workers that hold a key behind sign out");
      await signIn(page);
      await page.getByRole("link", { name: "Load your key" }).click();
      await page.getByLabel("Key file").setInputFiles(stranger.file);
      await page.getByRole("button", { name: "Load the key" }).click();
      await page.getByText("This is not the key that the desk knows as yours.").waitFor();
      await page.getByRole("button", { name: "Forget the key" }).click();
      await page.getByRole("link", { name: "Load your key" }).waitFor();
      const secrets = [file, stranger.file].map((path) => /AGE-SECRET-KEY-1\w+/.exec(readFileSync(path, "utf8"))?.[0] ?? "");
      check(!said.some((line) => line.includes(KEY_PASSPHRASE) || secrets.some((secret) => line.includes(secret))), "a request holds a key");
    });
  } finally {
    await desk.stop();
  }
});

/** What the code on the page says to a camera. */
async function readCode(page: Page): Promise<string> {
  const shot = fresh("code.png");
  const code = page.getByRole("img", { name: "The key of your second factor, for a camera" });
  await code.screenshot({ path: shot });
  const { width = 0, height = 0 } = (await code.boundingBox()) ?? {};
  const data = execFileSync("convert", [shot, "-resize", `${Math.round(width)}x${Math.round(height)}!`, "-depth", "8", "rgba:-"], { maxBuffer: 1 << 26 });
  return decodeQR({ width: Math.round(width), height: Math.round(height), data });
}

test("the desk: a second factor is set up with an app's code, and asked for from then on", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await page.getByRole("link", { name: "Account" }).click();
      const begin = page.locator("section", { hasText: "A code from an app" });
      await begin.getByLabel("Your passphrase now").fill("not this one, surely");
      await begin.getByRole("button", { name: "Set it up" }).click();
      await begin.getByRole("alert").getByText("This is not your passphrase.").waitFor();
      await begin.getByLabel("Your passphrase now").fill(PASSPHRASE);
      await begin.getByRole("button", { name: "Set it up" }).click();
      const secret = (await page.locator(".secret").innerText()).replace(/\s/g, "");
      const said = await readCode(page);
      same(said, `otpauth://totp/Oilskin%3Aanna?secret=${secret}&issuer=Oilskin`, "what a phone reads");
      const right = codeOf(secret, 0);
      await page.getByLabel("Code of your second factor").fill(right === "123456" ? "123457" : "123456");
      await page.getByRole("button", { name: "Turn it on" }).click();
      await page.getByRole("alert").getByText("This is not the code of this key.").waitFor();
      await page.getByLabel("Code of your second factor").fill(codeOf(secret, 0));
      await page.getByRole("button", { name: "Turn it on" }).click();
      await page.getByText("It is on.").waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("Name", { exact: true }).fill("anna");
      await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").getByText("The name, the passphrase or the code is wrong.").waitFor();
      await page.getByLabel("Code of your second factor").fill(codeOf(secret, 1));
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Sign out" }).waitFor();
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: the log says what was done, and the page itself sees a chain that was changed", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await page.getByRole("link", { name: "Log", exact: true }).click();
      const list = page.getByRole("list", { name: "What was done" });
      await list.getByText("signed in").first().waitFor();
      check(/^0\b/.test(await list.getByRole("listitem").last().innerText()), "the oldest entry is not the first one");
      await list.getByText("first admin", { exact: true }).waitFor();
      await list.getByRole("listitem").filter({ hasText: "signed in" }).getByText("anna", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Follow the chain" }).click();
      await page.getByText(/^The chain is whole: \d+ entries/).waitFor();
      check(/^[0-9a-f]{64}$/.test(await page.locator(".digest").innerText()), "there is no digest to note");
      await page.route(/\/api\/audit/, async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()).replace("first-admin", "first-adnim") });
      });
      await page.getByRole("button", { name: "Follow the chain" }).click();
      await page.getByRole("alert").getByText(/^The chain is broken at entry [1-9]/).waitFor();
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: what arrived is told in numbers of whole days", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await send(desk, "Look at the second window.");
    await send(desk, "And at the third.");
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await page.getByRole("link", { name: "Arrivals" }).click();
      const today = page.getByRole("row").nth(1);
      await today.getByRole("link").waitFor();
      same((await today.getByRole("cell").allInnerTexts()).join(" "), "2 0 2", "submissions, files and unread words of today");
      same(await page.getByRole("row").count(), 15, "rows");
      await today.getByRole("link").click();
      await page.getByRole("link", { name: "words only" }).nth(1).waitFor();
      check(/[?&]first=\d{4}-\d\d-\d\d&last=/.test(page.url()), `the queue is asked for more than that day: ${page.url()}`);
    });
  } finally {
    await desk.stop();
  }
});

for (const [name, how] of Object.entries(LOOKS)) {
  test(`the desk: axe-core has nothing to say of key, account and log (${name})`, async () => {
    const desk = await openDesk();
    const found: string[] = [];
    try {
      const { file } = await makeAdmin(desk);
      await visitDesk(desk, async ({ page }) => {
        await signIn(page);
        await page.goto(`${desk.origin}/desk/#/key`);
        await page.getByRole("button", { name: "Load the key" }).waitFor();
        found.push(...(await complaints(page, `key-${name}`)));
        await page.getByLabel("Key file").setInputFiles(file);
        await page.getByRole("button", { name: "Load the key" }).click();
        await page.getByText("Your key is loaded.").waitFor();
        found.push(...(await complaints(page, `key-loaded-${name}`)));
        await page.goto(`${desk.origin}/desk/#/account`);
        await page.locator("section").getByLabel("Your passphrase now").fill(PASSPHRASE);
        await page.getByRole("button", { name: "Set it up" }).click();
        await page.getByRole("button", { name: "Turn it on" }).waitFor();
        found.push(...(await complaints(page, `account-${name}`)));
        await page.goto(`${desk.origin}/desk/#/digest`);
        await page.getByRole("row").nth(14).waitFor();
        found.push(...(await complaints(page, `arrivals-${name}`)));
        await page.goto(`${desk.origin}/desk/#/audit`);
        await page.getByRole("button", { name: "Follow the chain" }).click();
        await page.getByText(/^The chain is whole/).waitFor();
        found.push(...(await complaints(page, `log-${name}`)));
      }, how);
    } finally {
      await desk.stop();
    }
    same(found, [], "complaints");
  });
}

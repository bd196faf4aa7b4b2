// SPDX-License-Identifier: GPL-3.0-or-later
// An original that is opened in the page is what arrived, or it is not opened.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { type Desk, loadKey, makeAdmin, openDesk, send, sendPieces, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { check, same, test } from "../rig/tap.ts";

async function withFiles(give: (desk: Desk) => Promise<unknown>, run: (page: Page, desk: Desk) => Promise<void>, ...settings: string[]): Promise<void> {
  const desk = await openDesk(...settings);
  try {
    await makeAdmin(desk);
    await give(desk);
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
      await page.getByRole("heading", { name: "Submission" }).waitFor();
      await page.getByText("No words.").or(page.locator(".said-text")).first().waitFor();
      await run(page, desk);
    });
  } finally {
    await desk.stop();
  }
}

/** Opens the dialog of a file and asks for it in this browser. */
async function openHere(page: Page, number: number): Promise<void> {
  await page.locator(".files > li").nth(number).focus();
  await page.keyboard.press("o");
  await page.getByLabel("To review it").click();
  await page.getByRole("button", { name: "Open in this browser" }).click();
}

async function saved(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  const path = fresh("saved");
  await download.saveAs(path);
  return readFileSync(path);
}

const digestOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("the desk: an original is compared with what arrived, and of another one nothing is shown", async () => {
  const files = [await fixture("photo.jpg"), await fixture("marked.jpg")];
  await withFiles((desk) => send(desk, "Two pictures.", ...files), async (page) => {
    const asked: string[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/api/open")) asked.push(request.postData() ?? "");
    });
    await openHere(page, 0);
    await page.getByRole("img", { name: "The original" }).waitFor();
    await page.getByText("This is what arrived: its digest is the same.").waitFor();
    const bytes = await saved(page, "Save it, unsealed");
    same(await page.locator("dialog .digest").innerText(), digestOf(bytes), "the digest");
    await page.getByRole("button", { name: "Close" }).click();
    /* A server that gives the first file for the second one. */
    const { file } = JSON.parse(asked[0] ?? "{}") as { file?: string };
    await page.route("**/api/open", (route) => route.continue({ postData: JSON.stringify({ file, why: "review" }) }));
    await openHere(page, 1);
    await page.getByRole("alert").getByText(/^This is not what arrived/).waitFor();
    same(await page.locator("dialog img, dialog video").count(), 0, "pictures");
    same(await page.getByRole("button", { name: "Save it, unsealed" }).count(), 0, "ways to save it");
  });
});

test("the desk: an original that came in parts is put together as its manifest says, here and on the other machine", async () => {
  const parts = [randomBytes(100_000), randomBytes(100_000), randomBytes(70_000), Buffer.from("x"), randomBytes(1_200_000)];
  const whole = Buffer.concat(parts);
  await withFiles((desk) => sendPieces(desk, parts, { kind: "original" }), async (page) => {
    await openHere(page, 0);
    await page.getByText("This is what arrived: its digest is the same.").waitFor();
    check((await saved(page, "Save it, unsealed")).equals(whole), "what was opened here is something else");
    await page.getByRole("button", { name: "Close" }).click();
    await page.keyboard.press("o");
    await page.getByLabel("As evidence").click();
    await page.getByRole("button", { name: "Take to an offline machine" }).click();
    const commands = await page.locator(".commands").innerText();
    for (const part of parts) check(commands.includes(`truncate -s ${part.length} `), `it says ${commands}`);
    check(commands.includes(`echo "${digestOf(whole)}  `) && commands.includes("sha256sum -c"), `it says ${commands}`);
  });
});

test("the desk: what was sealed on the device is compared as it arrived, and opened behind that", async () => {
  const picture = readFileSync(await fixture("photo.jpg"));
  let inner = Buffer.alloc(0);
  const give = async (desk: Desk) => {
    const path = fresh("inner.age");
    const recipient = (await must(oilskin, "keygen", "-y", desk.key)).trim();
    const plain = fresh("inner.jpg");
    writeFileSync(plain, picture);
    await must(oilskin, "seal", "-r", recipient, "-o", path, plain);
    inner = readFileSync(path);
    await sendPieces(desk, [inner], { sealed: "device" });
  };
  await withFiles(give, async (page) => {
    await openHere(page, 0);
    await page.getByText(/What arrived was that sealed file: its digest is the same/).waitFor();
    same(await page.locator("dialog .digest").innerText(), digestOf(inner), "the digest");
    check((await saved(page, "Save it, unsealed")).equals(picture), "what was opened is something else");
  }, "drop.seal_on_device=yes");
});

test("the desk: a video that is opened is still and has no sound until somebody starts it", async () => {
  const video = await fixture("video.mp4");
  await withFiles((desk) => send(desk, "A video.", video), async (page) => {
    await openHere(page, 0);
    const player = page.locator("dialog video.original");
    await player.waitFor();
    same(await player.evaluate((one: HTMLVideoElement) => [one.muted, one.paused, one.autoplay, one.controls]), [true, true, false, true], "muted, paused, by itself, controls");
  });
});

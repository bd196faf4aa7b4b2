// SPDX-License-Identifier: GPL-3.0-or-later
// The drop with its script.
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import type { Page, Request } from "playwright-core";
import { fixture } from "../rig/fixtures.ts";
import { enter, listenIn, openDrop, sharedDrop, OWNER, placedPhoto, saysWhere, wordsOf, type Drop } from "../rig/drop.ts";
import { fresh } from "../rig/native.ts";
import { check, same, test } from "../rig/tap.ts";

async function withDrop(run: (drop: Drop) => Promise<void>, ...settings: string[]): Promise<void> {
  const drop = await openDrop(...settings);
  try {
    await run(drop);
  } finally {
    await drop.stop();
  }
}

/** For tests that don't look into what is stored. */
const shared = async (run: (drop: Drop) => Promise<void>) => run(await sharedDrop());
const received = (page: Page) => page.getByRole("heading", { name: "Received", exact: true }).waitFor();
const isAppend = (request: Request) => request.method() === "PATCH";

test("with the script: hidden data is taken out before a byte leaves", () =>
  withDrop(async (drop) => {
    const wire = await listenIn(drop);
    const { page, context, errors } = await enter(wire);
    await page.fill("#message", "At the corner.");
    await page.setInputFiles("#files", await placedPhoto());
    await page.getByText(/hidden things were taken out on this device/).waitFor();
    same(await page.locator("#travels").innerText(), "Hidden data is taken out on this device, before a file is sent.", "what the form says");
    await page.click("#send");
    await received(page);
    check(wire.sent().includes("At the corner."), "the wire heard nothing");
    check(!saysWhere([wire.sent()]), "the place left the device");
    check(!saysWhere(await drop.opened()), "the desk has the place");
    same(await context.storageState(), { cookies: [], origins: [] }, "what is kept on the device");
    same(errors, [], "errors");
    await context.close();
    wire.cut();
  }));

test("with the script: when and where move into the message by the sender's choice", () =>
  shared(async (drop) => {
    const { page, context } = await enter(drop);
    const photo = await placedPhoto();
    await page.setInputFiles("#files", [photo, photo]);
    const question = page.getByText(/^Your file says it was taken at .*2020.*14:32.* near 44\.97.*: include that in your message\?$/);
    await question.first().waitFor();
    same(await page.inputValue("#message"), "", "the message before a choice");
    await page.getByRole("button", { name: "Include it" }).first().click();
    check(/^File 1 says that it was taken at .*2020.* near 44\.97/.test(await page.inputValue("#message")), await page.inputValue("#message"));
    await page.getByRole("button", { name: "Leave it out" }).click();
    await question.last().waitFor({ state: "detached" });
    await context.close();
  }));

test("with the script: no file travels as it is without the sentence and a yes", () =>
  shared(async (drop) => {
    const wire = await listenIn(drop);
    const { page, context } = await enter(wire);
    await page.setInputFiles("#files", await fixture("text.jpg"));
    await page.getByText("This device can't take the hidden data out of this file.").waitFor();
    const sentence = page.locator(".item").getByText("Your file travels to us as it is; this server removes place, device and names before anyone reads it.");
    await sentence.waitFor();
    await page.click("#send");
    await page.locator("#live").getByText("can't take the hidden data").waitFor();
    check(!wire.sent().includes("no picture at all"), "it left without a yes");
    await page.getByRole("button", { name: "Send it that way" }).click();
    await page.click("#send");
    await page.getByText("Hidden data could not be taken out").waitFor();
    check(wire.sent().includes("no picture at all"), "the wire heard nothing");
    await context.close();
    wire.cut();
  }));

test("with the script: the original travels by choice, whole", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop);
    const photo = await placedPhoto();
    await page.check("#kind-original");
    await page.setInputFiles("#files", photo);
    await page.getByText("This will be sent as the original.").waitFor();
    await page.click("#send");
    await page.getByText("Kept as the original, as you chose.").waitFor();
    check((await drop.opened()).some((blob) => blob.includes(readFileSync(photo)) && blob.includes(OWNER)), "the original is not whole");
    await context.close();
  }));

/** Lets one piece of a file through, then the network is gone. */
async function breakAfterFirst(page: Page): Promise<void> {
  let pieces = 0;
  await page.route("**/uploads/**", (route) => (isAppend(route.request()) && ++pieces > 1 ? route.abort() : route.continue()));
}

test("with the script: a receipt resumes after a closed tab, on another device", () =>
  shared(async (drop) => {
    const video = await fixture("noise.mp4");
    const first = await enter(drop);
    const words = await wordsOf(first.page);
    await breakAfterFirst(first.page);
    await first.page.setInputFiles("#files", video);
    await first.page.click("#send");
    await first.page.getByText("No connection. It goes on by itself.").waitFor();
    await first.context.close();
    const second = await enter(drop, { viewport: { width: 393, height: 727 } });
    const offsets: number[] = [];
    second.page.on("request", (request) => {
      if (isAppend(request)) offsets.push(Number(request.headers()["upload-offset"]));
    });
    await second.page.locator("#resume summary").click();
    await second.page.fill("#resume-words", `1. ${words.split(" ").map((word) => word.slice(0, 4)).join(", ")}`);
    await second.page.getByRole("button", { name: "Use this receipt" }).click();
    await second.page.getByText("1 file was begun with this receipt. Choose it again.").waitFor();
    await second.page.setInputFiles("#files", video);
    await second.page.click("#send");
    await received(second.page);
    check((offsets[0] ?? 0) >= 16 * 1024 * 1024, `it began again at ${offsets[0]}`);
    check((await wordsOf(second.page)).startsWith(words.slice(0, 4)), "the receipt on the last page");
    await second.context.close();
  }));

test("with the script: an upload goes on by itself after the server was killed", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop);
    const video = await fixture("noise.mp4");
    const offsets: number[] = [];
    page.on("request", (request) => {
      if (isAppend(request)) offsets.push(Number(request.headers()["upload-offset"]));
    });
    const firstPiece = page.waitForResponse((response) => isAppend(response.request()) && response.status() === 204);
    await page.fill("#message", "Before the server went.");
    await page.setInputFiles("#files", video);
    await page.click("#send");
    await firstPiece;
    await drop.stop("SIGKILL");
    await page.getByText("No connection. It goes on by itself.").waitFor();
    await drop.start();
    await received(page);
    const last = offsets.at(-1) ?? 0;
    check(last >= 16 * 1024 * 1024, `the last piece began at ${last}`);
    check(!(await drop.opened()).some((blob) => blob.includes("Oilskin-Marker-7f3a")), "the marker reached the desk");
    await context.close();
  }));

test("with the script: what is too long is said before it is sent", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop);
    await page.setInputFiles("#files", await fixture("noise.mp4"));
    await page.locator("#live").getByText(/Not taken: longer than/).waitFor();
    same(await page.locator(".item").count(), 0, "files in the list");
    await context.close();
  }, "drop.file_max_mib=1"));

/** What the page says when a request of it is answered so. */
async function saysWhen(drop: Drop, path: string, method: string, status: number, body: object, tag = "en"): Promise<string> {
  const { page, context } = await enter(drop, {}, `/?lang=${tag}`);
  let asked = 0;
  await page.route(`**${path}`, (route) => {
    if (route.request().method() !== method) return route.continue();
    asked++;
    return route.fulfill({ status, contentType: "application/json", body: JSON.stringify(body) });
  });
  await page.fill("#message", "Words.");
  await page.setInputFiles("#files", await fixture("text.jpg"));
  await page.locator(".item .note + .button").click();
  const answered = page.waitForResponse((response) => response.url().endsWith(path) && response.request().method() === method);
  await page.click("#send");
  await answered;
  await page.locator("#send:not([disabled])").waitFor();
  const text = await page.locator("#live").innerText();
  same(asked, 1, `requests that were answered ${status}`);
  same(await page.inputValue("#message"), "Words.", "the message stays");
  await context.close();
  return text;
}

test("with the script: what is refused is said at once, in the page's language", () =>
  shared(async (drop) => {
    const said = (path: string, status: number, tag?: string) => saysWhen(drop, path, "POST", status, { error: "in English" }, tag);
    same(await said("/uploads/", 507), "The disk is nearly full. What remains of it is kept for messages and small files. Leave out the largest file. You can add it later with your receipt.", "no room");
    same(await said("/uploads/", 422), "This category takes text only until there is less to do.", "a paused category");
    check((await said("/api/submissions", 413)).startsWith("The files together are longer than 17 GB."), "too much");
    check((await said("/uploads/", 507, "es")).startsWith("El disco está casi lleno."), "in Spanish");
    check((await said("/api/submissions", 403)).startsWith("This receipt holds as much as one receipt can."), "a full receipt");
    check((await said("/api/submissions", 409, "fr")).startsWith("Le formulaire"), "in French");
  }));

test("with the script: while large files wait, one is not begun", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.method()));
    const film = fresh("film.mp4");
    writeFileSync(film, "");
    truncateSync(film, 33 << 20);
    await page.setInputFiles("#files", film);
    await page.locator("#live").getByText("film.mp4: Right now only up to 34 MB at a time are taken.").waitFor();
    same(await page.locator(".item").count(), 0, "files in the list");
    same(requests.filter((method) => method !== "GET"), [], "requests");
    await context.close();
  }, "drop.pause_large=yes"));

test("with the script: files that are too much together are not begun", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.method()));
    await page.check("#kind-original");
    const file = (name: string) => ({ name, mimeType: "video/mp4", buffer: Buffer.alloc(700 << 10, 7) });
    await page.setInputFiles("#files", [file("a.mp4"), file("b.mp4")]);
    await page.click("#send");
    await page.locator("#live").getByText(/^The files together are longer than 1(\.\d)? MB\./).waitFor();
    same(requests.filter((method) => method !== "GET"), [], "requests");
    await context.close();
  }, "drop.submission_max_mib=1"));

test("with the script: a wrong word of a receipt is named", () =>
  shared(async (drop) => {
    const { page, context } = await enter(drop);
    await page.locator("#resume summary").click();
    for (const [words, said] of [["abbot qqqq bamboo cello dream eagle zone fabric", "Word 2 is not one that we use. Check its first four letters."],
      ["abbot acid", "A receipt has eight words. Check that none is missing."]] as const) {
      await page.fill("#resume-words", words);
      await page.getByRole("button", { name: "Use this receipt" }).click();
      await page.locator("#resume [role=status]").getByText(said).waitFor();
    }
    await context.close();
  }));

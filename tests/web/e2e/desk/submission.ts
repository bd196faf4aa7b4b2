// SPDX-License-Identifier: GPL-3.0-or-later
// One submission as a reviewer sees it: what is opened in the page, what strangers wrote into it, what reviewers write.
import { readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { complaints, type Desk, inviteReviewer, LOOKS, loadKey, makeAdmin, openDesk, send, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { check, same, test } from "../rig/tap.ts";

const SCRIPT = `<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>"'><b>bold`;

async function withSubmission(how: object, message: string, files: string[], run: (page: Page, desk: Desk) => Promise<void>): Promise<void> {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await send(desk, message, ...files);
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
      await page.getByRole("heading", { name: "Submission" }).waitFor();
      await run(page, desk);
    }, how);
  } finally {
    await desk.stop();
  }
}

function asForm(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

/** When a preview is drawn, its button is there. */
const drawn = (page: Page) => page.getByRole("button", { name: /^Show/ }).first().waitFor();

test("the desk: what a stranger wrote is text wherever it is shown, and so is what a reviewer writes", async () => {
  await withSubmission({}, SCRIPT, [], async (page) => {
    await page.locator(".said-text").getByText(SCRIPT).waitFor();
    await page.getByLabel("Note", { exact: true }).fill(SCRIPT);
    await page.getByRole("button", { name: "Add note" }).click();
    await page.locator(".note-list").getByText(SCRIPT).waitFor();
    await page.getByLabel("New tag").fill("<i>tag");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("list", { name: "Tags" }).getByText("<i>tag").waitFor();
    same(await page.evaluate(() => [(window as { harmed?: number }).harmed ?? 0, document.querySelectorAll(".submission img, .submission script, .submission b, .submission i").length]), [0, 0], "scripts that ran, elements that were made");
  });
});

test("the desk: place, time, a reviewer's name, what is found and what is peeked at are text, too", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await inviteReviewer(desk, "<b>ben</b>");
    const sent = await fetch(`${desk.drop}/submit`, { method: "POST", body: asForm({ message: `${SCRIPT} lantern`, place: `${SCRIPT} quay`, time: `${SCRIPT} noon` }) });
    same(sent.status, 200, "the drop's answer");
    await visitDesk(desk, async ({ page }) => {
      const isText = async (where: string) =>
        same(await page.evaluate(() => [(window as { harmed?: number }).harmed ?? 0, document.querySelectorAll("main img, main script, main b, main i").length]), [0, 0], `scripts that ran, elements that were made: ${where}`);
      await signIn(page, "<b>ben</b>");
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      await page.locator(".peek .said-text").getByText("lantern").waitFor();
      await isText("what is peeked at");
      await page.getByRole("group", { name: "Decide" }).getByRole("button", { name: "Take" }).click();
      await page.getByRole("list", { name: "What is to be looked at" }).getByText("taken by you").waitFor();
      await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
      await page.getByRole("definition").getByText("quay").waitFor();
      await page.getByRole("definition").getByText("noon").waitFor();
      await page.getByLabel("Who sees to it").selectOption("<b>ben</b>");
      await page.getByRole("button", { name: "Assign" }).click();
      await isText("a submission");
      await page.getByRole("link", { name: "Search" }).click();
      await page.getByText("1 submission looked through.").waitFor();
      await page.getByLabel("Words, notes, tags").fill("lantern");
      await page.getByRole("list", { name: "What was found" }).getByText("lantern").first().waitFor();
      await isText("what is found");
      for (const [link, list] of [["Reviewers", "Who works here"], ["Log", "What was done"]] as const) {
        await page.getByRole("link", { name: link, exact: true }).click();
        await page.getByRole("list", { name: list }).getByText("<b>ben</b>").first().waitFor();
        await isText(link);
      }
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: a file's name goes nowhere, and what a manifest says of a file is text", async () => {
  const named = join(dirname(fresh("named")), `${SCRIPT.replaceAll("/", "")}.bin`);
  writeFileSync(named, "A letter of an unknown kind. ".repeat(50));
  await withSubmission({}, "", [named], async (page, desk) => {
    const harm = () => page.evaluate(() => [(window as { harmed?: number }).harmed ?? 0, document.querySelectorAll("main img, main script, main b").length]);
    const card = page.getByRole("listitem", { name: "File 1", exact: true });
    await card.getByText("not scrubbed").waitFor();
    same((await page.content()).includes("harmed"), false, "the file's name in the page");
    same(await harm(), [0, 0], "scripts that ran, elements that were made of a file's name");
    /* A sender's own program may seal anything for a manifest. */
    const [plain, sealed] = [fresh("manifest.json"), fresh("manifest.age")];
    const said = { number: 0, kind: "unscrubbed", len: 5, name: SCRIPT, filename: SCRIPT, format: `${SCRIPT} format`, media_type: SCRIPT, reason: `${SCRIPT} reason` };
    writeFileSync(plain, JSON.stringify({ message: "", files: [said] }));
    await must(oilskin, "seal", "-r", (await must(oilskin, "keygen", "-y", desk.key)).trim(), "-o", sealed, plain);
    const manifest = readFileSync(sealed).toString("base64");
    await page.route("**/api/submissions/*", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), manifest } });
    });
    const { hash } = new URL(page.url());
    await page.getByRole("link", { name: "Account" }).click();
    await page.evaluate((where) => (location.hash = where), hash);
    await card.getByText(`${SCRIPT} format`).waitFor();
    await card.getByText(`${SCRIPT} reason`).waitFor();
    await card.getByRole("button", { name: /^Original/ }).click();
    await page.getByRole("dialog").waitFor();
    same(await harm(), [0, 0], "scripts that ran, elements that were made of a manifest");
  });
});

test("the desk: notes, tags, who sees to it and drafts are sealed before they leave, and are there after a new start", async () => {
  const secret = "Lantern-Secret-2207";
  await withSubmission({}, "Words.", [], async (page, desk) => {
    const posted: string[] = [];
    page.on("request", (request) => posted.push(request.postData() ?? ""));
    await page.keyboard.press("n");
    await page.getByLabel("Note", { exact: true }).and(page.locator(":focus")).fill(secret);
    await page.getByRole("button", { name: "Add note" }).click();
    await page.locator(".note-list").getByText(secret).waitFor();
    await page.getByRole("heading", { level: 1 }).focus();
    await page.keyboard.press("t");
    await page.getByLabel("New tag").and(page.locator(":focus")).fill(secret);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: `Remove ${secret}` }).waitFor();
    const to = page.getByLabel("Who sees to it");
    await to.selectOption("anna");
    await page.getByRole("button", { name: "Assign" }).click();
    await page.getByRole("button", { name: "Assign" }).and(page.locator(":disabled")).waitFor();
    await page.getByLabel("Answer").fill(secret);
    await page.getByRole("button", { name: "Keep as a draft" }).click();
    await page.getByText("Draft kept.").waitFor();
    check(posted.filter((text) => text.includes('"sealed"')).length === 4, "four records were not written");
    check(!posted.some((text) => text.includes(secret) || text.includes("anna")), "a request says what was written");
    const { hash } = new URL(page.url());
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await loadKey(page, desk.key);
    await page.goto(`${desk.origin}/desk/${hash}`);
    await page.locator(".note-list").getByText(secret).waitFor();
    await page.getByRole("button", { name: `Remove ${secret}` }).waitFor();
    same([await page.getByLabel("Who sees to it").inputValue(), await page.getByLabel("Answer").inputValue()], ["anna", secret], "who sees to it, the draft");
  });
});

test("the desk: a preview is blurred until asked for, and one key shows it", async () => {
  await withSubmission({}, "", [await fixture("photo.jpg")], async (page) => {
    await drawn(page);
    const isBlurred = () => page.locator(".preview-large canvas").evaluate((canvas) => getComputedStyle(canvas).filter.includes("blur"));
    same(await isBlurred(), true, "blurred");
    await page.keyboard.press("b");
    await page.getByRole("button", { name: /^Blur/ }).waitFor();
    same(await isBlurred(), false, "blurred after the key");
    const size = await page.locator(".preview-large canvas").evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height]);
    check(size.every((side) => side > 100 && side <= 1024), `the preview is ${size.join(" x ")}`);
    await page.keyboard.press("Escape");
    const thumb = page.locator(".preview-thumb canvas").first();
    await thumb.waitFor();
    same(await thumb.evaluate((canvas) => getComputedStyle(canvas).filter.includes("blur")), true, "blurred in the queue");
    await page.goBack();
    await drawn(page);
    same(await isBlurred(), true, "blurred after Back");
  });
});

test("the desk: one press on a button of any file does what it says, and Tab stays where it goes", async () => {
  const files = [1, 2, 3].map((n) => {
    const path = fresh(`letter-${n}.bin`);
    writeFileSync(path, `A letter of an unknown kind, number ${n}.`.repeat(50));
    return path;
  });
  await withSubmission({}, "", files, async (page) => {
    const card = (n: number) => page.getByRole("listitem", { name: `File ${n}`, exact: true });
    for (const n of [2, 3, 1]) {
      const button = card(n).getByRole("button", { name: /^Original/ });
      const room = async () => ((box) => [box?.x, box?.width])(await button.boundingBox());
      const before = await room();
      await button.click();
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
      same(await room(), before, `the button of file ${n} after a press`);
    }
    await page.keyboard.press("j");
    await card(2).and(page.locator(":focus")).waitFor();
    await card(2).getByRole("link").focus();
    for (const [key, name] of [["Tab", "Dismiss"], ["Tab", "Keep"], ["Shift+Tab", "Dismiss"]] as const) {
      await page.keyboard.press(key);
      await card(3).getByRole("button", { name: new RegExp(`^${name}`) }).and(page.locator(":focus")).waitFor();
    }
    await page.keyboard.press("Shift+Tab");
    await card(2).getByRole("link").and(page.locator(":focus")).waitFor();
  });
});

test("the desk: a preview that did not arrive is asked for once more", async () => {
  await withSubmission({}, "", [await fixture("photo.jpg")], async (page, desk) => {
    await drawn(page);
    const { hash } = new URL(page.url());
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await loadKey(page, desk.key);
    await page.route("**/blobs/*/preview", (route) => route.fulfill({ status: 503, body: "{}" }), { times: 1 });
    await page.evaluate((where) => (location.hash = where), hash);
    await page.locator(".preview-large").getByText("The server is busy.").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await drawn(page);
  });
});

test("the desk: a video is seen as a sheet of its frames, and nothing in the page can have a sound", async () => {
  await withSubmission({}, "", [await fixture("video.mp4")], async (page) => {
    await drawn(page);
    await page.getByRole("button", { name: /^Show/ }).click();
    await page.getByRole("img", { name: /frames of a video/ }).waitFor();
    same(await page.locator("video, audio").count(), 0, "players");
  });
});

test("the desk: an original needs a reason, is what was kept byte for byte, and goes sealed to another machine", async () => {
  const letter = fresh("letter.bin");
  const bytes = Buffer.concat([Buffer.from("A letter of an unknown kind. "), Buffer.alloc(3 << 20, 7)]);
  writeFileSync(letter, bytes);
  await withSubmission({}, "", [letter], async (page, desk) => {
    const open = async () => {
      await page.getByRole("button", { name: /^Original/ }).click();
      await page.getByRole("dialog").waitFor();
    };
    await open();
    same(await page.getByRole("button", { name: "Take to an offline machine" }).isEnabled(), false, "taking without a reason");
    await page.getByLabel("As evidence").click();
    /* What is to be typed is saved beside it, and may be there first. */
    const saved: Promise<string> = page.waitForEvent("download", (one) => one.suggestedFilename().endsWith(".age")).then(async (one) => {
      const path = fresh("carried.age");
      await one.saveAs(path);
      return path;
    });
    await page.getByRole("button", { name: "Take to an offline machine" }).click();
    const out = fresh("carried.part");
    await must(oilskin, "unseal", "-i", desk.key, await saved, "-o", out);
    check(readFileSync(out).subarray(0, bytes.length).equals(bytes), "what was carried away is something else");
    const shown = await page.locator(".commands").innerText();
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    check(shown.includes("oilskin unseal") && shown.includes(`truncate -s ${bytes.length}`) && shown.includes(sha256), `it says ${shown}`);
    const [typed] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /^Save [0-9a-f]{8}-open\.txt$/ }).click()]);
    const commands = fresh("open.txt");
    await typed.saveAs(commands);
    same(readFileSync(commands, "utf8").trim(), shown.trim(), "what is to be typed, as a file");
    await page.getByRole("button", { name: "Close" }).click();
    await open();
    await page.getByLabel("To review it").click();
    await page.getByRole("button", { name: "Open in this browser" }).click();
    await page.getByText("No browser should show this kind of file.").waitFor();
    const [plain] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save it, unsealed" }).click()]);
    const path = fresh("plain");
    await plain.saveAs(path);
    check(readFileSync(path).equals(bytes), "what was opened here is something else");
    const audit = await page.evaluate(async () => (await fetch("/api/audit")).text());
    check(/evidence/.test(audit) && /review/.test(audit), "the log does not say why");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "Log", exact: true }).click();
    const log = page.getByRole("list", { name: "What was done" }).getByRole("listitem").filter({ hasText: "opened" });
    await log.filter({ hasText: /file [0-9a-f]{8} · As evidence$/ }).waitFor();
    await log.filter({ hasText: /file [0-9a-f]{8} · To review it$/ }).waitFor();
  });
});

test("the desk: the sender reads the answer with the receipt", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    const receipt = await send(desk, "Is anybody there?");
    check(receipt.split(" ").length === 8, `the receipt is "${receipt}"`);
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
      await page.getByLabel("Answer").fill("Yes. Which window?");
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".said-desk").getByText("Yes. Which window?").waitFor();
    });
    const answer = await fetch(`${desk.drop}/r`, { method: "POST", body: asForm({ receipt }) });
    const text = await answer.text();
    check(text.includes("Yes. Which window?"), `the receipt's page says ${text.replace(/<[^>]*>/g, " ").slice(0, 900)}`);
  } finally {
    await desk.stop();
  }
});

for (const [name, how] of Object.entries(LOOKS)) {
  test(`the desk: axe-core has nothing to say of a submission (${name})`, async () => {
    const found: string[] = [];
    await withSubmission(how, "Look at the second window, and at the man who closes it.", [await fixture("photo.jpg"), await fixture("marked.jpg")], async (page) => {
      await drawn(page);
      found.push(...(await complaints(page, `submission-${name}`)));
      await page.getByRole("button", { name: /^Show/ }).first().click();
      await page.getByLabel("New tag").fill("harbour");
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await page.getByRole("button", { name: "Remove harbour" }).waitFor();
      found.push(...(await complaints(page, `shown-${name}`)));
      await page.getByRole("button", { name: /^Original/ }).first().click();
      await page.getByRole("dialog").waitFor();
      found.push(...(await complaints(page, `original-${name}`)));
      await page.getByRole("button", { name: "Close" }).click();
      await page.getByRole("link", { name: "Copies" }).first().click();
      await page.getByRole("heading", { name: "1 copy" }).waitFor();
      found.push(...(await complaints(page, `cluster-${name}`)));
      await page.getByRole("navigation", { name: "Queue" }).getByRole("link", { name: "Queue" }).click();
      await page.getByRole("list", { name: "What is to be looked at" }).waitFor();
      found.push(...(await complaints(page, `pictures-${name}`)));
    });
    same(found, [], "complaints");
  });
}

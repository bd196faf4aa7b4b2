// SPDX-License-Identifier: GPL-3.0-or-later
// The drop without scripts.
import { fixture } from "../rig/fixtures.ts";
import { enter, openDrop, sharedDrop, OWNER, placedPhoto, saysWhere, wordsOf, type Drop } from "../rig/drop.ts";
import { check, same, test } from "../rig/tap.ts";

const plain = { javaScriptEnabled: false };

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

test("without scripts: who runs the drop stands above the form, the receipt before the first byte", () =>
  shared(async (drop) => {
    const { page, context, errors } = await enter(drop, plain);
    const text = await page.locator("main").innerText();
    const order = ["The Harbor Gazette", "Two editors of the Gazette", "90", "tips@gazette.example",
      "Your network can see that you visited this site", "Not received yet", "Nobody can recover it", "Message",
      "Your file travels to us as it is; this server removes place, device and names before anyone reads it.",
      "Photos and videos", "Up to 64 files", "Send"];
    let at = 0;
    for (const words of order) {
      const found = text.indexOf(words, at);
      check(found >= at, `"${words}" does not stand where it should`);
      at = found;
    }
    check(await page.locator("#kind-scrub").isChecked(), "scrubbed is not the default");
    same((await wordsOf(page)).split(" ").length, 8, "words of the receipt");
    same(errors, [], "errors");
    await context.close();
  }));

test("without scripts: planted GPS never reaches the desk", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop, plain);
    const words = await wordsOf(page);
    await page.fill("#message", "It was at the corner.");
    await page.setInputFiles("#files", [await placedPhoto(), await placedPhoto()]);
    await page.click("#send");
    await page.getByRole("heading", { name: "Received", exact: true }).waitFor();
    same(await wordsOf(page), words, "the receipt");
    same(await page.locator(".outcomes li").count(), 2, "files");
    const opened = await drop.opened();
    check(opened.length > 0, "nothing is stored");
    check(!saysWhere(opened), "the desk has the place");
    await context.close();
  }));

test("without scripts: the original travels by choice alone, and what can't be scrubbed is kept and told", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop, plain);
    await page.check("#kind-original");
    await page.setInputFiles("#files", await placedPhoto());
    await page.click("#send");
    await page.getByText("Kept as the original, as you chose.").waitFor();
    check((await drop.opened()).some((blob) => blob.includes(OWNER)), "the original is not whole");
    await page.goto(drop.origin);
    await page.setInputFiles("#files", await fixture("text.jpg"));
    await page.click("#send");
    await page.getByText("Hidden data could not be taken out").waitFor();
    check((await drop.opened()).some((blob) => blob.includes("no picture at all")), "what could not be scrubbed is gone");
    await context.close();
  }));

test("without scripts: a form that is refused gives the words back", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop, plain);
    await page.fill("#message", "These words took me an hour.");
    await page.setInputFiles("#files", await fixture("noise.mp4"));
    await page.click("#send");
    await page.getByText("A file is longer than").waitFor();
    same(await page.inputValue("#yours"), "These words took me an hour.", "the message");
    same((await drop.opened()).length, 0, "blobs of what was refused");
    await context.close();
  }, "drop.file_max_mib=1"));

test("without scripts: a form that is sent twice has one effect, and other words in it are not lost", () =>
  shared(async (drop) => {
    const { page, context } = await enter(drop, plain);
    const address = new URL((await page.getAttribute("#form", "action")) ?? "", drop.origin);
    const receipt = await wordsOf(page);
    const send = (path: string | URL, fields: Record<string, string>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      return fetch(path, { method: "POST", body: form });
    };
    for (const message of ["Yes", "Yes", "No"]) {
      const answer = await send(address, { receipt, message });
      same(answer.status, 200, message);
      check((await answer.text()).includes("Everything is stored and sealed"), "it does not say that it was received");
    }
    const found = await (await send(`${drop.origin}/r`, { receipt })).text();
    same(found.split("You wrote.").length - 1, 1, "answers behind the first words");
    same((await send(`${drop.origin}/submit?slot=1.false.slot`, { message: "x" })).status, 200, "a slot that is not ours");
    await context.close();
  }));

test("without scripts: fields in any order, and files before the choice are scrubbed", () =>
  withDrop(async (drop) => {
    const { readFileSync } = await import("node:fs");
    const form = new FormData();
    form.append("files", new Blob([readFileSync(await placedPhoto())]), "a.jpg");
    form.append("kind", "original");
    form.append("message", "behind the file");
    const answer = await fetch(`${drop.origin}/submit`, { method: "POST", body: form });
    same(answer.status, 200, "status");
    check((await answer.text()).includes("Hidden data was taken out."), "it was not scrubbed");
    check(!saysWhere(await drop.opened()), "the desk has the place");
  }));

test("without scripts: who comes back reads, adds and takes back", () =>
  withDrop(async (drop) => {
    const { page, context } = await enter(drop, plain);
    const words = await wordsOf(page);
    await page.fill("#message", "First.");
    await page.click("#send");
    await page.getByRole("heading", { name: "Received", exact: true }).waitFor();
    await page.goto(`${drop.origin}/r`);
    await page.fill("#receipt", words.toUpperCase().replaceAll(" ", "\n"));
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByText("Received, and stored").waitFor();
    await page.fill("#message", "And one more thing.");
    await page.setInputFiles("#files", await placedPhoto());
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: "Received", exact: true }).waitFor();
    same(await wordsOf(page), words, "the same receipt");
    await page.goto(`${drop.origin}/r`);
    await page.fill("#receipt", words);
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByText("Files: 1").waitFor();
    await page.getByText("You wrote.").waitFor();
    await page.check("#sure");
    await page.getByRole("button", { name: "Delete now" }).click();
    await page.getByText("was taken back").waitFor();
    same((await drop.opened()).length, 0, "blobs of what was taken back");
    await context.close();
  }));

test("right, wrong and withdrawn receipts get answers of one size on one path", () =>
  shared(async (drop) => {
    const post = async (path: string, fields: Record<string, string>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      const answer = await fetch(drop.origin + path, { method: "POST", body: form });
      const names = [...answer.headers.keys()].filter((name) => name !== "date").sort();
      return { status: answer.status, text: await answer.text(), names };
    };
    const right = "abbot acid bamboo cello dream eagle zone fabric";
    const other = "abbot acid bamboo cello dream eagle zone absent";
    await post("/submit", { receipt: right, message: "x" });
    await post("/submit", { receipt: other, message: "y" });
    await post("/r", { receipt: other, act: "withdraw", sure: "yes" });
    for (const lang of ["en", "ar"]) {
      const answers = [];
      for (const receipt of [right, other, "abbot acid bamboo cello dream eagle zone acorn", "abbot acid", "x x x x x x x x"]) {
        answers.push(await post(`/r?lang=${lang}`, { receipt }));
      }
      const lengths = answers.map(({ text }) => Buffer.byteLength(text));
      same(new Set(lengths).size, 1, `lengths ${lengths}`);
      same(new Set(answers.map(({ status }) => status)).size, 1, "statuses");
      same(new Set(answers.map(({ names }) => names.join())).size, 1, "names of headers");
      same(new Set(answers.slice(0, 3).map(({ text }) => text.trim())).size, 3, "what they say");
      const more = [];
      for (const receipt of [right, other]) {
        more.push(await post(`/submit?lang=${lang}`, { receipt, message: "<&> more", place: "a bridge" }));
      }
      same(more.map(({ text, status }) => `${Buffer.byteLength(text)} ${status}`).filter((one, _, all) => one !== all[0]).length, 0, "sizes");
      same(more.map(({ names }) => names.join()).filter((one, _, all) => one !== all[0]).length, 0, "headers");
      check(more[1]!.text.includes("&lt;&amp;&gt; more") && more[1]!.text.includes("a bridge"), "and what was written comes back");
    }
  }));

// SPDX-License-Identifier: GPL-3.0-or-later
// What is public, seen from the desk: albums, copies, what the public asks, links. What the public sees is asked of the server.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import decodeQR from "qr/decode.js";
import type { Locator, Page } from "playwright-core";
import { loadDesk } from "../../../../web/app/words/desk/catalogue.ts";
import { en } from "../../../../web/app/words/desk/en.ts";
import { complaints, type Desk, inviteReviewer, loadKey, LOOKS, makeAdmin, makeKey, openDesk, send, type Session, sessionOf, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { check, same, test } from "../rig/tap.ts";
import { LOOK, walked } from "../rig/walked.ts";

const ADDRESS = "https://drop.example";
const SETTINGS = ["publish.albums=yes", "publish.links=yes", `publish.address=${ADDRESS}`];
const { published, albums, asked, shares, digest } = en;

/** A desk that publishes; anna is its admin, and her session is without a page. */
async function withDesk(run: (desk: Desk, anna: Session) => Promise<void>, ...settings: string[]): Promise<void> {
  const desk = await openDesk(...SETTINGS, ...settings);
  try {
    await makeAdmin(desk);
    await run(desk, await sessionOf(desk));
  } finally {
    await desk.stop();
  }
}

async function signInAs(page: Page, name: string): Promise<void> {
  await signIn(page, name);
  await page.getByRole("link", { name: en.nav.public, exact: true }).click();
  await page.getByRole("heading", { level: 1, name: published.heading }).waitFor();
}

async function toTab(page: Page, name: string, heading: string): Promise<void> {
  await page.getByRole("navigation", { name: en.sharing.tabs }).getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
}

const said = (page: Page, text: string) => page.locator(".notice").getByText(text, { exact: true }).waitFor();
/** What the public gets of an address. */
const publicly = async (desk: Desk, path: string) => {
  const answer = await fetch(desk.drop + path, { headers: { "Accept-Language": "en" } });
  return { status: answer.status, text: await answer.text() };
};
const statusOf = async (desk: Desk, path: string) => (await publicly(desk, path)).status;

async function makeAlbum(anna: Session, title: string): Promise<string> {
  const { album } = await anna("/api/albums", { title, language: "en", description: "", warning: "", state: "open" });
  return String(album);
}

/** The 32 bytes of "age1…" (bech32). */
function keyOf(recipient: string): Buffer {
  const fives = [...recipient.slice("age1".length, -6)].map((letter) => "qpzry9x8gf2tvdw0s3jn54khce6mua7l".indexOf(letter));
  const bits = fives.map((five) => five.toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** What counts as sealed to the desk where nobody opens it: an age file whose header names the list of its keys. */
function sealedTo(recipients: readonly string[]): string {
  const letters = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  const keys = recipients.map(keyOf).sort(Buffer.compare);
  const list = createHash("sha256").update("oilskin-list\0").update(Buffer.concat(keys)).digest().subarray(0, 16);
  const stanzas = keys.map(() => `-> X25519 ${letters(randomBytes(32))}\n${letters(randomBytes(32))}\n`).join("");
  const head = `age-encryption.org/v1\n${stanzas}-> oilskin-list ${letters(list)}\n\n--- ${letters(randomBytes(32))}\n`;
  return Buffer.concat([Buffer.from(head), randomBytes(16 + 100 + 16)]).toString("base64");
}

interface CopyAsked {
  readonly album: string | null;
  readonly caption?: string;
  readonly alt?: string;
  /** The fixture that becomes the copy. */
  readonly of?: string;
}

/** Publishes a copy of the one submission as the page would, and tells its id. */
async function publish(session: Session, { album, caption = "", alt = "", of = "photo.jpg" }: CopyAsked): Promise<string> {
  const [row] = (await session("/api/queue", undefined))["rows"] as { representative: { file: string; submission: string } }[];
  const { recipients = [] } = (await session("/api/me")) as { recipients?: { age: string }[] };
  const scrubbed = fresh(`copy-${of}`);
  await must(oilskin, "scrub", await fixture(of), "-o", scrubbed);
  const { copy } = await session("/copies", new Blob([readFileSync(scrubbed)]));
  const { file, submission } = row?.representative ?? {};
  const { publication } = await session("/api/publications", {
    copy, submission, file, album, caption, alt, warning: "", areas: 1, confirmed_none: false, words_checked: false, provenance: sealedTo(recipients.map(({ age }) => age)),
  });
  return String(publication);
}

/** The card of a copy. */
const cardOf = (page: Page, publication: string): Locator =>
  page.getByRole("list", { name: published.list }).getByRole("listitem").filter({ has: page.getByRole("heading", { name: publication.slice(0, 8) }) });
const button = (within: Locator | Page, name: string) => within.getByRole("button", { name, exact: true });

/** Asks something of a public page, as its form does without a script. */
async function ask(desk: Desk, kind: string, about: string, words: string): Promise<void> {
  const answer = await fetch(`${desk.drop}/a/ask`, { method: "POST", body: new URLSearchParams({ kind, about, words }) });
  check(answer.status === 200, `the request was answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
}

test("the desk: an album is made, opens to the public at once, is hidden and opened again", async () => {
  await withDesk(async (desk, anna) => {
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "anna");
      await toTab(page, en.sharing.albums, albums.heading);
      await page.getByRole("button", { name: albums.new }).click();
      const dialog = page.getByRole("dialog", { name: albums.makeHeading });
      await dialog.getByLabel(albums.title).fill("The march, by @bo_k");
      await dialog.getByLabel(albums.description).fill("All night along the harbour.");
      await dialog.getByRole("button", { name: albums.make }).click();
      const question = page.getByRole("dialog", { name: en.contacts.heading });
      same(await question.getByRole("listitem").allInnerTexts(), ["name in a network @bo_k"], "what was found in the title");
      await question.getByRole("button", { name: en.contacts.change }).click();
      await dialog.getByLabel(albums.title).fill("The march");
      await dialog.getByRole("button", { name: albums.make }).click();
      await said(page, albums.made);
      const item = page.getByRole("list", { name: albums.heading }).getByRole("listitem").filter({ hasText: "The march" });
      const address = await item.getByText(`${ADDRESS}/a/`).innerText();
      const path = new URL(address).pathname;
      same(await page.getByText(en.shares.noHost).count(), 0, "hints where the public name is known");
      check((await publicly(desk, path)).text.includes("All night along the harbour."), "the public does not read the album");
      await item.getByRole("button", { name: albums.hide }).click();
      await said(page, albums.hideDone);
      same(await statusOf(desk, path), 404, "a hidden album");
      await page.keyboard.press("u");
      await said(page, albums.openDone);
      same(await statusOf(desk, path), 200, "an album after the undo");
      await item.getByRole("button", { name: albums.change, exact: true }).click();
      await page.getByLabel(albums.title).fill("The long march");
      await page.getByRole("button", { name: published.save }).click();
      await said(page, published.saved);
      check((await publicly(desk, path)).text.includes("The long march"), "the public does not read the new title");
    });
    same(((await anna("/api/albums"))["albums"] as unknown[]).length, 1, "albums");
  });
});

test("the desk: a request of the public is read with the key, hides an album by one click, is settled and taken up again", async () => {
  await withDesk(async (desk, anna) => {
    const album = await makeAlbum(anna, "The march");
    await inviteReviewer(desk, "carl");
    await ask(desk, "report", album, "My sister is to be seen in it.");
    await visitDesk(desk, async ({ page }) => {
      await signIn(page, "carl");
      await page.getByRole("link", { name: en.nav.digest, exact: true }).click();
      await page.getByRole("link", { name: digest.asked.one.replace("{n}", "1") }).click();
      const item = page.getByRole("list", { name: asked.heading }).getByRole("listitem").filter({ has: page.getByRole("heading", { name: asked.count.one.replace("{n}", "1") }) });
      await item.getByText(asked.report, { exact: true }).waitFor();
      await item.getByText(asked.noKey).waitFor();
      // Who hides an album knows which, and can look at what is in it before.
      same(await item.getByRole("link", { name: "The march", exact: true }).getAttribute("href"), `#/public?album=${album}`, "the way to the album");
      await loadKey(page, desk.key);
      await page.evaluate(() => (location.hash = "#/asked"));
      await item.getByText("My sister is to be seen in it.").waitFor();
      same(await statusOf(desk, `/a/${album}`), 200, "the album before");
      await item.focus();
      await page.keyboard.press("h");
      await said(page, asked.hidden);
      same(await statusOf(desk, `/a/${album}`), 404, "the album that a reviewer has hidden");
      await item.getByRole("button", { name: asked.settle }).click();
      await page.getByRole("dialog").getByText(asked.needsPublisher).waitFor();
      await page.getByRole("dialog").getByRole("button", { name: en.app.cancel }).click();
    });
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "anna");
      await toTab(page, en.sharing.asked, asked.heading);
      const item = page.locator(".copies > .copy");
      await item.getByRole("button", { name: asked.settle }).click();
      await page.getByLabel(asked.staysHidden).check();
      await page.getByRole("button", { name: asked.settleGo, exact: true }).click();
      await said(page, asked.settled.one.replace("{n}", "1"));
      same(await statusOf(desk, `/a/${album}`), 404, "the album that stays hidden, since the request was right");
      same(((await anna("/api/asked"))["groups"] as unknown[]).length, 0, "open requests");
      await page.locator(".notice").getByRole("button", { name: en.done.undo }).click();
      await said(page, asked.reopened);
      same(((await anna("/api/asked"))["groups"] as unknown[]).length, 1, "open requests after the undo");
    });
  });
});

test("the desk: what many ask about one picture is one card; one click hides it, one answer settles what was seen, and nothing is shown again that others asked about since", async () => {
  await withDesk(async (desk, anna) => {
    await send(desk, "", await fixture("marked.jpg"));
    const album = await makeAlbum(anna, "The march");
    const [copy, other] = [await publish(anna, { album, alt: "A crowd." }), await publish(anna, { album, alt: "A square." })];
    const address = `/a/f/${copy}`;
    for (const words of ["The man in front is my brother.", "That is my sister.", "Take it down, please.", "Spam.", ""]) await ask(desk, "cover", copy, words);
    await ask(desk, "remove", copy, "");
    await ask(desk, "report", other, "Our door is to be seen.");
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "anna");
      await loadKey(page, desk.key);
      await page.evaluate(() => (location.hash = "#/asked"));
      const items = page.locator(".copies > .copy");
      const item = items.filter({ hasText: copy.slice(0, 8) });
      /* The one without words is counted behind the first who asked the same. */
      await item.getByRole("heading", { name: asked.count.other.replace("{n}", "6") }).waitFor();
      same(await items.count(), 2, "cards for two pictures");
      await item.getByText(`${asked.cover}: 5`).waitFor();
      await item.getByText(`${asked.remove}: 1`).waitFor();
      same(await item.locator(".asks > li").count(), 3, "requests that stand there at once");
      await button(item, asked.showAll.other.replace("{n}", "2")).click();
      for (const words of ["The man in front is my brother.", "That is my sister.", "Take it down, please.", "Spam."]) await item.getByText(words, { exact: true }).waitFor();
      /* Who writes nothing is counted behind the first who asked the same: nobody has seen these two when it is hidden and answered. */
      await ask(desk, "remove", copy, "");
      await ask(desk, "remove", copy, "");
      await button(item, asked.hide).click();
      await said(page, asked.hidden);
      same([await statusOf(desk, address), await statusOf(desk, `/a/f/${other}`)], [404, 200], "the copy that was hidden, and the other one");
      await button(item, asked.settle).click();
      await page.getByLabel(asked.nothingShown).check();
      await button(page, asked.settleGo).click();
      await said(page, asked.settledHidden.other.replace("{n}", "2"));
      same(await statusOf(desk, address), 404, "the copy that two others ask about");
      await item.getByRole("heading", { name: asked.count.other.replace("{n}", "2") }).waitFor();
      /* Somebody asks about it while the list is looked at: nobody has seen that yet. */
      await ask(desk, "remove", other, "Mine, too.");
      await button(items.filter({ hasText: other.slice(0, 8) }), asked.hide).click();
      await said(page, asked.hidden);
      await button(items.filter({ hasText: other.slice(0, 8) }), asked.settle).click();
      await page.getByLabel(asked.nothingShown).check();
      await button(page, asked.settleGo).click();
      await said(page, asked.settledHidden.one.replace("{n}", "1"));
      same(await statusOf(desk, `/a/f/${other}`), 404, "the copy that another request is about");
      await items.filter({ hasText: other.slice(0, 8) }).getByText("Mine, too.").waitFor();
      await button(item, asked.settle).click();
      await page.getByLabel(asked.nothingShown).check();
      await button(page, asked.settleGo).click();
      await said(page, asked.settled.other.replace("{n}", "2"));
      same(await statusOf(desk, address), 200, "the copy that nobody asks about any more");
      same(((await anna("/api/asked"))["groups"] as { target: string; asked: unknown[] }[]).map(({ target, asked: left }) => [target, left.length]), [[other, 1]], "what is left");
      await page.locator(".notice").getByRole("button", { name: en.done.undo }).click();
      await said(page, asked.reopened);
      await item.getByRole("heading", { name: asked.count.other.replace("{n}", "2") }).waitFor();
    });
  });
});

test("the desk: a copy is public when a second person has seen it; what changes after they saw it is not approved", async () => {
  await withDesk(async (desk, anna) => {
    await send(desk, "", await fixture("marked.jpg"));
    const album = await makeAlbum(anna, "The march");
    await inviteReviewer(desk, "ben", "publisher");
    const copy = await publish(anna, { album, caption: "People on the square.", alt: "A crowd with umbrellas." });
    const address = `/a/f/${copy}`;
    same(await statusOf(desk, address), 404, "a copy that waits");
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "anna");
      const card = cardOf(page, copy);
      await card.getByText(published.ownWaits).waitFor();
      await button(card, published.look).click();
      await page.getByRole("dialog").getByRole("img", { name: "A crowd with umbrellas." }).waitFor();
      same(await button(page, published.approve).count(), 0, "ways to approve one's own");
      await button(page.getByRole("dialog"), en.app.close).last().click();
      await visitDesk(desk, async ({ page: bens }) => {
        await signIn(bens, "ben");
        await bens.getByRole("link", { name: en.nav.digest, exact: true }).click();
        await bens.getByRole("link", { name: digest.waiting.one.replace("{n}", "1") }).click();
        await button(cardOf(bens, copy), published.lookApprove).click();
        await button(bens, published.approve).and(bens.locator(":enabled")).waitFor();
        await button(card, published.change).click();
        await page.getByLabel(published.caption).fill("Somebody else's words.");
        await button(page, published.save).click();
        await said(page, published.savedWaits);
        await button(bens, published.approve).click();
        await bens.getByRole("alert").getByText(en.faults.quicker).waitFor();
        same(await statusOf(desk, address), 404, "a copy whose words ben has not seen");
        await bens.reload();
        await button(cardOf(bens, copy), published.lookApprove).click();
        await bens.getByRole("dialog").getByText("Somebody else's words.").waitFor();
        await button(bens, published.approve).click();
        await said(bens, published.approved);
        same(await statusOf(desk, address), 404, "a copy in an album whose words one person alone has read");
        await (await sessionOf(desk, "ben"))("/api/albums", { album, version: 1, state: "open" });
        same(await statusOf(desk, address), 200, "a copy that two have seen");
        check((await publicly(desk, `/a/${album}/${copy}`)).text.includes("Somebody else&#39;s words."), "the public does not read its caption");
      });
    });
  }, "publish.second_person=yes");
});

test("the desk: an older page brings no words back that were taken away, and sends only what was changed in it", async () => {
  await withDesk(async (desk, anna) => {
    await send(desk, "", await fixture("marked.jpg"));
    const album = await makeAlbum(anna, "Maria's march");
    const copy = await publish(anna, { album, caption: "Maria Example at the square." });
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "anna");
      const sent: Record<string, unknown>[] = [];
      page.on("request", (request) => request.method() === "POST" && sent.push(request.postDataJSON() as Record<string, unknown>));
      const names = () => Object.keys(sent.at(-1) ?? {}).sort();
      const save = async (of: Locator, change: string, label: string, value: string) => {
        await button(of, change).click();
        await page.getByRole("dialog").getByLabel(label).fill(value);
        await button(page.getByRole("dialog"), published.save).click();
      };
      const card = cardOf(page, copy);
      await card.getByText("Maria Example").waitFor();
      await anna("/api/publications/change", { publication: copy, version: 1, caption: "At the square.", warning: "Somebody is hurt." });
      await save(card, published.change, published.alt, "A crowd.");
      await said(page, en.faults.quicker);
      await page.reload();
      await card.getByText("At the square.").waitFor();
      await save(card, published.change, published.alt, "A crowd.");
      await said(page, published.saved);
      same(names(), ["alt", "publication", "version"], "what is sent of a copy");
      const now = ((await anna("/api/publications"))["publications"] as Record<string, unknown>[])[0] ?? {};
      same([now["caption"], now["warning"], now["alt"], now["album"]], ["At the square.", "Somebody is hurt.", "A crowd.", album], "the words of the copy");
      await toTab(page, en.sharing.albums, albums.heading);
      const item = page.getByRole("list", { name: albums.heading }).getByRole("listitem");
      await item.getByText("Maria's march").waitFor();
      await anna("/api/albums", { album, version: ((await anna("/api/albums"))["albums"] as Record<string, unknown>[])[0]?.["version"], title: "The march" });
      await save(item, albums.change, albums.description, "In May.");
      await said(page, en.faults.quicker);
      await page.reload();
      await item.getByText("The march").waitFor();
      await save(item, albums.change, albums.description, "In May.");
      await said(page, published.saved);
      same(names(), ["album", "description", "version"], "what is sent of an album");
      same((((await anna("/api/albums"))["albums"] as Record<string, unknown>[])[0] ?? {})["title"], "The march", "the title of the album");
    });
  });
});

test("the desk: who puts a copy into another album reads which of them are hidden", async () => {
  await withDesk(async (desk, anna) => {
    await send(desk, "", await fixture("marked.jpg"));
    await makeAlbum(anna, "The march");
    await anna("/api/albums", { album: await makeAlbum(anna, "The arrests"), state: "hidden" });
    const copy = await publish(anna, { album: null });
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "anna");
      await button(cardOf(page, copy), published.change).click();
      const offered = await page.getByRole("dialog").getByLabel(published.album).getByRole("option").allInnerTexts();
      same(offered.sort(), [published.noAlbum, "The arrests (hidden)", "The march"], "the albums that are offered");
    });
  });
});

test("the desk: every reviewer hides a copy at once; publishers show it again, and withdraw it for good", async () => {
  await withDesk(async (desk, anna) => {
    await send(desk, "", await fixture("marked.jpg"));
    const album = await makeAlbum(anna, "The march");
    await inviteReviewer(desk, "carl");
    const copy = await publish(anna, { album, alt: "A crowd." });
    const address = `/a/f/${copy}`;
    same(await statusOf(desk, address), 200, "a public copy");
    await ask(desk, "cover", copy, "The man in front is my brother.");
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "carl");
      const card = cardOf(page, copy);
      same([await button(card, published.withdraw).count(), await button(card, published.change).count(), await button(card, published.share).count()], [0, 0, 0], "what a reviewer may not do");
      await button(card, published.hide).click();
      await said(page, published.hideDone);
      same([await statusOf(desk, address), await statusOf(desk, `/a/${album}/${copy}`)], [404, 404], "a hidden copy");
      same([await button(card, published.show).count(), await page.locator(".notice").getByRole("button", { name: en.done.undo }).count()], [0, 0], "ways back for a reviewer");
      same(await button(card, published.source).count(), 0, "ways to the submission for who can't publish");
    });
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "anna");
      const card = cardOf(page, copy);
      await button(card, published.show).click();
      await said(page, published.showDone);
      same(await statusOf(desk, address), 200, "a copy that is shown again");
      await card.focus();
      await page.keyboard.press("h");
      await said(page, published.hideDone);
      /* Who thinks that the first press did not arrive opens nothing with the second one. */
      same(await button(card, published.show).getAttribute("data-key"), null, "the letter that shows again");
      await page.keyboard.press("h");
      same(await statusOf(desk, address), 404, "a copy that was hidden twice");
      await page.keyboard.press("u");
      await said(page, published.showDone);
      same(await statusOf(desk, address), 200, "a copy after the undo");
      await toTab(page, en.sharing.asked, asked.heading);
      const request = page.locator(".copies > .copy");
      same(await request.getByRole("img").evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)), 480, "the width of what is asked about");
      // One more face is covered where the copy was made: from what is asked, and from the copy, there is a way.
      await button(request, published.source).click();
      await page.waitForURL(/#\/submissions\/[0-9a-f]{32}$/);
      const source = page.url();
      await page.getByRole("button", { name: en.submission.publish }).waitFor();
      await page.goto(source.replace(/#.*/, `#/public?copy=${copy}`));
      await button(cardOf(page, copy), published.source).click();
      await page.waitForURL(source);
      await page.goBack();
      await toTab(page, en.sharing.asked, asked.heading);
      await button(request, asked.settle).click();
      // No other copy is there: nothing may sound as if somebody had made one, and what deletes is called so.
      same(await page.getByLabel(asked.covered, { exact: true }).count(), 0, "what reads as if it were done");
      await page.getByLabel(asked.withdrawNow, { exact: true }).waitFor();
      await page.getByLabel(asked.coverNow, { exact: true }).check();
      await page.getByRole("dialog").getByText(published.withdrawLead).waitFor();
      await button(page, asked.settleGo).click();
      await said(page, asked.settled.one.replace("{n}", "1"));
      same(await statusOf(desk, address), 410, "a withdrawn copy");
      check((await publicly(desk, `/a/${album}/${copy}`)).text.includes("caches elsewhere stay"), "the page of what is gone does not say what stays");
      await toTab(page, en.sharing.published, published.heading);
      await cardOf(page, copy).getByText(published.withdrawn).waitFor();
      same((await cardOf(page, copy).getByRole("button").allInnerTexts()).map((name) => name.trim()), [published.source], "what can be done with what is gone");
      const another = await publish(anna, { album, of: "video.mp4" });
      await button(page, en.queue.refresh).click();
      same(await cardOf(page, another).getByRole("img").evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth > 0)), true, "a frame of the video on its card");
      await button(cardOf(page, another), published.look).click();
      await page.getByRole("dialog", { name: published.video }).waitFor();
      await page.waitForFunction(() => (document.querySelector<HTMLVideoElement>("dialog video")?.duration ?? 0) > 0);
      await button(page.getByRole("dialog"), en.app.close).last().click();
      await button(cardOf(page, another), published.withdraw).click();
      await page.getByRole("dialog", { name: published.withdrawHeading }).getByText(published.withdrawLead).waitFor();
      await button(page, published.withdrawGo).click();
      await said(page, published.withdrawDone);
      same(await statusOf(desk, `/a/f/${another}`), 410, "another one, withdrawn from its card");
    });
  });
});

/** Opens a link as its page's button does: 303 leads to what it shows, 404 says that it opens nothing. */
async function openLink(desk: Desk, path: string, passphrase?: string): Promise<number> {
  const answer = await fetch(desk.drop + path, { method: "POST", body: new URLSearchParams({ open: "yes", ...(passphrase === undefined ? {} : { passphrase }) }), redirect: "manual" });
  return answer.status;
}

/** The text of a code that the page draws. */
async function readCode(page: Page): Promise<string> {
  const image = page.getByRole("img", { name: shares.qr });
  const { data, width, height } = await image.evaluate(async (svg: SVGSVGElement) => {
    const side = 4 * svg.viewBox.baseVal.width;
    const canvas = new OffscreenCanvas(side, side);
    const context = canvas.getContext("2d");
    const path = new Path2D(svg.querySelector("path")?.getAttribute("d") ?? "");
    context?.fillRect(0, 0, 0, 0);
    if (context !== null) {
      context.fillStyle = "white";
      context.fillRect(0, 0, side, side);
      context.scale(4, 4);
      context.fillStyle = "black";
      context.fill(path);
    }
    const drawn = context?.getImageData(0, 0, side, side);
    return { data: [...(drawn?.data ?? [])], width: side, height: side };
  });
  return decodeQR({ data: Uint8ClampedArray.from(data), width, height });
}

test("the desk: a link is told once, with a code for a camera, and ended from the list or by its address alone", async () => {
  await withDesk(async (desk, anna) => {
    await send(desk, "", await fixture("marked.jpg"));
    const copy = await publish(anna, { album: null, alt: "A crowd." });
    await inviteReviewer(desk, "carl");
    const made: string[] = [];
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "anna");
      const make = async (views: string, passphrase: string) => {
        await button(cardOf(page, copy), published.share).click();
        await page.getByLabel(shares.views).selectOption(views);
        await page.getByLabel(shares.passphrase, { exact: true }).fill(passphrase);
        await button(page, shares.make).click();
        const address = await page.getByLabel(shares.address).inputValue();
        check(/^https:\/\/drop\.example\/s\/[\w-]{22}$/.test(address), `the address is ${address}`);
        same(await readCode(page), address, "what a camera reads");
        await button(page.getByRole("dialog"), en.app.close).last().click();
        made.push(new URL(address).pathname);
      };
      await make("1", "");
      await make("", "four gulls");
      await toTab(page, en.sharing.shares, shares.heading);
      const list = page.getByRole("list", { name: shares.heading });
      const items = list.locator(":scope > li");
      await list.getByText(shares.hasPassphrase).waitFor();
      await list.getByText(shares.left.one.replace("{n}", "1")).waitFor();
      same([await items.count(), (await page.content()).includes("/s/")], [2, true], "links, and the hint that names no token");
      for (const path of made) check(!(await page.content()).includes(path.slice(3)), "a token is shown again");
      same([await openLink(desk, made[0] ?? ""), await openLink(desk, made[0] ?? "")], [303, 404], "a link for one view, twice");
      await page.reload();
      await items.filter({ hasText: shares.used }).waitFor();
      await button(items.filter({ hasText: shares.hasPassphrase }), shares.end).click();
      await said(page, shares.endDone);
      same(await openLink(desk, made[1] ?? "", "four gulls"), 404, "an ended link with its passphrase");
      await toTab(page, en.sharing.published, published.heading);
      await make("", "");
    });
    await visitDesk(desk, async ({ page }) => {
      await signInAs(page, "carl");
      await toTab(page, en.sharing.shares, shares.heading);
      await page.getByLabel(shares.endAddress).fill("https://drop.example/s/AAAAAAAAAAAAAAAAAAAAAA");
      await button(page, shares.endGo).click();
      await page.getByRole("alert").getByText(shares.endUnknown).waitFor();
      same(await openLink(desk, made[2] ?? ""), 303, "a link that nobody has ended");
      await page.getByLabel(shares.endAddress).fill(`${ADDRESS}${made[2]}`);
      await button(page, shares.endGo).click();
      await said(page, shares.endDone);
      same(await openLink(desk, made[2] ?? ""), 404, "a link that was ended by its address");
    });
  });
});

test("the desk of a server that carries sealed links alone: what is reported is there and ended, and no copy is promised", async () => {
  const desk = await openDesk("publish.sealed_links=yes");
  try {
    await makeAdmin(desk);
    const [plain, sealed] = [fresh("plain"), fresh("sealed.age")];
    writeFileSync(plain, randomBytes(500));
    await must(oilskin, "seal", "-r", (await makeKey()).recipient, plain, "-o", sealed);
    const made = await fetch(`${desk.drop}/s/x?days=1`, { method: "POST", body: readFileSync(sealed), headers: { "Content-Type": "application/octet-stream" } });
    const { address } = (await made.json()) as { address: string };
    const share = address.slice(address.lastIndexOf("/") + 1);
    const told = await fetch(`${desk.drop}/s/ask`, { method: "POST", body: new URLSearchParams({ share, kind: "report", words: "It shows my house." }) });
    same([made.status, told.status], [201, 200], "a link, and a report of it");
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: en.nav.public, exact: true }).click();
      await page.getByText(published.off, { exact: true }).waitFor();
      same(await complaints(page, "sealed-only"), [], "complaints");
      await toTab(page, en.sharing.asked, asked.heading);
      await page.getByText("It shows my house.").waitFor();
      same(await complaints(page, "sealed-only-asked"), [], "complaints of what was asked");
      await button(page.locator(".copy").first(), asked.end).click();
      await said(page, asked.shareEnded);
      same((await fetch(`${desk.drop}/s/x/${share}/f`, { method: "POST" })).status, 404, "the bytes of an ended link");
      await toTab(page, en.sharing.albums, albums.heading);
      same(await page.getByRole("button", { name: albums.new }).count(), 0, "ways to make an album that nobody would see");
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: what is public is for everyone, in each language, wide and on a phone", async () => {
  await withDesk(async (desk, anna) => {
    await send(desk, "", await fixture("marked.jpg"));
    const album = await makeAlbum(anna, "The march");
    const copy = await publish(anna, { album, caption: "People on the square.", alt: "A crowd with umbrellas." });
    await anna("/api/shares", { publication: copy, expires_days: 7 });
    await ask(desk, "cover", copy, "The man in front is my brother.");
    const found: string[] = [];
    const visits = Object.entries(LOOKS).flatMap(([look, how]) => walked.slice(0, LOOK === undefined && look.startsWith("desktop") ? 1 : walked.length).map((language) => ({ look, how, ...language })));
    for (const { look, how, tag, lang } of visits) {
      const text = await loadDesk(tag);
      await visitDesk(desk, async ({ page }) => {
        const looks = async (state: string) => found.push(...(await complaints(page, `${state}-${look}-${tag}`)));
        const dialog = async (within: Locator, name: string, state: string) => {
          await button(within, name).click();
          await page.getByRole("dialog").waitFor();
          await looks(state);
          await page.keyboard.press("Escape");
          await page.getByRole("dialog").waitFor({ state: "detached" });
        };
        await signIn(page, "anna", text);
        await page.getByRole("link", { name: text.nav.public, exact: true }).click();
        const card = page.locator(".copies > .copy").first();
        await button(card, text.preview.show).click();
        await card.getByRole("img", { name: "A crowd with umbrellas." }).waitFor();
        await looks("public");
        for (const [name, state] of [[text.published.look, "look"], [text.published.change, "words"], [text.published.share, "share"], [text.published.withdraw, "withdraw"]] as const) {
          await dialog(card, name, state);
        }
        for (const [place, heading] of [["albums", text.albums.heading], ["asked", text.asked.heading], ["shares", text.shares.heading]] as const) {
          await page.goto(`${desk.origin}/desk/#/${place}`);
          await page.getByRole("list", { name: heading, exact: true }).getByRole("listitem").first().waitFor();
          await looks(place);
          if (place === "albums") await dialog(page.locator("#content"), text.albums.new, "album");
          if (place === "asked") await dialog(page.locator(".copy").first(), text.asked.settle, "settle");
        }
      }, { ...how, locale: lang });
    }
    same(found, [], "complaints");
  });
});

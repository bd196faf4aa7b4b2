// SPDX-License-Identifier: GPL-3.0-or-later
// From an original to an album that a fresh browser sees: the page, the server and its worker as they are.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { en as albumsEn } from "../../../../web/app/words/albums/en.ts";
import { en } from "../../../../web/app/words/desk/en.ts";
import { type Desk, inviteReviewer, loadKey, makeAdmin, openDesk, PASSPHRASE, send, sendPieces, sessionOf, signIn, visitDesk } from "../rig/desk.ts";
import { fixture, SECRET } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { coverMiddle, openToCover, text, toCopy, toPublishing } from "../rig/publishing.ts";
import { check, same, test } from "../rig/tap.ts";

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function makeAlbum(desk: Desk, title: string): Promise<void> {
  await (await sessionOf(desk))("/api/albums", { title, description: "", warning: "", language: "en", state: "open" });
}

async function atDesk(desk: Desk, run: (page: Page) => Promise<void>): Promise<void> {
  await visitDesk(desk, async ({ page }) => {
    await signIn(page);
    await loadKey(page, desk.key);
    await run(page);
  });
}

/** All that a browser without scripts and without a past gets of an album, by address. */
async function asThePublic(desk: Desk, run: (page: Page, got: Map<string, Buffer>) => Promise<void>): Promise<void> {
  await visitDesk({ origin: desk.drop }, async ({ page, context }) => {
    const got = new Map<string, Buffer>();
    const coming: Promise<unknown>[] = [];
    context.on("response", (answer) => coming.push(answer.body().then((body) => got.set(new URL(answer.url()).pathname, body), () => undefined)));
    await run(page, got);
    await Promise.all(coming);
  }, { javaScriptEnabled: false }, "/a/");
}

/** Everything that lies in a folder. */
function bytesBelow(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Buffer.concat(files.map((one) => readFileSync(join(one.parentPath, one.name))));
}

async function pixelOf(path: string, part: string): Promise<string> {
  return (await must("convert", path, "-resize", "1200x900!", "-crop", part, "-resize", "1x1!", "-format", "%[hex:p{0,0}]", "info:")).trim();
}

test("the desk: an original is covered and published, and a fresh browser sees the copy in its album, and nothing of the original", async () => {
  const desk = await openDesk("publish.albums=yes");
  try {
    await makeAdmin(desk);
    await makeAlbum(desk, "The march");
    /* As it was taken: its marker lies sealed, until the copy is made. */
    await sendPieces(desk, [readFileSync(await fixture("marked.jpg"))], { kind: "original", filename: `${SECRET}.jpg` });
    let digest = "";
    const ids: string[] = [];
    await atDesk(desk, async (page) => {
      await toPublishing(page);
      ids.push(...(page.url().match(/[0-9a-f]{32}/g) ?? []));
      const studio = await openToCover(page);
      await coverMiddle(studio);
      await toCopy(page);
      await page.getByLabel(text.album).selectOption("The march");
      await page.getByLabel(text.caption).fill("People on the square.");
      await page.getByLabel(text.alt, { exact: true }).fill("A crowd with umbrellas.");
      digest = await page.locator(".as-public .digest").innerText();
      await page.getByRole("button", { name: text.go, exact: true }).click();
      await page.getByText(text.public).waitFor();
      await page.evaluate((submission) => (location.hash = `#/submissions/${submission}`), ids[1]);
      const record = page.getByRole("region", { name: en.published.madeHeading }).locator(".digest");
      await record.first().waitFor();
      same(await record.allInnerTexts(), [digestOf(readFileSync(await fixture("marked.jpg"))), digest], "digests of the original and of the copy, as they were written down");
    });
    same(ids.length, 2, "ids in the address of the page");
    await asThePublic(desk, async (page, got) => {
      await page.getByRole("link", { name: "The march" }).first().click();
      await page.getByRole("img", { name: "A crowd with umbrellas." }).first().click();
      await page.getByText("People on the square.").first().waitFor();
      const feed = await page.request.get(`${desk.drop}${/\/a\/[0-9a-f]{32}/.exec(page.url())?.[0]}/feed`);
      got.set("feed", await feed.body());
      const address = new URL((await page.getByRole("link", { name: albumsEn.piece.save }).getAttribute("href")) ?? "", page.url());
      const saved = await page.request.get(address.href);
      check(/^attachment; filename="?oilskin-[0-9a-f]{8}\.jpg"?$/.test(saved.headers()["content-disposition"] ?? ""), `it is saved as ${saved.headers()["content-disposition"]}`);
      const copy = await saved.body();
      got.set("copy", copy);
      same(digestOf(copy), digest, "the digest of what is public");
      const path = fresh("public.jpg");
      writeFileSync(path, copy);
      await must(oilskin, "verify", path);
      same(await pixelOf(path, "100x100+450+350"), "111111", "what is covered");
      let smaller = 0;
      for (let n = 1; n <= 4; n++) {
        const rendition = await page.request.get(`${address.origin}${address.pathname}/${n}`);
        if (rendition.status() !== 200) continue;
        const at = fresh("rendition.jpg");
        writeFileSync(at, await rendition.body());
        got.set(`rendition ${n}`, await rendition.body());
        await must(oilskin, "verify", at);
        check(/^([01][0-9A-F]){3}$/.test(await pixelOf(at, "100x100+450+350")), `the covered part of rendition ${n} is ${await pixelOf(at, "100x100+450+350")}`);
        smaller++;
      }
      check(smaller > 0, "no smaller one was looked at");
      for (const [address, body] of got) {
        for (const told of [SECRET, "anna", "marked", ...ids, ...ids.map((id) => Buffer.from(id, "hex"))]) {
          check(!body.includes(told), `${address} tells ${told.toString("hex")}`);
        }
      }
      check(got.size >= 5, `only ${[...got.keys()].join(" ")}`);
    });
    check(!bytesBelow(desk.data).includes(SECRET), "the marker lies on the disk");
  } finally {
    await desk.stop();
  }
});

test("the desk: what a changed page gives as a copy is refused with words, and nothing of it is kept", async () => {
  const desk = await openDesk("publish.albums=yes");
  try {
    await makeAdmin(desk);
    await send(desk, "", await fixture("marked.jpg"));
    await atDesk(desk, async (page) => {
      await toPublishing(page);
      await openToCover(page);
      const hostile = [readFileSync(await fixture("marked.jpg")), Buffer.from(`<!doctype html><title>${SECRET}</title>`), Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><desc>${SECRET}</desc></svg>`)];
      for (const postData of hostile) {
        await page.route("**/copies", (route) => route.continue({ postData }), { times: 1 });
        await page.getByRole("button", { name: text.next }).or(page.getByRole("button", { name: "Try again" })).click();
        await page.getByRole("alert").getByText(/^The server said: /).waitFor();
        same(await page.locator(".as-public").count(), 0, "what is shown");
      }
    });
    check(!bytesBelow(desk.data).includes(SECRET), "the marker lies on the disk");
  } finally {
    await desk.stop();
  }
});

test("the desk: what a page can't write is published by the commands that it shows", async () => {
  const desk = await openDesk("publish.albums=yes");
  try {
    await makeAdmin(desk);
    await send(desk, "", await fixture("photo.tif"));
    let commands = "";
    await atDesk(desk, async (page) => {
      await toPublishing(page);
      /* Who would rather not open it in a browser finds the way before that, too. */
      await page.getByText(text.dangerElsewhere, { exact: true }).click();
      await page.getByText(text.elsewhere).waitFor();
      same(await page.getByText(text.elsewhereOnly).count(), 0, "says that it must be so");
      await page.getByRole("button", { name: text.open }).click();
      await page.getByText(text.elsewhereOnly).waitFor();
      commands = await page.locator(".commands").innerText();
    });
    const [sealed, opened, covered, copy, passphrase] = [fresh("sealed"), fresh("opened"), fresh("covered.jpg"), fresh("copy.jpg"), fresh("passphrase")];
    writeFileSync(passphrase, `${PASSPHRASE}\n`);
    const asked: Readonly<Record<string, string>> = { "SEALED": sealed, "OPENED": opened, "COVERED": covered, "COPY": copy, "KEY-FILE": desk.key, "AREAS": "1" };
    for (const line of commands.split("\n")) {
      if (line.includes("COVERED")) {
        /* In another program somebody covers it, and saves it as a JPEG. */
        const [original = ""] = readdirSync(opened).filter((name) => name.startsWith("file-0"));
        await must("convert", join(opened, original), "-fill", "black", "-draw", "rectangle 10,10 60,60", covered);
      }
      const [, ...given] = line.split(" ").map((word) => word.replace(/[A-Z-]{4,}$/, (name) => asked[name] ?? name));
      await must(oilskin, ...given, ...(line.includes("--name") ? ["--login-file", passphrase] : []));
    }
    const { publications } = (await (await sessionOf(desk))("/api/publications")) as { publications: { state: string; areas: number; sha256: string }[] };
    same(publications.map(({ state, areas, sha256 }) => [state, areas, sha256]), [["unlisted", 1, digestOf(readFileSync(copy))]], "what is published");
  } finally {
    await desk.stop();
  }
});

test("the desk: an album's address is there where nobody has told the server its public name, and what tells it", async () => {
  const desk = await openDesk("publish.albums=yes");
  try {
    await makeAdmin(desk);
    await atDesk(desk, async (page) => {
      await page.goto(`${desk.origin}/desk/#/albums`);
      await page.getByText(en.albums.none).waitFor();
      same(await page.getByText(en.shares.noHost).count(), 0, "hints where there is no album");
      await makeAlbum(desk, "The march");
      await page.getByRole("link", { name: en.sharing.published, exact: true }).click();
      await page.getByRole("link", { name: en.sharing.albums, exact: true }).click();
      await page.getByText(en.shares.noHost).waitFor();
      const path = await page.locator(".album-address").innerText();
      check(/^\/a\/[0-9a-f]{32}$/.test(path), `the address is ${path}`);
      check((await (await fetch(desk.drop + path)).text()).includes("The march"), "it does not lead to the album");
      await page.getByRole("button", { name: en.albums.hide }).click();
      await page.getByRole("button", { name: en.albums.show }).waitFor();
      same(await page.locator(".album-address").count(), 0, "addresses of what is hidden");
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: reviewers are not offered to publish, nor anybody where nothing is published", async () => {
  const desk = await openDesk("publish.albums=yes");
  try {
    await makeAdmin(desk);
    const key = await inviteReviewer(desk, "ben");
    await send(desk, "", await fixture("marked.jpg"));
    await visitDesk(desk, async ({ page }) => {
      await signIn(page, "ben");
      await loadKey(page, key.file);
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
      await page.getByRole("button", { name: "Original…" }).waitFor();
      same(await page.getByRole("button", { name: "Publish…" }).count(), 0, "ways to publish");
      await page.keyboard.press("p");
      await page.getByRole("heading", { name: "Submission" }).waitFor();
      await page.goto(`${desk.origin}/desk/#/publish/${"0".repeat(32)}`);
      await page.getByText("Your role does not allow this.").waitFor();
    });
  } finally {
    await desk.stop();
  }
});

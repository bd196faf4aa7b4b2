// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed links: from the studio to a browser that has never been here, the key on no wire; and what that browser refuses to show.
// OILSKIN_E2E_LOOK=DIR keeps a screenshot of each state.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { identityText } from "../../../../web/app/seal/bech32.ts";
import { keyFileOf, secretLetters, withHead } from "../../../../web/app/seal/link.ts";
import { en as albumsEn } from "../../../../web/app/words/albums/en.ts";
import { en as sealedEn } from "../../../../web/app/words/sealed/en.ts";
import { en } from "../../../../web/app/words/en.ts";
import { load } from "../../../../web/app/words/spoken.ts";
import { axeComplaints } from "../rig/axe.ts";
import { enter, listenIn, openDrop, OWNER, placedPhoto, type Drop } from "../rig/drop.ts";
import { fixture } from "../rig/fixtures.ts";
import { fresh, must, scrubbed } from "../rig/native.ts";
import { offlineReady } from "../rig/page_hooks.ts";
import { oilskin } from "../rig/places.ts";
import { Studio } from "../rig/studio.ts";
import { afterAll, check, same, test } from "../rig/tap.ts";
import { LOOK, walked } from "../rig/walked.ts";

let opening: Promise<Drop> | undefined;
const allowing = (): Promise<Drop> => {
  if (opening === undefined) {
    const drop = openDrop("desk.listen=127.0.0.1:0", "publish.sealed_links=yes");
    opening = drop;
    afterAll(async () => (await drop).stop());
  }
  return opening;
};

interface Shared {
  readonly path: string;
  readonly letters: string;
}

/** What somebody uploads who does without our studio: any bytes, sealed as ours are. */
async function sharedBytes(drop: Drop, bytes: Uint8Array, { views = "", head = true } = {}): Promise<Shared> {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const [key, plain, sealed] = [fresh("link.key"), fresh("plain"), fresh("sealed.age")];
  writeFileSync(key, Buffer.from(await keyFileOf(secret).arrayBuffer()), { mode: 0o600 });
  const file = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  writeFileSync(plain, Buffer.from(await (head ? withHead(file) : file).arrayBuffer()));
  await must(oilskin, "seal", "-r", (await must(oilskin, "keygen", "-y", key)).trim(), plain, "-o", sealed);
  const answer = await fetch(`${drop.origin}/s/x?days=1${views}`, {
    method: "POST",
    body: readFileSync(sealed),
    headers: { "Content-Type": "application/octet-stream" },
  });
  same(answer.status, 201, "status of the upload");
  return { path: ((await answer.json()) as { address: string }).address, letters: secretLetters(secret) };
}

const pathOf = ({ path, letters }: Shared) => `${path}#${letters}`;
const openIt = (page: Page) => page.getByRole("button", { name: sealedEn.ask.open }).click();

/** Nothing of the file is in any element of the page, nor at any address that it made. */
async function showsNothing(page: Page): Promise<void> {
  await page.getByRole("heading", { name: sealedEn.refused.heading }).waitFor();
  const left = await page.evaluate(() =>
    [...document.querySelectorAll("img, video, a, source, iframe, object, embed")].flatMap((each) =>
      ["src", "href", "data", "srcset"].map((name) => each.getAttribute(name) ?? "").filter((value) => /^(blob|data):/.test(value)),
    ),
  );
  same(left, [], "addresses of content");
  same(await page.locator("#picture:visible, #clip:visible, #save:visible").count(), 0, "what is seen");
}

const refusal = (page: Page, why: keyof typeof sealedEn.refused) => page.getByText(sealedEn.refused[why], { exact: true }).waitFor();

async function opened(drop: Pick<Drop, "origin">, path: string, how: BrowserContextOptions, run: (page: Page, errors: string[]) => Promise<void>): Promise<void> {
  const { page, context, errors } = await enter(drop, how, path);
  try {
    await run(page, errors);
  } finally {
    await context.close();
  }
}

/** The dialog's link, of the copy that is there. */
async function linkFrom(page: Page, views?: string): Promise<string> {
  await page.getByRole("button", { name: en.link.button }).click();
  if (views !== undefined) await page.getByLabel(en.link.views).selectOption(views);
  await page.getByRole("button", { name: en.link.make }).click();
  return page.getByLabel(en.link.address, { exact: true }).inputValue();
}

test("a sealed link from the studio opens in a fresh browser, and its key is on no wire", async () => {
  const drop = await allowing();
  const wire = await listenIn(drop);
  try {
    const photo = await placedPhoto();
    let address = "";
    let copy = Buffer.alloc(0);
    await opened(wire, "/studio/", {}, async (page, errors) => {
      const studio = new Studio(page);
      await studio.open(photo);
      copy = Buffer.from((await studio.save()).bytes);
      address = await linkFrom(page);
      same(errors, [], "errors of the studio");
    });
    check(/^http:\/\/127\.0\.0\.1:\d+\/s\/x\/[\w-]{22}#[\w-]{43}$/.test(address), `the link is ${address}`);
    await opened(wire, new URL(address).pathname + new URL(address).hash, {}, async (page, errors) => {
      await page.getByRole("heading", { name: sealedEn.ask.heading }).waitFor();
      await openIt(page);
      const picture = page.getByRole("img", { name: sealedEn.shown.alt });
      await picture.waitFor();
      check(await picture.evaluate((node: HTMLImageElement) => node.decode().then(() => node.naturalWidth > 100)), "the picture is not drawn");
      await page.getByText(`${sealedEn.ask.heading}.`, { exact: true }).waitFor();
      const coming = page.waitForEvent("download");
      await page.getByRole("link", { name: sealedEn.shown.save, exact: true }).click();
      const download = await coming;
      check(/^[a-z0-9-]+\.jpg$/.test(download.suggestedFilename()), `saved as ${download.suggestedFilename()}`);
      check(readFileSync(await download.path()).equals(copy), "another file than the studio's copy");
      /* Who reports it pastes all of its address. */
      await page.getByText(albumsEn.ask.reportThis, { exact: true }).click();
      await page.getByLabel(albumsEn.ask.words).fill(`Not true, at ${address}`);
      await page.getByRole("button", { name: albumsEn.ask.send, exact: true }).click();
      await page.waitForURL(/\/s\/ask/);
      same(errors, [], "errors of the page");
    });
    const sent = wire.sent();
    const letters = new URL(address).hash.slice(1);
    const secret = Buffer.from(letters, "base64url");
    check(sent.includes("age-encryption.org/v1"), "nothing sealed went over the wire");
    check(sent.includes("Not+true%2C+at+http"), "no report went over the wire");
    for (const [name, what] of [["letters of the key", letters], ["the key", secret], ["its text", identityText(secret)], ["the copy", copy.subarray(200, 232)], ["the owner", OWNER]] as const) {
      check(!sent.includes(what), `${name} went over the wire`);
    }
  } finally {
    wire.cut();
  }
});

test("the studio offers a link only where its server takes sealed copies", async () => {
  const without = await openDrop();
  try {
    await opened(without, "/studio/", {}, async (page, errors) => {
      const studio = new Studio(page);
      await studio.open(await fixture("photo.jpg"));
      await studio.toSave();
      await studio.control(en.save.button).waitFor();
      same(await page.getByRole("button", { name: en.link.button }).count(), 0, "offers beside a copy to be saved");
      await studio.pressSave();
      same(await page.getByRole("button", { name: en.link.button }).count(), 0, "offers");
      same(errors, [], "errors");
    });
  } finally {
    await without.stop();
  }
});

test("a link is made of a copy that no folder of the device gets, and the copy can be saved after it", async () => {
  const drop = await allowing();
  await opened(drop, "/studio/", {}, async (page, errors) => {
    const downloads: string[] = [];
    page.on("download", (download) => downloads.push(download.suggestedFilename()));
    const studio = new Studio(page);
    await studio.open(await fixture("photo.jpg"));
    await studio.toSave();
    await page.getByText(en.link.notSaved, { exact: true }).waitFor();
    await studio.press(en.link.button);
    /* Who goes back to cover somebody is asked again, for the same. */
    await studio.press(en.save.askCover);
    await studio.toSave();
    await studio.press(en.link.button);
    await studio.press(en.save.askLink);
    await page.getByRole("button", { name: en.link.make, exact: true }).click();
    await page.getByLabel(en.link.address, { exact: true }).waitFor();
    await page.locator("dialog[open]").getByRole("button", { name: en.common.close }).click();
    await page.getByText(en.done.linked, { exact: true }).waitFor();
    same(downloads, [], "files that the device got");
    const coming = page.waitForEvent("download");
    await studio.press(en.done.download);
    await studio.keep(await coming);
    await page.getByText(en.done.handed, { exact: true }).waitFor();
    same(downloads.length, 1, "files that the device got");
    same(errors, [], "errors");
  });
});

test("the studio asks for its server's terms once, before a file is opened; also when it was kept for offline use", async () => {
  const drop = await allowing();
  await opened(drop, "/", {}, async (page, errors) => {
    const asked: string[] = [];
    page.on("request", (request) => request.url().startsWith("http") && asked.push(new URL(request.url()).pathname));
    const terms = () => asked.filter((path) => path.endsWith("/sharing.json")).length;
    await page.goto(`${drop.origin}/studio/`);
    await page.getByText(en.link.onlyAsked).waitFor();
    same(terms(), 1, "questions before a file");
    const studio = new Studio(page);
    await studio.open(await fixture("photo.jpg"));
    const before = asked.length;
    await studio.save();
    await page.getByRole("button", { name: en.link.button }).waitFor();
    same(asked.slice(before).filter((path) => !path.startsWith("/studio/assets/")), [], "what was asked for with a file open");
    await page.evaluate(offlineReady);
    await page.goto("about:blank");
    await page.goto(`${drop.origin}/studio/`);
    await page.getByText(en.link.onlyAsked).waitFor();
    await page.context().setOffline(true);
    await page.reload();
    await new Studio(page).ready();
    same(await page.getByText(en.link.onlyAsked).count(), 0, "offers without a network");
    same(errors, [], "errors");
  });
});

test("a sealed video plays, and one that is not clean does not", async () => {
  const drop = await allowing();
  const raw = await fixture("video.mp4");
  const link = await sharedBytes(drop, await scrubbed(raw, "mp4"));
  await opened(drop, pathOf(link), {}, async (page) => {
    await openIt(page);
    await page.waitForFunction(() => (document.querySelector<HTMLVideoElement>("#clip")?.readyState ?? 0) >= 1);
  });
  const unclean = await sharedBytes(drop, readFileSync(raw));
  await opened(drop, pathOf(unclean), {}, async (page) => {
    await openIt(page);
    await refusal(page, "unclean");
    await showsNothing(page);
  });
});

/** What a hostile sender seals, and what the page says of it. */
async function hostile(): Promise<readonly (readonly [string, Uint8Array, "format" | "unclean" | "unread"])[]> {
  const clean = await scrubbed(await fixture("photo.jpg"), "jpg");
  const png = await scrubbed(await fixture("photo.png"), "png");
  const text = (words: string) => Buffer.from(words, "latin1");
  const script = "<script>document.body.dataset.ran='yes'</script>";
  const comment = text(`<html>${script}`);
  const commented = Buffer.concat([clean.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment, clean.subarray(2)]);
  const huge = Buffer.from(png);
  huge.writeUInt32BE(50_000, 16);
  huge.writeUInt32BE(50_000, 20);
  return [
    ["a page", text(`<!doctype html><title>x</title>${script}`), "format"],
    ["a drawing with a script", text(`<svg xmlns="http://www.w3.org/2000/svg"><script>document.documentElement.dataset.ran='yes'</script></svg>`), "format"],
    ["a document", text("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF"), "format"],
    ["a photo that says where", readFileSync(await placedPhoto()), "unclean"],
    ["a photo with an archive behind it", Buffer.concat([clean, text("PK\u0003\u0004 archive")]), "unclean"],
    ["a photo with a page in its comment", commented, "unclean"],
    ["a PNG that says it is huge", huge, "unclean"],
  ];
}

test("what is no clean picture or video is not shown, whatever it says that it is", async () => {
  const drop = await allowing();
  for (const [name, bytes, why] of await hostile()) {
    const link = await sharedBytes(drop, bytes);
    await opened(drop, pathOf(link), {}, async (page) => {
      await openIt(page);
      await page.getByRole("heading", { name: sealedEn.refused.heading }).waitFor();
      const said = await page.locator("[data-why]:visible").getAttribute("data-why");
      check(said === why || (name.includes("huge") && said === "unread"), `${name}: ${said}`);
      await showsNothing(page);
      same(await page.evaluate(() => document.querySelector("[data-ran]") !== null), false, "a script of the file ran");
    });
  }
  const bare = await sharedBytes(drop, await scrubbed(await fixture("photo.jpg"), "jpg"), { head: false });
  await opened(drop, pathOf(bare), {}, async (page) => {
    await openIt(page);
    await refusal(page, "format");
    await showsNothing(page);
  });
});

test("a cut key, a wrong key and a link that is used up show nothing, and a cut key uses no view", async () => {
  const drop = await allowing();
  const link = await sharedBytes(drop, await scrubbed(await fixture("photo.jpg"), "jpg"), { views: "&views=2" });
  /* What messengers do before anybody opens it. */
  for (const method of ["GET", "HEAD", "GET"]) same((await fetch(drop.origin + link.path, { method })).status, 200, "a preview");
  await opened(drop, `${link.path}#${link.letters.slice(0, 30)}`, {}, async (page) => {
    await openIt(page);
    await refusal(page, "key");
    await showsNothing(page);
  });
  await opened(drop, `${link.path}#${secretLetters(crypto.getRandomValues(new Uint8Array(32)))}`, {}, async (page) => {
    await openIt(page);
    await refusal(page, "wrong");
    await showsNothing(page);
  });
  await opened(drop, pathOf(link), {}, async (page) => {
    await page.getByText(sealedEn.ask.views.split("{")[0] ?? "").waitFor();
    await openIt(page);
    await page.getByRole("img", { name: sealedEn.shown.alt }).waitFor();
  });
  const { context, page } = await enter(drop, {}, pathOf(link));
  same(await page.locator("#open").count(), 0, "buttons of a link that is used up");
  await context.close();
});

test("who reads another language keeps the key, and without scripts the page says what is missing", async () => {
  const drop = await allowing();
  const link = await sharedBytes(drop, await scrubbed(await fixture("photo.jpg"), "jpg"));
  await opened(drop, pathOf(link), {}, async (page) => {
    await page.getByRole("link", { name: "Español" }).click();
    await page.waitForURL(/lang=es/);
    check(page.url().endsWith(`#${link.letters}`), `the key is gone: ${page.url()}`);
    await page.locator("#open").click();
    await page.locator("#picture").waitFor();
  });
  await opened(drop, pathOf(link), { javaScriptEnabled: false }, async (page) => {
    await page.getByText(sealedEn.ask.script).waitFor();
    check(await page.locator("#open").isDisabled(), "the button does nothing, and can be pressed");
  });
});

test("where the browser runs no WebAssembly it opens and looks as well", async () => {
  const drop = await allowing();
  const link = await sharedBytes(drop, await scrubbed(await fixture("photo.png"), "png"));
  const { page, context } = await enter(drop, {}, "/");
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
  await page.goto(drop.origin + pathOf(link));
  await openIt(page);
  await page.getByRole("img", { name: sealedEn.shown.alt }).waitFor();
  await context.close();
});

/** Each state of the page in one language. */
async function states(drop: Drop, tag: string, name: string, how: BrowserContextOptions): Promise<string[]> {
  const found: string[] = [];
  const clean = await sharedBytes(drop, await scrubbed(await fixture("photo.jpg"), "jpg"), { views: "&views=9" });
  const bad = await sharedBytes(drop, Buffer.from("<html>"));
  const stop = async (page: Page, state: string) => {
    found.push(...(await axeComplaints(page, `${state} ${tag}`)));
    if (LOOK !== undefined) await page.screenshot({ path: join(LOOK, `sealed-${state}-${tag}-${name}.png`), fullPage: true });
  };
  await opened(drop, `${clean.path}?lang=${tag}#${clean.letters}`, how, async (page) => {
    await stop(page, "ask");
    await page.locator("#open").click();
    await page.locator("#picture").waitFor();
    await stop(page, "shown");
  });
  await opened(drop, `${bad.path}?lang=${tag}#${bad.letters}`, how, async (page) => {
    await page.locator("#open").click();
    await page.locator("#refused").waitFor();
    await stop(page, "refused");
  });
  return found;
}

test("sealed links: axe-core has nothing to say of any state (desktop, light)", async () => same(await states(await allowing(), "en", "desktop", {}), [], "complaints"));
test("sealed links: axe-core has nothing to say of any state (360 pixels, dark, in languages of both directions)", async () => {
  const drop = await allowing();
  const found: string[] = [];
  for (const { tag } of walked) {
    found.push(...(await states(drop, tag, "narrow", { viewport: { width: 360, height: 740 }, colorScheme: "dark", isMobile: true, hasTouch: true })));
  }
  same(found, [], "complaints");
});

test("the studio's dialog of a link: axe-core has nothing to say of it, in languages of both directions", async () => {
  const drop = await allowing();
  const narrow = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  const found: string[] = [];
  for (const [name, tag, how] of [["desktop", "en", {}], ...walked.map(({ tag }) => ["narrow", tag, narrow] as const)] as const) {
    const { link, save, done, common } = (await load(tag)).words;
    await opened(drop, "/studio/", how, async (page) => {
      const studio = new Studio(page);
      await studio.open(await fixture("photo.jpg"));
      await studio.toSave();
      await page.locator(".language select").selectOption(tag);
      const stop = async (state: string) => {
        found.push(...(await axeComplaints(page, `${state} ${tag}`)));
        const over = await page.locator("dialog[open], main").last().evaluate((node) => node.scrollWidth - node.clientWidth);
        if (over > 0) found.push(`${state} ${tag}: it is ${over} pixels too narrow`);
        if (LOOK !== undefined) await page.screenshot({ path: join(LOOK, `sealed-${state}-${tag}-${name}.png`) });
      };
      await stop("offer");
      await page.getByRole("button", { name: link.button }).click();
      await page.getByRole("button", { name: save.askLink, exact: true }).click();
      await page.getByRole("button", { name: link.make, exact: true }).waitFor();
      await stop("wish");
      await page.getByRole("button", { name: link.make, exact: true }).click();
      await page.getByLabel(link.address, { exact: true }).waitFor();
      await stop("made");
      await page.locator("dialog[open]").getByRole("button", { name: common.close }).click();
      await page.getByText(done.linked, { exact: true }).waitFor();
      await stop("linked");
    });
  }
  same(found, [], "complaints");
});

test("where no link can be made the studio says why, and makes one when it can", async () => {
  const drop = await allowing();
  await opened(drop, "/studio/", {}, async (page) => {
    const studio = new Studio(page);
    await studio.open(await fixture("photo.jpg"));
    await studio.save();
    await page.getByRole("button", { name: en.link.button }).click();
    const make = page.getByRole("button", { name: en.link.make });
    for (const [status, said] of [[507, en.link.full], [503, en.link.full], [500, en.link.failed], [0, en.link.failed], [201, en.link.failed]] as const) {
      await page.route("**/s/x?*", (route) => (status === 0 ? route.abort() : route.fulfill({ status, body: `{"address":"https://elsewhere.example/s/x/AAAAAAAAAAAAAAAAAAAAAA","last_day":"2026-01-01"}` })));
      await make.click();
      await page.getByText(said, { exact: true }).waitFor();
      same(await page.getByLabel(en.link.address, { exact: true }).count(), 0, "links");
      await page.unroute("**/s/x?*");
    }
    await make.click();
    await page.getByLabel(en.link.address, { exact: true }).waitFor();
    /* Closed, it is gone. */
    await page.getByRole("button", { name: en.common.close }).click();
    await page.getByRole("button", { name: en.link.button }).click();
    await make.waitFor();
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// A file of a submission is covered, looked at and published in the page.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { loadDesk } from "../../../../web/app/words/desk/catalogue.ts";
import { en } from "../../../../web/app/words/desk/en.ts";
import { loadWords } from "../../../../web/app/words/spoken.ts";
import { complaints, type Desk, LOOKS, loadKey, makeAdmin, openDesk, send, sessionOf, signIn, visitDesk } from "../rig/desk.ts";
import { fixture, SECRET } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { coverMiddle, openToCover, publishFile, text, toCopy, toPublishing } from "../rig/publishing.ts";
import type { Studio } from "../rig/studio.ts";
import { check, same, test } from "../rig/tap.ts";
import { walked } from "../rig/walked.ts";

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** What the page gave to the server. */
interface Told {
  readonly copies: Buffer[];
  readonly publishings: Record<string, unknown>[];
}

async function listen(page: Page): Promise<Told> {
  const told: Told = { copies: [], publishings: [] };
  /* On the way: a browser tells of files that are sent only to who holds the request. */
  await page.route("**/copies", async (route) => {
    told.copies.push(route.request().postDataBuffer() ?? Buffer.alloc(0));
    await route.continue();
  });
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/publications")) told.publishings.push(request.postDataJSON() as Record<string, unknown>);
  });
  return told;
}

/** The next answer to a request for `path` is made up. */
const answerOnce = (page: Page, path: string, answer: { status?: number; json?: object; body?: Buffer }) => page.route(path, (route) => route.fulfill(answer), { times: 1 });

async function withFile(name: string, run: (page: Page, told: Told, desk: Desk) => Promise<void>, how: object = {}, ...settings: string[]): Promise<void> {
  const desk = await openDesk("publish.albums=yes", ...settings);
  try {
    await makeAdmin(desk);
    await send(desk, "", await fixture(name));
    await visitDesk(desk, async ({ page }) => {
      const told = await listen(page);
      await signIn(page);
      await loadKey(page, desk.key);
      await toPublishing(page);
      await run(page, told, desk);
    }, how);
  } finally {
    await desk.stop();
  }
}

test("the desk: a file is covered, seen as it will be public, and published with what it was made of", async () => {
  await withFile("marked.jpg", async (page, told, desk) => {
    const { album } = await (await sessionOf(desk))("/api/albums", { title: "The march", description: "", warning: "", language: "en", state: "open" });
    const studio = await openToCover(page);
    await coverMiddle(studio);
    /* Of the page it would take the last decision back. */
    await page.getByRole("application").press("u");
    await toCopy(page);
    same(await page.getByText("There is nothing to undo.").count(), 0, "keys of the page within the editor");
    const copy = told.copies[0] ?? Buffer.alloc(0);
    check(!copy.includes(SECRET), "the copy holds the marker");
    const path = fresh("copy.jpg");
    writeFileSync(path, copy);
    await must(oilskin, "verify", path);
    same(await page.locator(".as-public img").evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)), 1200, "the width of what is shown");
    same(await page.locator(".as-public .digest").innerText(), digestOf(copy), "the digest that is shown");
    await page.getByText("1 area", { exact: true }).waitFor();
    await page.getByLabel(text.album).selectOption("The march");
    await page.getByLabel(text.caption).fill("People on the square.");
    await page.getByLabel(text.alt, { exact: true }).fill("A crowd with umbrellas.");
    await page.getByRole("button", { name: text.go, exact: true }).click();
    await page.getByRole("heading", { name: text.done }).waitFor();
    const { provenance, ...about } = told.publishings[0] ?? {};
    same([about["album"], about["caption"], about["areas"], about["confirmed_none"], about["words_checked"]], [album, "People on the square.", 1, false, false], "what was asked");
    const sealed = fresh("provenance.age");
    writeFileSync(sealed, Buffer.from(String(provenance), "base64"));
    const opened = fresh("provenance.json");
    await must(oilskin, "unseal", "-i", desk.key, "-o", opened, sealed);
    const said = JSON.parse(readFileSync(opened, "utf8").replace(/\0+$/, "")) as Record<string, unknown>;
    same([said["schema"], said["file"], said["copy_sha256"], said["areas"]], ["oilskin/provenance/1", about["file"], digestOf(copy), 1], "its provenance");
    check(/^[0-9a-f]{64}$/.test(String(said["original_sha256"])), "the original's digest");
    same((said["regions"] as { regions: unknown[] }).regions.length, 1, "regions");
  });
});

test("the desk: where nothing is covered somebody is asked again, and says so", async () => {
  await withFile("marked.jpg", async (page, told) => {
    await openToCover(page);
    await toCopy(page);
    check(!(told.copies[0] ?? Buffer.alloc(0)).includes(SECRET), "the copy holds the marker");
    const go = page.getByRole("button", { name: text.go, exact: true });
    same(await go.isDisabled(), true, "it can't be published before");
    await page.getByLabel(text.confirmNone).check();
    await go.click();
    await page.getByRole("heading", { name: text.done }).waitFor();
    same([told.publishings[0]?.["areas"], told.publishings[0]?.["confirmed_none"]], [0, true], "what was asked");
  });
});

test("the desk: a copy that the server gives back changed is neither shown nor published, and why it refuses one is said", async () => {
  await withFile("marked.jpg", async (page) => {
    await openToCover(page);
    await answerOnce(page, "**/copies/*", { body: randomBytes(1000) });
    await page.getByRole("button", { name: text.next }).click();
    await page.getByRole("alert").getByText(text.another).waitFor();
    same([await page.locator(".as-public").count(), await page.getByRole("button", { name: text.go, exact: true }).count()], [0, 0], "what is shown, ways to publish it");
    await answerOnce(page, "**/copies", { status: 422, json: { error: "it is not what it says", part: "APP1 Exif", offset: 20, next: "scrub it" } });
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("alert").getByText("The server said: it is not what it says. scrub it (APP1 Exif, at byte 20)").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: text.asPublic }).waitFor();
  });
});

test("the desk: words that lead to a person are asked about, here and by the server; a copy that the server lost is given again", async () => {
  await withFile("marked.jpg", async (page, told) => {
    const studio = await openToCover(page);
    await coverMiddle(studio);
    await toCopy(page);
    await page.getByLabel(text.caption).fill("Call +49 30 1234567.");
    const go = page.getByRole("button", { name: text.go, exact: true });
    await go.click();
    await page.getByRole("dialog").getByText("+49 30 1234567").waitFor();
    await page.getByRole("button", { name: "Change it" }).click();
    same(told.publishings.length, 0, "publishings so far");
    await page.getByLabel(text.caption).fill("People.");
    await answerOnce(page, "**/api/publications", { status: 404, json: { error: "There is no such copy", next: "Send it again" } });
    await answerOnce(page, "**/api/publications", { status: 409, json: { error: "words", findings: [{ field: "caption", kind: "handle", at: 0, text: "People" }] } });
    await go.click();
    await page.getByRole("dialog").getByText("People").waitFor();
    await page.getByRole("button", { name: "Leave it as it is" }).click();
    await page.getByRole("alert").getByText(text.lost).waitFor();
    same(told.publishings.map((one) => one["words_checked"]), [false, true], "words that were looked at");
    await page.getByRole("button", { name: text.giveAgain }).click();
    await page.getByRole("heading", { name: text.asPublic }).waitFor();
    same(told.copies.length, 2, "copies given");
    same(await page.getByLabel(text.caption).inputValue(), "People.", "the caption is still there");
    await go.click();
    await page.getByRole("heading", { name: text.done }).waitFor();
  });
});

test("the desk: what is covered stays while somebody looks elsewhere, and is forgotten when they sign out", async () => {
  await withFile("marked.jpg", async (page, _told, desk) => {
    await coverMiddle(await openToCover(page));
    await page.getByRole("link", { name: text.back }).click();
    await page.getByRole("heading", { name: "Submission" }).waitFor();
    await page.keyboard.press("p");
    await page.getByText("1 area covered", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to the desk" }).waitFor();
    same(await page.locator(".publishing, img[src^=blob]").count(), 0, "what is left of it");
    await signIn(page);
    await loadKey(page, desk.key);
    /* Which waits until it asks whether the original is to be opened. */
    await toPublishing(page);
  });
});

function latch<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

/** Each copy that the page gives waits until it is let go; `arrived` tells its digest. */
async function holdCopies(page: Page): Promise<{ arrived(number: number): Promise<string>; letGo(number: number): void }> {
  const held = [0, 1].map(() => ({ came: latch<string>(), free: latch<null>() }));
  let next = 0;
  await page.route("**/copies", async (route) => {
    const mine = held[next++];
    mine?.came.resolve(digestOf(route.request().postDataBuffer() ?? Buffer.alloc(0)));
    await mine?.free.promise;
    /* The page may have given it up. */
    await route.continue().catch(() => {});
  });
  return { arrived: (number) => held[number]?.came.promise ?? Promise.reject(new Error("no such copy")), letGo: (number) => held[number]?.free.resolve(null) };
}

/** To the submission and in again. */
async function goRound(page: Page): Promise<void> {
  await page.getByRole("link", { name: text.back }).click();
  await page.getByRole("heading", { name: en.submission.heading, exact: true }).waitFor();
  await page.getByRole("button", { name: en.submission.publish }).first().click();
}

const coverCorner = async (studio: Studio, areas: string) => {
  await studio.drag(await studio.spot(0.7, 0.7), await studio.spot(0.9, 0.9));
  await studio.page.getByText(areas, { exact: true }).waitFor();
  await studio.page.locator(".stage-progress").waitFor({ state: "detached" });
};

/** Longer than the server takes to look at a copy and give it back. */
const UNTIL_GIVEN_BACK = 4000;

for (const [way, waysBack] of Object.entries({ "the way round by the submission": "link", "the button beside what is being checked": "button" } as const)) {
  test(`the desk: a copy on its way does not take the place of a newer one, by ${way}`, async () => {
    await withFile("marked.jpg", async (page, _told, desk) => {
      const copies = await holdCopies(page);
      const studio = await openToCover(page);
      await coverMiddle(studio);
      await page.getByRole("button", { name: text.next }).click();
      await page.getByText(text.checking).waitFor();
      const older = await copies.arrived(0);
      if (waysBack === "link") {
        await goRound(page);
      } else {
        await page.getByRole("button", { name: text.coverMore }).click();
      }
      await studio.picture().waitFor();
      await coverCorner(studio, "2 areas covered");
      await page.getByRole("button", { name: text.next }).click();
      const newer = await copies.arrived(1);
      check(older !== newer, "both copies are the same");
      copies.letGo(0);
      await page.waitForTimeout(UNTIL_GIVEN_BACK);
      same(await page.locator(".as-public").count(), 0, "copies shown while the newer one is on its way");
      copies.letGo(1);
      await page.getByRole("heading", { name: text.asPublic }).waitFor();
      same(await page.locator(".as-public .digest").innerText(), newer, "the copy that is shown");
      await page.getByRole("button", { name: text.go, exact: true }).click();
      await page.getByRole("heading", { name: text.done }).waitFor();
      const { publications } = (await (await sessionOf(desk))("/api/publications")) as { publications: { sha256: string; areas: number }[] };
      same(publications.map(({ sha256, areas }) => [sha256, areas]), [[newer, 2]], "what became public");
    });
  });
}

test("the desk: a copy with one face covered does not take the place of one with two that overtook it", async () => {
  await withFile("marked.jpg", async (page, _told, desk) => {
    const copies = await holdCopies(page);
    const studio = await openToCover(page);
    await coverMiddle(studio);
    await page.getByRole("button", { name: text.next }).click();
    await copies.arrived(0);
    await goRound(page);
    await studio.picture().waitFor();
    await coverCorner(studio, "2 areas covered");
    copies.letGo(1);
    await page.getByRole("button", { name: text.next }).click();
    await page.getByRole("heading", { name: text.asPublic }).waitFor();
    const newer = await copies.arrived(1);
    await page.getByLabel(text.caption).fill("Two people.");
    copies.letGo(0);
    await page.waitForTimeout(UNTIL_GIVEN_BACK);
    same(await page.locator(".as-public .digest").innerText(), newer, "the copy that is shown");
    await page.getByRole("button", { name: text.go, exact: true }).click();
    await page.getByRole("heading", { name: text.done }).waitFor();
    const { publications } = (await (await sessionOf(desk))("/api/publications")) as { publications: { sha256: string; areas: number }[] };
    same(publications.map(({ sha256, areas }) => [sha256, areas]), [[newer, 2]], "what became public");
  });
});

test("the desk: who covered more and looked elsewhere comes back to what is covered, not to the older copy", async () => {
  await withFile("marked.jpg", async (page) => {
    const studio = await openToCover(page);
    await coverMiddle(studio);
    await toCopy(page);
    await page.getByRole("button", { name: text.coverMore }).click();
    await studio.picture().waitFor();
    await coverCorner(studio, "2 areas covered");
    await goRound(page);
    await page.getByText("2 areas covered", { exact: true }).or(page.getByRole("heading", { name: text.asPublic })).first().waitFor();
    same(await page.locator(".as-public").count(), 0, "copies shown");
  });
});

test("the desk: a copy behind a warning is seen before it is published, each new one again", async () => {
  await withFile("marked.jpg", async (page) => {
    const studio = await openToCover(page);
    await coverMiddle(studio);
    await toCopy(page);
    await page.getByLabel(text.warning).fill("Somebody is hurt.");
    const picture = page.locator(".as-public img");
    await picture.waitFor();
    await page.locator(".as-public summary").click();
    await picture.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: text.coverMore }).click();
    await studio.picture().waitFor();
    await coverCorner(studio, "2 areas covered");
    await toCopy(page);
    await picture.waitFor();
    await page.getByRole("button", { name: text.go, exact: true }).click();
    await page.getByRole("heading", { name: text.done }).waitFor();
  });
});

test("the desk: a copy that the browser could not show is not published", async () => {
  await withFile("marked.jpg", async (page, told) => {
    await coverMiddle(await openToCover(page));
    await page.evaluate(() => {
      const make = URL.createObjectURL.bind(URL);
      URL.createObjectURL = () => make(new Blob(["no picture"]));
    });
    await toCopy(page);
    await page.getByRole("alert").getByText(en.published.notShown).waitFor();
    same(await page.getByRole("button", { name: text.go, exact: true }).isDisabled(), true, "it can't be published");
    same(told.publishings.length, 0, "publishings");
  });
});

test("the desk: what is covered of another file stays when the one before it is published late", async () => {
  const desk = await openDesk("publish.albums=yes");
  try {
    await makeAdmin(desk);
    await send(desk, "", await fixture("marked.jpg"), await fixture("photo.jpg"));
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      const answered = latch<null>();
      await page.route("**/api/publications", async (route) => {
        await answered.promise;
        await route.continue();
      }, { times: 1 });
      await toPublishing(page);
      await coverMiddle(await openToCover(page));
      await toCopy(page);
      const first = page.url();
      await page.getByRole("button", { name: text.go, exact: true }).click();
      await page.getByRole("link", { name: text.back }).click();
      await publishFile(page, 1);
      await coverMiddle(await openToCover(page));
      const published = page.waitForResponse("**/api/publications");
      answered.resolve(null);
      await published;
      await page.getByText("1 area covered", { exact: true }).waitFor();
      await page.waitForTimeout(500);
      same(await page.getByText("1 area covered", { exact: true }).count(), 1, "what is covered of the other one");
      await page.goto(first);
      await page.getByRole("heading", { name: text.done }).waitFor();
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: what browsers do not show, and what says which way is up, is written anew; a video is told to be uncovered", async () => {
  const names = ["photo.bmp", "turned.jpg", "photo.tif", "video.mp4"];
  const desk = await openDesk("publish.albums=yes");
  try {
    await makeAdmin(desk);
    await send(desk, "", ...(await Promise.all(names.map((name) => fixture(name)))));
    await visitDesk(desk, async ({ page }) => {
      const told = await listen(page);
      await signIn(page);
      await loadKey(page, desk.key);
      const { rows } = (await (await sessionOf(desk))("/api/queue")) as { rows: { representative: { submission: string } }[] };
      const toFile = async (name: string) => {
        await page.goto(`${desk.origin}/desk/#/submissions/${rows[0]?.representative.submission}`);
        await publishFile(page, names.indexOf(name));
      };
      const last = () => told.copies.at(-1) ?? Buffer.alloc(0);
      for (const name of ["photo.bmp", "turned.jpg"]) {
        await toFile(name);
        await openToCover(page);
        await toCopy(page);
        check(last().subarray(0, 2).equals(Buffer.from([0xff, 0xd8])) || last().subarray(1, 4).equals(Buffer.from("PNG")), `${name} became ${last().subarray(0, 8).toString("hex")}`);
        check(!last().includes("Exif") && !last().includes("eXIf"), `${name} still says which way is up`);
      }
      await toFile("photo.tif");
      await page.getByRole("button", { name: text.open }).click();
      await page.getByText(text.elsewhereOnly).waitFor();
      same(await page.getByRole("button", { name: text.next }).count(), 0, "ways on");
      await toFile("video.mp4");
      await page.getByRole("button", { name: text.open }).click();
      await page.getByText(text.uncovered).waitFor();
      await page.locator("video.still").waitFor();
      await page.getByText(text.coverElsewhere).click();
      await page.getByText(text.elsewhere).waitFor();
      await toCopy(page);
      await page.locator(".as-public video").waitFor();
      await page.getByText(text.poster).waitFor();
      const poster = await page.locator(".as-public video").evaluate(async ({ poster: src }: HTMLVideoElement) => {
        const image = new Image();
        image.src = src;
        await image.decode();
        return image.naturalWidth;
      });
      check(poster > 0, "the picture before the video");
      const [go, none] = [page.getByRole("button", { name: text.go, exact: true }), page.getByLabel(text.confirmNone)];
      await none.check();
      await go.and(page.locator(":enabled")).waitFor();
      same(await page.locator(".unplayed").count(), 0, "words about what every browser plays");
      check(!last().includes(SECRET), "the copy holds the marker");
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: a video that not every browser plays is public when somebody has said so", async () => {
  await withFile("video.mp4", async (page, told) => {
    await page.route("**/copies", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), unplayed_picture: "hevc", unplayed_sound: null } });
    });
    await page.getByRole("button", { name: text.open }).click();
    await toCopy(page);
    const go = page.getByRole("button", { name: text.go, exact: true });
    await page.getByText("HEVC (H.265)").waitFor();
    await page.getByText(text.poster).waitFor();
    await page.getByLabel(text.confirmNone).check();
    check(await go.isDisabled(), "nobody was asked about what few can play");
    await page.getByLabel(text.confirmUnplayed).check();
    await go.click();
    await page.getByRole("heading", { name: text.done }).waitFor();
    same(told.publishings.at(-1)?.["confirmed_unplayed"], true, "what was said to the server");
  });
});

test("the desk: a video whose frame was not on the screen can't be published", async () => {
  await withFile("video.mp4", async (page) => {
    await page.route(/\/copies\/[0-9a-f]+\/\d$/, (route) => route.fulfill({ status: 200, body: "no picture" }));
    await page.getByRole("button", { name: text.open }).click();
    await toCopy(page);
    await page.getByText(en.published.notShown).waitFor();
    await page.getByLabel(text.confirmNone).check();
    check(await page.getByRole("button", { name: text.go, exact: true }).isDisabled(), "what was not seen can be published");
  });
});

test("the desk: a publishing whose answer was lost is looked for, and not made twice", async () => {
  await withFile("marked.jpg", async (page, told, desk) => {
    await coverMiddle(await openToCover(page));
    await toCopy(page);
    await page.route("**/api/publications", async (route) => {
      await route.fetch();
      await route.fulfill({ status: 503, json: { error: "busy" } });
    }, { times: 1 });
    await page.getByRole("button", { name: text.go, exact: true }).click();
    await page.getByText(text.waiting).waitFor();
    await page.getByRole("heading", { name: text.notYet }).waitFor();
    const { publications } = (await (await sessionOf(desk))("/api/publications")) as { publications: unknown[] };
    same([told.publishings.length, publications.length], [1, 1], "publishings asked for, and made");
  }, {}, "publish.second_person=yes");
});

for (const [name, look] of Object.entries(LOOKS)) {
  test(`the desk: each step of publishing passes axe-core, ${name}`, async () => {
    await withFile("marked.jpg", async (page, told) => {
      const found = await complaints(page, `publish-begin-${name}`);
      const studio = await openToCover(page);
      found.push(...(await complaints(page, `publish-cover-${name}`)));
      await coverMiddle(studio);
      await toCopy(page);
      await page.getByLabel(text.warning).fill("Somebody is hurt.");
      found.push(...(await complaints(page, `publish-look-${name}`)));
      await page.getByRole("button", { name: text.go, exact: true }).click();
      await page.getByRole("heading", { name: text.done }).waitFor();
      found.push(...(await complaints(page, `publish-done-${name}`)));
      same(told.publishings[0]?.["warning"], "Somebody is hurt.", "the warning");
      same(found, [], "complaints");
    }, look);
  });
}

test("the desk: each language is spoken while a file is published, by the editor, too, and nothing sticks out of a phone", async () => {
  const desk = await openDesk("publish.albums=yes");
  const found: string[] = [];
  try {
    await makeAdmin(desk);
    await send(desk, "", await fixture("marked.jpg"));
    for (const { tag, lang } of walked) {
      const words = await loadDesk(tag);
      const studio = await loadWords(tag);
      await visitDesk(desk, async ({ page }) => {
        await signIn(page, "anna", words);
        await loadKey(page, desk.key, words);
        await toPublishing(page, words);
        found.push(...(await complaints(page, `publish-begin-${tag}`)));
        await openToCover(page, words);
        await page.getByText(studio.cover.nothing, { exact: true }).waitFor();
        found.push(...(await complaints(page, `publish-cover-${tag}`)));
        await toCopy(page, words);
        found.push(...(await complaints(page, `publish-look-${tag}`)));
      }, { locale: lang, viewport: { width: 360, height: 740 } });
    }
  } finally {
    await desk.stop();
  }
  same(found, [], "complaints");
});

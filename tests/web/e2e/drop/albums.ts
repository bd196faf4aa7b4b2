// SPDX-License-Identifier: GPL-3.0-or-later
// What the public sees of what was published, without a script. OILSKIN_E2E_LOOK=DIR keeps a screenshot of each page.
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { axeComplaints } from "../rig/axe.ts";
import { enter } from "../rig/drop.ts";
import { openAlbums, type Albums } from "../rig/published.ts";
import { afterAll, check, same, test } from "../rig/tap.ts";
import { LOOK, walked } from "../rig/walked.ts";

let opening: Promise<Albums> | undefined;
/** One for all of these tests. */
function albums(): Promise<Albums> {
  if (opening === undefined) {
    const made = openAlbums("drop.demo=yes");
    opening = made;
    afterAll(async () => (await made).drop.stop());
  }
  return opening;
}

/** The width of a picture as it was fetched; 0 while it was not. */
const widthOf = (page: Page, image: string) => page.locator(image).evaluate((node) => (node as HTMLImageElement).naturalWidth);

async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    if (await holds()) return;
    await new Promise((settle) => setTimeout(settle, 50));
  }
  throw new Error(`${what}: not within a minute`);
}

test("albums without scripts: from the list to one picture, which comes in the size that the screen needs", async () => {
  const { drop, plain } = await albums();
  const { page, context, errors } = await enter(drop, { javaScriptEnabled: false }, "/a/");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.getByRole("link", { name: "The march of the 8th" }).click();
  await eventually("a tile is shown", async () => (await widthOf(page, `img[src="/a/f/${plain}/1"]`)) > 0);
  same(asked.filter((path) => /^\/a\/f\/[0-9a-f]+$/.test(path)), [], "whole copies on the album's page");
  await page.locator(`a.shown[href*="/${plain}?"]`).click();
  await page.getByText("Nobody was hurt here.").waitFor();
  await eventually("the picture is shown", async () => (await widthOf(page, "article img")) > 0);
  same(asked.filter((path) => !path.startsWith("/a/")), [], "what was fetched from elsewhere");
  check(!(await page.content()).includes("<script"), "there is a script");
  same(errors, [], "errors");
  await context.close();
});

test("albums: what may disturb is not even fetched before somebody asks for it", async () => {
  const { drop, album, warned } = await albums();
  // Where scripts are off, browsers fetch what is lazy, too: else it would say how far somebody scrolls.
  const { page, context } = await enter(drop, {}, `/a/${album}`);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.reload({ waitUntil: "networkidle" });
  check(!asked.some((url) => url.includes(`/a/f/${warned}`)), "it was fetched");
  await page.getByText("Content warning: injuries").click();
  await eventually("it is fetched", async () => asked.some((url) => url.includes(`/a/f/${warned}`)));
  await context.close();
});

test("albums without scripts: what may disturb is seen when somebody asks for it", async () => {
  const { drop, album, warned } = await albums();
  const { page, context } = await enter(drop, { javaScriptEnabled: false }, `/a/${album}`);
  const picture = page.locator(`img[src="/a/f/${warned}/1"]`);
  const caption = page.getByText("A man is carried away.");
  check(!(await picture.isVisible()) && !(await caption.isVisible()), "it is seen");
  await page.getByText("Content warning: injuries").click();
  check((await picture.isVisible()) && (await caption.isVisible()), "it is not seen");
  await eventually("it is shown", async () => (await picture.evaluate((node) => (node as HTMLImageElement).naturalWidth)) > 0);
  await context.close();
});

test("albums: a video shows a frame of itself, and nothing else of it is fetched before somebody plays it", async () => {
  const { drop, album, film } = await albums();
  const { page, context } = await enter(drop, {}, `/a/${album}`);
  const tile = `img[src="/a/f/${film}/1"]`;
  await page.locator(tile).scrollIntoViewIfNeeded();
  await eventually("the frame is shown in the album", async () => (await widthOf(page, tile)) > 0);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${page.url().replace(/[?#].*$/, "")}/${film}`, { waitUntil: "networkidle" });
  same(asked.filter((path) => path.startsWith("/a/f/")), [`/a/f/${film}/1`], "what was fetched of it");
  await page.locator("video").evaluate((video: HTMLVideoElement) => {
    video.muted = true;
    return video.play();
  });
  check(asked.includes(`/a/f/${film}`), "it was not fetched to be played");
  await context.close();
});

test("albums without scripts: a video plays in the page, by parts", async () => {
  const { drop, album, film } = await albums();
  const { page, context, errors } = await enter(drop, {}, `/a/${album}/${film}`);
  await page.locator("video").evaluate(async (node) => {
    const video = node as HTMLVideoElement;
    video.muted = true;
    await video.play();
    video.currentTime = 2;
    await new Promise((settle) => video.addEventListener("seeked", settle, { once: true }));
  });
  same(errors, [], "errors");
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Save it" }).click()]);
  same(saved.suggestedFilename(), `oilskin-${film.slice(0, 8)}.mp4`, "the name");
  await context.close();
});

test("albums without scripts: anyone asks for a face to be covered, and is told what happens next", async () => {
  const { drop, album, plain } = await albums();
  const { page, context, errors } = await enter(drop, { javaScriptEnabled: false }, `/a/${album}/${plain}`);
  await page.getByText("Ask for a face to be covered or for removal").click();
  await page.getByLabel("Remove this").check();
  await page.getByLabel("What should we know?").fill("I am the third from the left.");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("heading", { name: "We have it" }).waitFor();
  const said = await page.locator("main").innerText();
  for (const words of ["Somebody at The Harbor Gazette looks at it.", "copies, feeds and caches elsewhere stay", "tips@gazette.example"]) {
    check(said.includes(words), `"${words}" is not said`);
  }
  same(errors, [], "errors");
  await context.close();
});

/** Every public page, in one language. */
async function walk(tag: string, name: string, how: BrowserContextOptions): Promise<string[]> {
  const { drop, album, plain, warned, film, hidden, withdrawn } = await albums();
  const found: string[] = [];
  const { page, context } = await enter(drop, how, `/a/?lang=${tag}`);
  const stop = async (state: string) => {
    found.push(...(await axeComplaints(page, `${state} (${tag})`)));
    if (LOOK !== undefined) await page.screenshot({ path: join(LOOK, `albums-${state}-${tag}-${name}.png`), fullPage: true });
  };
  await stop("list");
  await page.goto(`${drop.origin}/a/${album}?lang=${tag}`);
  await stop("album");
  await page.locator(".warned summary").first().click();
  await page.locator("#report summary").click();
  await stop("album-opened");
  await page.goto(`${drop.origin}/a/${album}/${plain}?lang=${tag}`);
  await page.locator("#ask summary").click();
  await stop("picture");
  await page.locator("#ask button").click();
  await page.locator(".steps").waitFor();
  await stop("asked");
  for (const [state, id] of Object.entries({ warned, film, hidden, withdrawn })) {
    await page.goto(`${drop.origin}/a/${album}/${id}?lang=${tag}`);
    await stop(state);
  }
  await context.close();
  return found;
}

async function each(name: string, tags: readonly string[], how: BrowserContextOptions): Promise<void> {
  const found: string[] = [];
  for (const tag of tags) found.push(...(await walk(tag, name, how)));
  same(found, [], "complaints");
}

test("albums: axe-core has nothing to say of any page (desktop, light)", () => each("desktop", ["en"], {}));
test("albums: axe-core has nothing to say of any page (360 pixels, dark, in languages of both directions)", () =>
  each("narrow-dark", walked.map(({ tag }) => tag), { viewport: { width: 360, height: 740 }, colorScheme: "dark", isMobile: true, hasTouch: true }));

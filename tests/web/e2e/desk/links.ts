// SPDX-License-Identifier: GPL-3.0-or-later
// Share links in a browser that runs no script, and read aloud: the page with the button, what it opens, what is said when it
// opens nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { loadAlbums } from "../../../../web/app/words/albums/catalogue.ts";
import { en } from "../../../../web/app/words/albums/en.ts";
import { loadLinks } from "../../../../web/app/words/links/catalogue.ts";
import { en as linkEn } from "../../../../web/app/words/links/en.ts";
import { axeComplaints } from "../rig/axe.ts";
import { LOOKS, makeAdmin, openDesk, sessionOf, visitDesk, type Desk, type DeskVisit, type Session } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { must } from "../rig/native.ts";
import { root } from "../rig/places.ts";
import { check, same, test } from "../rig/tap.ts";
import { LOOK, walked } from "../rig/walked.ts";

const plain: BrowserContextOptions = { javaScriptEnabled: false };
const SAYS = ["Before the town hall", "A test picture", "An injured hand"];
const PREVIEW = { "User-Agent": "WhatsApp/2.23.20.0" };

interface Given {
  readonly desk: Desk;
  readonly anna: Session;
  share(limits?: object): Promise<string>;
}

const publish = (desk: Desk, kind: "jpg" | "mp4", copy: string, says: readonly string[]) =>
  must("python3", join(root, "tests/serve/published_rows.py"), desk.data, kind, copy, "", ...says);

/** One server and one picture for all tests that end neither. */
let given: Promise<Given & { readonly copy: string }> | undefined;
async function give() {
  const desk = await openDesk("publish.links=yes");
  await makeAdmin(desk);
  const anna = await sessionOf(desk);
  const copy = await fixture("photo.jpg");
  const publication = (await publish(desk, "jpg", copy, SAYS)).trim();
  return { desk, anna, copy, share: async (limits = {}) => String((await anna("/api/shares", { publication, ...limits }))["address"]) };
}
const shared = () => (given ??= give());

const visit = async (address: string, run: (visit: DeskVisit) => Promise<void>, how = plain) => {
  const { desk } = await shared();
  await visitDesk({ origin: desk.drop }, async (one) => {
    await run(one);
    /* What this rig tries to run itself, the sandbox tells. */
    const own = one.errors.filter((line) => !/^Blocked script execution in '[^']*\/s\/g\//.test(line));
    one.errors.splice(0, one.errors.length, ...own);
  }, how, address);
};

const open = (page: Page) => page.getByRole("button", { name: linkEn.closed.open, exact: true }).click();
const gone = (page: Page) => page.getByRole("heading", { name: linkEn.gone.heading, exact: true });

/** Whether the browser has drawn it: nothing was blocked on its way. */
const drawn = (page: Page) => page.locator(".shown img").evaluate(async (img: HTMLImageElement) => (await img.decode(), img.naturalWidth));

test("links: two previews use nothing up, the button opens the one view, and nothing opens it again", async () => {
  const { desk, share } = await shared();
  const address = await share({ views: 1 });
  for (let i = 0; i < 2; i++) {
    const preview = await fetch(desk.drop + address, { headers: PREVIEW });
    const text = await preview.text();
    check(preview.status === 200 && !/<img|og:|\/s\/g\//.test(text) && !SAYS.some((one) => text.includes(one)), "a preview shows something");
  }
  await visit(address, async ({ page, requests }) => {
    same(await page.locator("img, video").count(), 0, "pictures before the button");
    await open(page);
    await page.getByText(en.piece.show, { exact: true }).click();
    check((await drawn(page)) > 0, "it is not drawn");
    check(await page.getByText(SAYS[0] ?? "").isVisible(), "there is no caption");
    const saving = page.waitForEvent("download");
    await page.getByRole("link", { name: en.piece.save, exact: true }).click();
    const saved = await saving;
    check(/^oilskin-[0-9a-f]{8}\.jpg$/.test(saved.suggestedFilename()), saved.suggestedFilename());
    check(readFileSync(await saved.path()).equals(readFileSync((await shared()).copy)), "what was saved is not the copy");
    /* What was opened stays for its minutes, the link does not. */
    await page.reload();
    same(await page.locator(".shown img").count(), 1, "pictures when it is loaded again");
    await page.goto(desk.drop + address);
    await gone(page).waitFor();
    same(requests.filter((line) => /\.js\b/.test(line)), [], "scripts");
  });
});

test("links: a wrong passphrase is said and uses nothing up, the right one opens", async () => {
  const { share } = await shared();
  const address = await share({ views: 1, passphrase: "a tall ship", expires_days: 3 });
  await visit(address, async ({ page }) => {
    const field = page.getByLabel(linkEn.closed.passphrase, { exact: true });
    await field.fill("a small boat");
    await open(page);
    await page.getByRole("alert").getByText(linkEn.closed.wrong, { exact: true }).waitFor();
    same(await page.locator("img, video").count(), 0, "pictures behind a wrong passphrase");
    await field.fill("a tall ship");
    await open(page);
    await page.locator(".shown img").waitFor({ state: "attached" });
  });
});

test("links: a film plays, in parts, where no script may run", async () => {
  const { desk, anna } = await shared();
  const film = await fixture("video.mp4");
  const publication = (await publish(desk, "mp4", film, ["", "A test film", ""])).trim();
  const { address } = await anna("/api/shares", { publication, views: 1 });
  await visit(String(address), async ({ page }) => {
    await open(page);
    const seen = await page.locator("video").evaluate(async (video: HTMLVideoElement) => {
      if (video.readyState < 1) await new Promise((settle, refuse) => (video.addEventListener("loadedmetadata", settle), video.addEventListener("error", () => refuse(new Error(video.error?.message)))));
      return [video.videoWidth, video.duration > 0];
    });
    check(Number(seen[0]) > 0 && seen[1] === true, `the film: ${String(seen)}`);
  });
});

test("links: who has one reports it before the button and behind it, and its end shuts what is open", async () => {
  const { desk, anna, share } = await shared();
  const address = await share();
  const report = async (page: Page, words: string) => {
    await page.getByText(en.ask.heading, { exact: true }).click();
    await page.getByLabel(en.ask.words, { exact: true }).fill(words);
    await page.getByRole("button", { name: en.ask.send, exact: true }).click();
    await page.getByRole("heading", { name: en.asked.heading, exact: true }).waitFor();
  };
  await visit(address, async ({ page }) => {
    await report(page, "It is my house.");
    await page.goto(desk.drop + address);
    await open(page);
    await page.locator(".shown img").waitFor({ state: "attached" });
    const opened = page.url();
    await report(page, "The man on the left.");
    const { groups } = (await anna("/api/asked")) as { groups: { space: string; asked: { by_link: boolean }[] }[] };
    same(groups.map(({ space, asked }) => [space, ...asked.map(({ by_link }) => by_link)]), [["publication", true, true]], "what was asked for");
    await anna("/api/shares/end", { address: `${desk.drop}${address}?lang=fr` });
    await page.goto(opened);
    await gone(page).waitFor();
    await page.goto(desk.drop + address);
    await gone(page).waitFor();
  });
});

/** Every state of a link in one language. */
async function walk(tag: (typeof walked)[number]["tag"], name: string, how: BrowserContextOptions): Promise<string[]> {
  const { desk, share } = await shared();
  const words = { ...(await loadAlbums(tag)), links: await loadLinks(tag) };
  const found: string[] = [];
  const address = await share({ views: 2, passphrase: "a tall ship", expires_days: 7 });
  const button = words.links.closed.open;
  await visit(`${address}?lang=${tag}`, async ({ page }) => {
    /* axe-core waits by timers, and where no script may run there are none: it is shown the same page outside the sandbox, when
     * that is loaded again, since where a form leads is not asked of a route. */
    await page.route("**/s/g/*", async (route) => {
      const answer = await route.fetch();
      const { "content-security-policy": policy = "", ...headers } = answer.headers();
      check(/; sandbox(?!.*allow-scripts)/.test(policy), policy);
      await route.fulfill({ response: answer, headers });
    });
    const stop = async (state: string) => {
      found.push(...(await axeComplaints(page, `${state} ${tag} ${name}`)));
      if (LOOK !== undefined) await page.screenshot({ path: join(LOOK, `link-${state}-${tag}-${name}.png`), fullPage: true });
    };
    await stop("closed");
    await page.getByText(words.ask.heading, { exact: true }).click();
    await stop("report");
    await page.locator("#passphrase").fill("a small boat");
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.getByRole("alert").waitFor();
    await stop("wrong");
    await page.locator("#passphrase").fill("a tall ship");
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.locator(".warned summary").waitFor();
    await page.reload();
    await stop("warned");
    await page.locator(".warned summary").click();
    await page.locator("#ask summary").click();
    await stop("opened");
    await page.goto(`${desk.drop}/s/${"a".repeat(22)}?lang=${tag}`);
    await page.getByRole("heading", { name: words.links.gone.heading, exact: true }).waitFor();
    await stop("gone");
  }, how);
  return found;
}

for (const [name, how] of Object.entries(LOOKS)) {
  test(`links: every page is for everyone, ${name}`, async () => {
    const found: string[] = [];
    for (const { tag } of walked) found.push(...(await walk(tag, name, how)));
    same(found, [], "complaints");
  });
}

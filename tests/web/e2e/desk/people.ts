// SPDX-License-Identifier: GPL-3.0-or-later
// Who works at the desk: invited, helped, removed; each with a key of their own.
import { writeFileSync } from "node:fs";
import type { BrowserContextOptions, Page } from "playwright-core";
import { complaints, type Desk, loadKey, LOOKS, makeAdmin, makeKey, openDesk, PASSPHRASE, send, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { codeOf } from "../rig/totp.ts";
import { check, same, test } from "../rig/tap.ts";

const FRESH = "seven gulls on a mast";

async function toReviewers(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Reviewers" }).click();
  await page.getByRole("list", { name: "Who works here" }).getByText("anna").waitFor();
}

/** What the new link that is shown ends in. */
async function fragmentOf(page: Page, label: string): Promise<string> {
  return new URL(await page.getByLabel(label).inputValue()).hash;
}

async function changeRole(page: Page, name: string, role: string): Promise<void> {
  await page.getByLabel(`Role of ${name}`, { exact: true }).selectOption(role);
  await page.getByRole("button", { name: `Change the role of ${name}` }).click();
}

/** Gives what came before to the keys of today, which are shown first; whose they are. */
async function giveAll(page: Page): Promise<string[]> {
  await page.getByRole("button", { name: "Give all of it to the keys of today" }).click();
  const keys = page.getByRole("list", { name: /^It will open with these keys/ }).getByRole("listitem");
  await keys.first().waitFor();
  const shown = await keys.allInnerTexts();
  await page.getByRole("button", { name: "Give it to these keys" }).click();
  return shown;
}

async function invite(page: Page, role = "reviewer"): Promise<string> {
  await page.getByLabel("Role", { exact: true }).selectOption(role);
  await page.getByRole("button", { name: "Make a link", exact: true }).click();
  await page.getByLabel("Invitation").waitFor();
  return fragmentOf(page, "Invitation");
}

/** A key that the page makes, and therefore could load; its file, opened. */
async function makeInPage(page: Page): Promise<{ file: string; recipient: string }> {
  const [sealed, file, passphrase] = [fresh("made.age"), fresh("made.txt"), fresh("passphrase")];
  writeFileSync(passphrase, `${FRESH}\n`);
  await page.getByLabel("Passphrase of the key file").fill(FRESH);
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Make the key and save its file" }).click()]);
  await saved.saveAs(sealed);
  await must(oilskin, "unseal", "--passphrase-file", passphrase, sealed, "-o", file);
  return { file, recipient: (await must(oilskin, "keygen", "-y", file)).trim() };
}

/** @return the file of the key that was made for it. */
async function joinAs(page: Page, name: string, key?: { file: string; recipient: string }): Promise<string> {
  const { file, recipient } = key ?? await makeKey();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByLabel("I have one").check();
  await page.getByLabel(/^Your public key/).fill(recipient);
  await page.getByRole("button", { name: "Join" }).click();
  return file;
}

/** Anna, the first admin, on the page of reviewers. */
async function withAdmin(run: (page: Page, desk: Desk) => Promise<void>, how: BrowserContextOptions = {}): Promise<void> {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await toReviewers(page);
      await run(page, desk);
    }, how);
  } finally {
    await desk.stop();
  }
}

test("the desk: an admin invites by a link that works once, changes a role, and removes who is in", async () => {
  await withAdmin(async (page, desk) => {
    const link = await invite(page);
    check(/^#join=[0-9a-f]{32}$/.test(link), `the link ends in ${link}`);
    await visitDesk(desk, async ({ page: bens }) => {
      await joinAs(bens, "ben");
      await bens.getByRole("button", { name: "Sign out" }).waitFor();
      await bens.getByRole("link", { name: "Reviewers" }).click();
      await bens.getByRole("list", { name: "Who works here" }).getByText("ben").waitFor();
      same(await bens.getByRole("button", { name: /Remove|Make a link/ }).count(), 0, "what a reviewer could do to others");
      await visitDesk(desk, async ({ page: carls }) => {
        await joinAs(carls, "carl");
        await carls.getByRole("alert").getByText(/does not work any more/).waitFor();
      }, {}, `/desk/${link}`);
      await page.reload();
      await changeRole(page, "ben", "publisher");
      await page.getByRole("button", { name: "Change the role of ben" }).and(page.locator(":disabled")).waitFor();
      await page.reload();
      await page.getByLabel("Role of ben", { exact: true }).waitFor();
      same(await page.getByLabel("Role of ben", { exact: true }).inputValue(), "publisher", "the role of ben");
      await page.getByRole("button", { name: "Remove ben" }).click();
      await page.getByRole("dialog").getByText(/can't be recalled/).waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "Remove ben" }).click();
      await page.getByLabel("Role of ben", { exact: true }).waitFor({ state: "detached" });
      await bens.reload();
      await bens.getByRole("button", { name: "Sign in" }).waitFor();
    }, {}, `/desk/${link}`);
  });
});

test("the desk: a removal says when the key goes on being sealed to", async () => {
  await withAdmin(async (page, desk) => {
    const key = await makeKey();
    for (const name of ["ben", "carl"]) {
      const link = await invite(page);
      await visitDesk(desk, async ({ page: theirs }) => {
        await joinAs(theirs, name, key);
        await theirs.getByRole("button", { name: "Sign out" }).waitFor();
      }, {}, `/desk/${link}`);
      await page.reload();
      await page.getByLabel(`Role of ${name}`, { exact: true }).waitFor();
    }
    const said = page.getByRole("alert").getByText(/goes on being sealed to it/);
    for (const [name, count] of [["carl", 1], ["ben", 0]] as const) {
      await page.getByRole("button", { name: `Remove ${name}` }).click();
      await page.getByRole("dialog").getByRole("button", { name: `Remove ${name}` }).click();
      await page.getByLabel(`Role of ${name}`, { exact: true }).waitFor({ state: "detached" });
      same(await said.count(), count, `what is said of ${name}'s key`);
    }
  });
});

test("the desk: a lost passphrase is replaced by a link, and the old one is over", async () => {
  await withAdmin(async (page, desk) => {
    await page.getByText("opens originals to publish them").waitFor();
    await page.getByRole("button", { name: "Lost passphrase: make a link for anna" }).click();
    await page.getByLabel("Link for a new passphrase").and(page.locator(":focus")).waitFor();
    const link = await fragmentOf(page, "Link for a new passphrase");
    check(/^#reset=[0-9a-f]{32}$/.test(link), `the link ends in ${link}`);
    await page.goto(`${page.url().split("#")[0]}${link}`);
    await page.getByText("You are signed in as anna.").waitFor();
    await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "A new passphrase" }).waitFor();
    await page.goto(`${page.url().split("#")[0]}#/reviewers`);
    await signIn(page);
    await visitDesk(desk, async ({ page: other }) => {
      await other.getByLabel("New passphrase").fill(FRESH);
      await other.getByRole("button", { name: "Set it" }).click();
      await other.getByText("Sign in as anna.").waitFor();
      await other.getByRole("button", { name: "Sign in" }).click();
      await other.getByLabel("Name", { exact: true }).fill("anna");
      await other.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
      await other.getByRole("button", { name: "Sign in" }).click();
      await other.getByRole("alert").getByText(/is wrong/).waitFor();
      await other.getByLabel("Passphrase", { exact: true }).fill(FRESH);
      await other.getByRole("button", { name: "Sign in" }).click();
      await other.getByRole("button", { name: "Sign out" }).waitFor();
    }, {}, `/desk/${link}`);
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  });
});

test("the desk: a lost second factor is switched off by an admin", async () => {
  await withAdmin(async (page, desk) => {
    const link = await invite(page);
    await visitDesk(desk, async ({ page: bens }) => {
      await joinAs(bens, "ben");
      await bens.getByRole("link", { name: "Account" }).click();
      await bens.locator("section").getByLabel("Your passphrase now").fill(PASSPHRASE);
      await bens.getByRole("button", { name: "Set it up" }).click();
      await bens.getByLabel("Code of your second factor").fill(codeOf(await bens.locator(".secret").innerText(), 0));
      await bens.getByRole("button", { name: "Turn it on" }).click();
      await bens.getByText("It is on.").waitFor();
      await page.reload();
      await page.getByRole("button", { name: "Lost second factor: switch it off for ben" }).click();
      await page.getByRole("button", { name: "Lost second factor: switch it off for ben" }).waitFor({ state: "detached" });
      await bens.reload();
      await signIn(bens, "ben");
    }, {}, `/desk/${link}`);
  });
});

test("the desk: one's own passphrase and key are changed with the passphrase that is there", async () => {
  await withAdmin(async (page) => {
    const { recipient } = await makeKey();
    await page.getByRole("link", { name: "Account" }).click();
    const passphrase = page.locator("form.part").filter({ has: page.getByRole("heading", { name: "Passphrase" }) });
    await passphrase.getByLabel("New passphrase").fill(FRESH);
    await passphrase.getByLabel("Your passphrase now").fill("not this one at all");
    await passphrase.getByRole("button", { name: "Change the passphrase" }).click();
    await passphrase.getByRole("alert").getByText("This is not your passphrase.").waitFor();
    await passphrase.getByLabel("Your passphrase now").fill(PASSPHRASE);
    await passphrase.getByRole("button", { name: "Change the passphrase" }).click();
    await passphrase.getByText("The passphrase is changed.").waitFor();
    const key = page.locator("form.part").filter({ has: page.getByRole("heading", { name: "Key", exact: true }) });
    await key.getByLabel("I have one").check();
    await key.getByLabel(/^Your public key/).fill(recipient);
    await key.getByLabel("Your passphrase now").fill(FRESH);
    await key.getByRole("button", { name: "Change the key" }).click();
    await key.getByText("The key is changed.").waitFor();
    await toReviewers(page);
    await page.getByText(recipient).waitFor();
  });
});

test("the desk: who changes the key goes on with the old one until what came before is given to the new one", async () => {
  const desk = await openDesk();
  try {
    const old = await makeAdmin(desk);
    await send(desk, "Look at the second window.");
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, old.file);
      await page.getByRole("link", { name: "Account" }).click();
      const key = page.locator("form.part").filter({ has: page.getByRole("heading", { name: "Key", exact: true }) });
      const made = await makeInPage(page);
      let opening = 0;
      /* Each key is opened in a worker of its own, which takes seconds. */
      page.on("worker", () => opening++);
      await key.getByLabel("Your passphrase now").fill(PASSPHRASE);
      await key.getByRole("button", { name: "Change the key" }).click();
      await key.getByText(/^The key is changed\. What came before opens with the old one/).waitFor();
      await toReviewers(page);
      const shown = await giveAll(page);
      check(shown.length === 2 && shown.some((line) => line.startsWith("anna") && line.includes(made.recipient)), `the keys that are shown: ${shown.join(" | ")}`);
      check(shown.some((line) => line.startsWith("The desk's own key")) && !shown.some((line) => line.includes(old.recipient)), `the keys that are shown: ${shown.join(" | ")}`);
      await page.getByText(/sealed parts? w(as|ere) given to the keys of today/).waitFor();
      same(opening, 0, "keys that took the place of the old one");
      await page.getByRole("link", { name: "Key is loaded" }).click();
      await page.getByRole("button", { name: "Forget the key" }).click();
      await loadKey(page, made.file);
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
      await page.locator(".said-text").getByText("Look at the second window.").waitFor();
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: what came before is given to who came since", async () => {
  const desk = await openDesk();
  try {
    const annas = await makeAdmin(desk);
    await send(desk, "Look at the second window.", await fixture("photo.jpg"));
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await toReviewers(page);
      const link = await invite(page);
      await visitDesk(desk, async ({ page: bens }) => {
        const key = await joinAs(bens, "ben");
        await bens.getByRole("button", { name: "Sign out" }).waitFor();
        await loadKey(bens, key);
        await bens.getByRole("link", { name: "Queue", exact: true }).click();
        await bens.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
        await bens.getByText("This can't be opened with your key.").first().waitFor();
        await loadKey(page, annas.file);
        await toReviewers(page);
        // While the server has not answered, the page says how far it is.
        let answer = (): void => undefined;
        const answered = new Promise<void>((resolve) => {
          answer = resolve;
        });
        await page.route("**/api/wraps", async (route) => {
          await answered;
          await route.continue();
        });
        await giveAll(page);
        await page.getByRole("progressbar", { name: /^Looked through: 0\s?%$/ }).waitFor();
        answer();
        await page.getByText(/^\d+ sealed parts were given to the keys of today\.$/).waitFor();
        same(await page.getByRole("progressbar").count(), 0, "progress of what is done");
        await giveAll(page);
        await page.getByText("All of it is given to the keys of today.").waitFor();
        await bens.reload();
        await loadKey(bens, key);
        await bens.getByRole("link", { name: "Queue", exact: true }).click();
        await bens.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
        await bens.getByText("Look at the second window.").waitFor();
      }, {}, `/desk/${link}`);
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: arrows go through the roles and change none, and one's own is asked for", async () => {
  await withAdmin(async (page, desk) => {
    const link = await invite(page);
    await visitDesk(desk, async ({ page: bens }) => {
      await joinAs(bens, "ben");
      await bens.getByRole("button", { name: "Sign out" }).waitFor();
    }, {}, `/desk/${link}`);
    await page.reload();
    const posted: string[] = [];
    page.on("request", (request) => request.method() === "POST" && posted.push(request.postData() ?? ""));
    const role = page.getByLabel("Role of ben", { exact: true });
    await role.focus();
    for (const wanted of ["publisher", "admin"]) {
      await page.keyboard.press("ArrowDown");
      same(await role.inputValue(), wanted, "what an arrow chose");
    }
    await page.getByRole("button", { name: "Change the role of ben" }).click();
    await page.getByRole("button", { name: "Change the role of ben" }).and(page.locator(":disabled")).waitFor();
    await changeRole(page, "anna", "publisher");
    await page.getByRole("dialog").getByText(/only another admin/).waitFor();
    same(posted.map((text) => (JSON.parse(text) as { role: string }).role), ["admin"], "roles that were asked for");
    await page.getByRole("dialog").getByRole("button", { name: "Change the role" }).click();
    await signIn(page);
    await toReviewers(page);
    same(await page.getByRole("button", { name: /Remove|Make a link/ }).count(), 0, "what a publisher could do to others");
  });
});

test("the desk: the last admin can't be removed, nor made less", async () => {
  await withAdmin(async (page) => {
    await changeRole(page, "anna", "reviewer");
    await page.getByRole("dialog").getByRole("button", { name: "Change the role" }).click();
    await page.getByRole("alert").getByText(/A desk needs an admin/).waitFor();
    await page.getByRole("button", { name: "Remove anna" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove anna" }).click();
    await page.getByRole("alert").getByText(/A desk needs an admin/).waitFor();
    await page.reload();
    await page.getByLabel("Role of anna", { exact: true }).waitFor();
    same(await page.getByLabel("Role of anna", { exact: true }).inputValue(), "admin", "the role of anna");
  });
});

for (const [name, how] of Object.entries(LOOKS)) {
  test(`the desk: axe-core has nothing to say of reviewers and of links (${name})`, async () => {
    const found: string[] = [];
    await withAdmin(async (page, desk) => {
      await page.getByRole("button", { name: "Lost passphrase: make a link for anna" }).click();
      const reset = await fragmentOf(page, "Link for a new passphrase");
      const join = await invite(page);
      found.push(...(await complaints(page, `reviewers-${name}`)));
      await loadKey(page, desk.key);
      await toReviewers(page);
      await page.getByRole("button", { name: "Give all of it to the keys of today" }).click();
      await page.getByRole("button", { name: "Give it to these keys" }).waitFor();
      found.push(...(await complaints(page, `give-${name}`)));
      await page.getByRole("button", { name: "Remove anna" }).click();
      await page.getByRole("dialog").waitFor();
      found.push(...(await complaints(page, `remove-${name}`)));
      await page.goto(`${page.url().split("#")[0]}${reset}`);
      await page.getByText("You are signed in as anna.").waitFor();
      found.push(...(await complaints(page, `link-inside-${name}`)));
      for (const [link, state] of [[join, "join"], [reset, "reset"]] as [string, string][]) {
        await visitDesk(desk, async ({ page: other }) => {
          await other.getByRole("heading", { level: 1 }).waitFor();
          found.push(...(await complaints(other, `${state}-${name}`)));
        }, how, `/desk/${link}`);
      }
    }, how);
    same(found, [], "complaints");
  });
}

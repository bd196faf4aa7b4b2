// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a reviewer's session: nothing of it stays in the page, in no tab, whoever ended it.
import { writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { type Desk, inviteReviewer, loadKey, makeAdmin, openDesk, PASSPHRASE, send, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
import { fresh, must } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { same, test } from "../rig/tap.ts";

/** A reviewer who has loaded the key and looks at a submission. */
async function atWork(page: Page, desk: Desk): Promise<void> {
  await loadKey(page, desk.key);
  await page.getByRole("link", { name: "Queue", exact: true }).click();
  await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
  await page.locator(".said-text").getByText("The second window.").waitFor();
}

async function withDesk(run: (desk: Desk) => Promise<void>): Promise<void> {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await send(desk, "The second window.");
    await run(desk);
  } finally {
    await desk.stop();
  }
}

/** Neither words nor key, nor the worker that holds it. */
async function isEmpty(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  same(await page.getByText("The second window.").count(), 0, "words behind the end");
  for (let tries = 0; page.workers().length > 0 && tries < 50; tries++) await page.waitForTimeout(100);
  same(page.workers().length, 0, "workers that hold a key");
}

test("the desk: signing out ends the page at once, and says when the server could not be told", async () => {
  await withDesk((desk) =>
    visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await atWork(page, desk);
      let letGo = () => {};
      const held = new Promise<void>((settle) => (letGo = settle));
      await page.route("**/api/logout", async (route) => {
        await held;
        await route.fulfill({ status: 503, body: "" });
      });
      await page.getByRole("button", { name: "Sign out" }).click();
      /* The server has not answered. */
      await isEmpty(page);
      letGo();
      await page.getByRole("alert").getByText(/^The server was not told/).waitFor();
      await page.unroute("**/api/logout");
      await signIn(page);
      await page.getByRole("link", { name: "Load your key" }).waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await page.reload();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      same(await page.getByRole("alert").count(), 0, "words of a server that was told");
    }),
  );
});

test("the desk: a key that is on its way when its session ends is not there for the next one", async () => {
  const passphrase = fresh("passphrase");
  const locked = fresh("locked.age");
  writeFileSync(passphrase, "wet rope on the quay\n");
  await withDesk(async (desk) => {
    await must(oilskin, "seal", "-p", "--passphrase-file", passphrase, "-o", locked, desk.key);
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await page.getByRole("link", { name: "Load your key" }).click();
      await page.getByLabel("Key file").setInputFiles(locked);
      await page.getByRole("button", { name: "Load the key" }).click();
      await page.getByLabel("Passphrase of the key file").fill("wet rope on the quay");
      await page.getByRole("button", { name: "Load the key" }).click();
      await page.getByRole("button", { name: "Opening it…" }).waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await isEmpty(page);
      await signIn(page);
      await page.getByRole("link", { name: "Load your key" }).waitFor();
    });
  });
});

test("the desk: who signs out in one tab is out in all of them", async () => {
  await withDesk((desk) =>
    visitDesk(desk, async ({ page, context }) => {
      await signIn(page);
      const other = await context.newPage();
      await other.goto(desk.origin);
      await other.getByRole("button", { name: "Sign out" }).waitFor();
      await atWork(other, desk);
      await page.getByRole("button", { name: "Sign out" }).click();
      await isEmpty(other);
    }),
  );
});

test("the desk: half an hour alone ends the page and its session, in all tabs; who is in one of them keeps the others", async () => {
  await withDesk((desk) =>
    visitDesk(desk, async ({ page, context }) => {
      await signIn(page);
      const other = await context.newPage();
      /* All tabs of a browser have one clock. */
      await context.clock.install();
      await other.goto(desk.origin);
      await other.getByRole("button", { name: "Sign out" }).waitFor();
      await atWork(page, desk);
      await context.clock.fastForward("20:00");
      await other.keyboard.press("Shift");
      await page.waitForTimeout(500);
      await context.clock.fastForward("20:00");
      await page.waitForTimeout(1500);
      same(await page.getByText("The second window.").count(), 1, "words of who is there in another tab");
      await context.clock.fastForward("31:00");
      await isEmpty(page);
      await isEmpty(other);
      const why = async (tab: Page) => (await tab.getByRole("alert").innerText()).slice(0, 23);
      same([await why(page), await why(other)].sort().at(0), "Nobody used the desk he", "what is said of it");
      await page.reload();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
    }),
  );
});

test("the desk: a page that was left and is shown again has no key", async () => {
  await withDesk((desk) =>
    visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await atWork(page, desk);
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
      await isEmpty(page);
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
      await page.getByRole("link", { name: "Load your key" }).waitFor();
    }),
  );
});

test("the desk: a second sign-in in another tab keeps the first at work, somebody else's ends it", async () => {
  await withDesk(async (desk) => {
    await inviteReviewer(desk, "ben");
    await visitDesk(desk, async ({ page }) => {
      const elsewhere = (name: string) =>
        page.evaluate(async (secrets) => {
          const answer = await fetch("/api/login", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(secrets) });
          return answer.status;
        }, { name, passphrase: PASSPHRASE });
      await signIn(page);
      await atWork(page, desk);
      same(await elsewhere("anna"), 200, "anna's second sign-in");
      await page.getByRole("button", { name: /^Take/ }).first().click();
      await page.getByRole("button", { name: /^Hand back/ }).first().waitFor();
      same(await elsewhere("ben"), 200, "ben's sign-in");
      await page.getByRole("button", { name: /^Hand back/ }).first().click();
      await isEmpty(page);
    });
  });
});

test("the desk: what was given to the downloads has no address behind the end", async () => {
  await withDesk((desk) =>
    visitDesk(desk, async ({ page }) => {
      await page.evaluate(() => {
        const addresses = new Set<string>();
        const make = URL.createObjectURL.bind(URL);
        const revoke = URL.revokeObjectURL.bind(URL);
        URL.createObjectURL = (what) => {
          const address = make(what);
          addresses.add(address);
          return address;
        };
        URL.revokeObjectURL = (address) => {
          addresses.delete(address);
          revoke(address);
        };
        Object.assign(window, { addresses });
      });
      const open = () => page.evaluate(() => (window as unknown as { addresses: Set<string> }).addresses.size);
      await signIn(page);
      await send(desk, "", await fixture("text.jpg"));
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link", { name: /^File/ }).first().click();
      await page.getByRole("button", { name: /^Original/ }).click();
      await page.getByLabel("To review it").click();
      await page.getByRole("button", { name: "Open in this browser" }).click();
      await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save it, unsealed" }).click()]);
      await page.getByRole("button", { name: "Close" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      /* The dialog's picture gives its address back soon after it has gone: the download's stays. */
      for (let tries = 0; (await open()) > 1 && tries < 300; tries++) await page.waitForTimeout(100);
      same(await open(), 1, "addresses before the end");
      await page.getByRole("button", { name: "Sign out" }).click();
      await isEmpty(page);
      same(await open(), 0, "addresses behind the end");
    }),
  );
});

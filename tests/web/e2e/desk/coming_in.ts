// SPDX-License-Identifier: GPL-3.0-or-later
// The way into the desk and out of it.
import { complaints, LOOKS, makeAdmin, makeKey, openDesk, PASSPHRASE, send, signIn, visitDesk } from "../rig/desk.ts";
import { check, same, test } from "../rig/tap.ts";

test("the desk: the first admin comes in by the link of the terminal, and it works once", async () => {
  const desk = await openDesk();
  try {
    const { recipient } = await makeKey();
    await send(desk, "Look at the second window.");
    for (const name of ["anna", "ben"]) {
      await visitDesk(desk, async ({ page }) => {
        await page.getByLabel("Name", { exact: true }).fill(name);
        await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
        await page.getByLabel("I have one").check();
        await page.getByLabel(/^Your public key/).fill(recipient);
        await page.getByRole("button", { name: "Make the first admin" }).click();
        if (name === "anna") {
          await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link", { name: "words only" }).waitFor();
        } else {
          await page.getByRole("alert").getByText(/does not work any more/).waitFor();
        }
      }, {}, `/#first=${desk.link}`);
    }
  } finally {
    await desk.stop();
  }
});

test("the desk: a wrong passphrase says nothing of what was wrong, the right one stays until sign out", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await visitDesk(desk, async ({ page, context }) => {
      for (const name of ["anna", "nobody"]) {
        await page.getByLabel("Name", { exact: true }).fill(name);
        await page.getByLabel("Passphrase", { exact: true }).fill("not this one at all");
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("alert").getByText("The name, the passphrase or the code is wrong.").waitFor();
      }
      await signIn(page);
      await page.reload();
      await page.getByRole("button", { name: "Sign out" }).waitFor();
      check(page.url() === `${desk.origin}/desk/`, `it is at ${page.url()}`);
      same(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ""], "what a script finds");
      const told = page.waitForResponse(/\/api\/logout$/);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      same((await told).status(), 200, "the server's answer");
      same((await context.cookies()).filter(({ name }) => name === "oilskin-desk").map(({ value }) => value), [], "the session's cookie");
    });
  } finally {
    await desk.stop();
  }
});

for (const [name, how] of Object.entries(LOOKS)) {
  test(`the desk: axe-core has nothing to say of the way in (${name})`, async () => {
    const desk = await openDesk();
    const found: string[] = [];
    try {
      await visitDesk(desk, async ({ page }) => {
        await page.getByRole("button", { name: "Make the first admin" }).waitFor();
        found.push(...(await complaints(page, `first-${name}`)));
      }, how, `/#first=${desk.link}`);
      await makeAdmin(desk);
      await visitDesk(desk, async ({ page }) => {
        await page.getByRole("button", { name: "Sign in" }).waitFor();
        found.push(...(await complaints(page, `sign-in-${name}`)));
        await signIn(page);
        await page.getByText("Nothing new.").waitFor();
        found.push(...(await complaints(page, `nothing-${name}`)));
      }, how);
    } finally {
      await desk.stop();
    }
    same(found, [], "complaints");
  });
}

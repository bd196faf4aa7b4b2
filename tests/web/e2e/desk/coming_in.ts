// SPDX-License-Identifier: GPL-3.0-or-later
// The way into the desk and out of it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Request } from "playwright-core";
import { complaints, LOOKS, makeAdmin, makeKey, openDesk, PASSPHRASE, send, signIn, visitDesk } from "../rig/desk.ts";
import { fixture } from "../rig/fixtures.ts";
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

test("the desk: a server that is busy is not taken for too many tries", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await visitDesk(desk, async ({ page }) => {
      await page.route("**/api/login", (route) => route.fulfill({ status: 503, body: "{}" }), { times: 1 });
      await page.getByLabel("Name", { exact: true }).fill("anna");
      await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").getByText(/^The server is busy/).waitFor();
      await signIn(page);
    });
  } finally {
    await desk.stop();
  }
});

/** A page that is no desk's, on the same machine: to the browser of the same site, so that it sends the session along. */
async function withStranger(run: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><title>Somebody else</title>"));
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("the desk: another origin's page decides nothing, though the browser sends the session with what it posts", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await send(desk, "", await fixture("text.jpg"));
    await withStranger((stranger) => visitDesk(desk, async ({ page, context, requests }) => {
      await signIn(page);
      const queue = () => page.evaluate(async () => (await (await fetch("/api/queue")).json()) as { counts: object; rows: { cluster: string; uncaught: number; samples: number }[] });
      const before = await queue();
      same(before.rows.length, 1, "rows before");
      const body = JSON.stringify({ do: "dismiss", clusters: before.rows.map(({ cluster: id, uncaught, samples }) => ({ id, uncaught, samples })) });
      const other = await context.newPage();
      const posted: Request[] = [];
      other.on("request", (request) => request.method() === "POST" && posted.push(request));
      await other.goto(stranger);
      await other.evaluate(async ({ address, body }) => {
        for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
          await fetch(address, { method: "POST", mode: "no-cors", credentials: "include", headers: { "Content-Type": type }, body }).catch(() => undefined);
        }
        await fetch(address, { method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body }).catch(() => undefined);
      }, { address: `${desk.origin}/api/act`, body });
      const answer = other.waitForResponse((response) => response.request().isNavigationRequest());
      await other.evaluate(({ address, body }) => {
        const form = document.createElement("form");
        /* As text it is the same JSON, with one thing more in it. */
        Object.assign(form, { method: "post", action: address, enctype: "text/plain" });
        const field = Object.assign(document.createElement("input"), { name: `${body.slice(0, -1)},"more":"`, value: '"}' });
        form.append(field);
        document.body.append(form);
        form.submit();
      }, { address: `${desk.origin}/api/act`, body });
      const status = (await answer).status();
      same((await queue()).counts, before.counts, "what is in the queue");
      same(status, 403, "what the form was answered");
      const cookies = await Promise.all(posted.map(async (request) => ((await request.allHeaders())["cookie"] ?? "").includes("oilskin-desk=")));
      check(posted.length >= 3 && cookies.some((sent) => sent), `what was posted, and whether the session went with it: ${cookies.join(", ")}`);
      await other.close();
      requests.splice(0, requests.length, ...requests.filter((line) => !line.includes(stranger)));
    }));
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

// SPDX-License-Identifier: GPL-3.0-or-later
// Search at the desk: in the page, and in the page alone.
import { complaints, LOOKS, loadKey, makeAdmin, openDesk, send, signIn, visitDesk } from "../rig/desk.ts";
import { check, same, test } from "../rig/tap.ts";

for (const [name, how] of Object.entries(LOOKS)) {
  test(`the desk: words and tags are found without the server learning what for; axe-core has nothing to say (${name})`, async () => {
    const desk = await openDesk();
    const found: string[] = [];
    try {
      await makeAdmin(desk);
      await send(desk, "The lantern of Frau M\u00fcller burned all night.");
      await send(desk, "Nothing to see but a lantern.");
      await send(desk, "A third one.");
      await visitDesk(desk, async ({ page }) => {
        const asked: string[] = [];
        page.on("request", (request) => asked.push(`${request.url()} ${request.postData() ?? ""}`));
        await signIn(page);
        await loadKey(page, desk.key);
        await page.getByRole("link", { name: "Queue", exact: true }).click();
        await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
        await page.getByLabel("New tag").fill("harbour");
        await page.getByRole("button", { name: "Add", exact: true }).click();
        await page.getByRole("button", { name: "Remove harbour" }).waitFor();
        await page.getByRole("link", { name: "Search" }).click();
        await page.getByText("3 submissions looked through.").waitFor();
        const results = page.getByRole("list", { name: "What was found" }).getByRole("listitem");
        const field = page.getByLabel("Words, notes, tags");
        await field.fill("LANTERN");
        await page.getByText("2 found.").waitFor();
        same(await results.locator("mark").allTextContents(), ["lantern", "lantern"], "what is marked");
        /* Both words, without its accents. */
        await field.fill("lantern muller");
        await page.getByText("1 found.").waitFor();
        found.push(...(await complaints(page, `search-${name}`)));
        await field.fill("");
        await page.getByRole("button", { name: /^harbour/ }).click();
        await page.getByText("1 found.").waitFor();
        await results.getByRole("link").click();
        await page.getByRole("button", { name: "Remove harbour" }).waitFor();
        check(asked.length > 5 && !asked.some((line) => /lantern|muller|harbour/i.test(line)), "a request says what was looked for");
      }, how);
    } finally {
      await desk.stop();
    }
    same(found, [], "complaints");
  });
}

test("the desk: a search says what it could not look through", async () => {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await send(desk, "A lantern.");
    await send(desk, "Another lantern.");
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      await page.route("**/api/submissions/*", (route) => route.fulfill({ status: 503, body: "{}" }), { times: 1 });
      await page.getByRole("link", { name: "Search" }).click();
      await page.getByText("1 part could not be fetched").waitFor();
      await page.getByText("1 submission looked through.").waitFor();
      await page.getByRole("link", { name: "Audit log" }).or(page.getByRole("link", { name: "Account" })).first().click();
      await page.getByRole("link", { name: "Search" }).click();
      await page.getByText("2 submissions looked through.").waitFor();
      same(await page.getByText(/could not be fetched/).count(), 0, "what is said once all is there");
    });
  } finally {
    await desk.stop();
  }
});

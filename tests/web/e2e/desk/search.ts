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

test("the desk: what a reviewer sees to, and what came in a category, is found; new words are looked through without a reload", async () => {
  const desk = await openDesk("category harbour.label=The harbour");
  try {
    await makeAdmin(desk);
    const form = new FormData();
    form.append("message", "A lantern.");
    form.append("category", "harbour");
    const sent = await fetch(`${desk.drop}/submit`, { method: "POST", body: form });
    same(sent.status, 200, "the drop's answer");
    await send(desk, "Another lantern.");
    const receipt = await send(desk, "A third one.");
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      const rows = page.getByRole("list", { name: "What is to be looked at" });
      await rows.getByText("harbour").waitFor();
      await rows.getByRole("listitem").filter({ hasText: "harbour" }).getByRole("link").click();
      await page.getByRole("combobox", { name: "Who sees to it" }).waitFor();
      await page.keyboard.press("w");
      await page.getByLabel("Who sees to it").and(page.locator(":focus")).selectOption("anna");
      await page.getByRole("button", { name: "Assign" }).click();
      await page.getByRole("button", { name: "Assign" }).and(page.locator(":disabled")).waitFor();
      await page.getByRole("link", { name: "Search" }).click();
      await page.getByText("3 submissions looked through.").waitFor();
      const results = page.getByRole("list", { name: "What was found" }).getByRole("listitem");
      await page.getByText("Filters").click();
      await page.getByLabel("Who sees to it").selectOption({ label: "anna (you)" });
      await page.getByText("1 found.").waitFor();
      await results.getByText("seen to by anna").waitFor();
      await page.getByLabel("Who sees to it").selectOption("");
      await page.getByLabel("Category").selectOption("harbour");
      await page.getByText("1 found.").waitFor();
      await page.getByLabel("Words, notes, tags").fill("another");
      await page.getByText("0 found.").waitFor();
      const more = await fetch(`${desk.drop}/api/receipts/answer`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ receipt, message: "A fourth lantern." }) });
      same(more.status, 200, "the drop's second answer");
      await page.getByRole("link", { name: "Account" }).click();
      await page.getByRole("link", { name: "Search" }).click();
      await page.getByText("3 submissions looked through.").waitFor();
      await page.getByLabel("Words, notes, tags").fill("fourth");
      await page.getByText("1 found.").waitFor();
    });
  } finally {
    await desk.stop();
  }
});

test("the desk: a search that is the first page has each category to choose, and goes on when a row goes meanwhile", async () => {
  const desk = await openDesk("category harbour.label=The harbour");
  try {
    await makeAdmin(desk);
    const form = new FormData();
    for (const [name, value] of [["message", "A lantern."], ["category", "harbour"]] as const) form.append(name, value);
    same((await fetch(`${desk.drop}/submit`, { method: "POST", body: form })).status, 200, "the drop's answer");
    await send(desk, "Another lantern.");
    await visitDesk(desk, async ({ page }) => {
      /* Listed, and withdrawn before it is asked for: the server knows no such cluster. */
      await page.route("**/api/queue*", async (route) => {
        const response = await route.fetch();
        const queue = (await response.json()) as { rows: object[] };
        await route.fulfill({ response, json: { ...queue, rows: [{ ...queue.rows[0], cluster: "0".repeat(32), count: 2, submissions: 2 }, ...queue.rows] } });
      });
      await signIn(page);
      await page.getByRole("heading", { name: "Search" }).waitFor();
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: "Search" }).click();
      await page.getByText("2 submissions looked through.").waitFor();
      same(await page.getByRole("alert").filter({ hasText: /./ }).count(), 0, "what is said of the row that went");
      await page.getByText("Filters").click();
      await page.getByLabel("Category").selectOption("harbour");
      await page.getByText("1 found.").waitFor();
    }, {}, "/desk/#/search");
  } finally {
    await desk.stop();
  }
});

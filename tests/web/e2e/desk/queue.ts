// SPDX-License-Identifier: GPL-3.0-or-later
// The queue by mouse and by keyboard: deciding, about many at once, and taking it back.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { complaints, type Desk, loadKey, LOOKS, makeAdmin, makeKey, openDesk, send, signIn, visitDesk } from "../rig/desk.ts";
import { fresh } from "../rig/native.ts";
import { check, same, test } from "../rig/tap.ts";

/** No program of pictures knows it: it is kept as it came, and is there at once. */
export function letter(n: number): string {
  const path = fresh(`letter-${n}.bin`);
  writeFileSync(path, `A letter of an unknown kind, number ${n}.`.repeat(50));
  return path;
}

async function filled(): Promise<Desk> {
  const desk = await openDesk();
  await makeAdmin(desk);
  await send(desk, "Look at the second window.", letter(1));
  for (const n of [2, 3, 4]) await send(desk, "", letter(n));
  await send(desk, "Only words, this time.");
  return desk;
}

const list = (page: Page) => page.getByRole("list", { name: "What is to be looked at" });
const rowCount = (page: Page) => list(page).getByRole("listitem").count();
const said = (page: Page, text: string | RegExp) => page.getByRole("status").getByText(text).waitFor();

async function countIs(page: Page, wanted: number): Promise<void> {
  const until = Date.now() + 10_000;
  while ((await rowCount(page)) !== wanted) {
    check(Date.now() < until, `${await rowCount(page)} rows instead of ${wanted}`);
    await page.waitForTimeout(50);
  }
}

test("the desk's queue: many are dismissed at once, words stay, and one key brings all back", async () => {
  const desk = await filled();
  try {
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await countIs(page, 5);
      await page.getByLabel("Choose all that are shown").click();
      await page.getByText("5 chosen").waitFor();
      await page.getByRole("button", { name: "Dismiss" }).click();
      await page.getByRole("heading", { name: "Dismiss 4?" }).waitFor();
      await page.keyboard.press("3");
      await said(page, "4 dismissed.");
      await countIs(page, 2);
      const left = await list(page).getByRole("link").allTextContents();
      check(left.length === 2 && left.every((text) => text.startsWith("words only")), `what stays: ${left.join(" | ")}`);
      await page.keyboard.press("u");
      await said(page, "Undone: 4.");
      await countIs(page, 5);
    });
  } finally {
    await desk.stop();
  }
});

test("the desk's queue: the keyboard alone goes on, opens, keeps, flags, takes and hands back", async () => {
  const desk = await filled();
  try {
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await countIs(page, 5);
      const focused = () => page.evaluate(() => document.activeElement?.closest("li") ? (document.activeElement.textContent ?? "") : "");
      const ways: string[] = [];
      for (let i = 0; i < 4; i++) {
        await page.keyboard.press("j");
        /* Once the row is drawn. */
        await list(page).locator("a:focus").waitFor();
        ways.push(await focused());
      }
      check(ways.every((text) => text !== ""), `a key moved to no row: ${ways.join(" | ")}`);
      /* To a row that is a file. */
      for (let i = 0; i < 5 && (await focused()).startsWith("words"); i++) await page.keyboard.press("k");
      await page.keyboard.press("a");
      await said(page, "1 taken.");
      await list(page).getByText("taken by you").waitFor();
      await page.keyboard.press("a");
      await said(page, "1 handed back.");
      await page.keyboard.press("f");
      await said(page, "1 flagged.");
      await page.getByRole("navigation", { name: "What is shown" }).getByRole("link", { name: /Flagged 1/ }).click();
      await countIs(page, 1);
      await page.keyboard.press("s");
      await said(page, "1 kept.");
      await page.keyboard.press("u");
      await said(page, "Undone: 1.");
      await page.keyboard.press("?");
      await page.getByRole("heading", { name: "Keys" }).waitFor();
      /* Nothing is decided behind a dialog, nor when single letters are none. */
      await page.keyboard.press("d");
      await page.getByLabel("Single letters are keys").click();
      await page.keyboard.press("Escape");
      await page.keyboard.press("d");
      same(await page.getByRole("heading", { name: /Dismiss/ }).count(), 0, "dialogs of dismissing");
    });
  } finally {
    await desk.stop();
  }
});

/** On a queue of four files. */
async function withFiles(run: (page: Page) => Promise<void>): Promise<void> {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    for (const n of [1, 2, 3, 4]) await send(desk, "", letter(n));
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await countIs(page, 4);
      await run(page);
    });
  } finally {
    await desk.stop();
  }
}

test("the desk's queue: decisions that are made while one is on its way are done in their order", async () => {
  await withFiles(async (page) => {
    await page.route("**/api/act", async (route) => {
      await new Promise((settle) => setTimeout(settle, 500));
      await route.continue();
    });
    for (const key of ["j", "s", "j", "s", "u"]) await page.keyboard.press(key);
    await said(page, "Undone: 1.");
    await countIs(page, 3);
    await page.getByRole("navigation", { name: "What is shown" }).getByRole("link", { name: /Kept 1/ }).waitFor();
  });
});

test("the desk's queue: filters show what they say, of every category that there is, and go again", async () => {
  const desk = await openDesk("category harbour.label=The harbour");
  try {
    await makeAdmin(desk);
    const form = new FormData();
    for (const [name, value] of [["message", "From the harbour."], ["category", "harbour"]] as const) form.append(name, value);
    same((await fetch(`${desk.drop}/submit`, { method: "POST", body: form })).status, 200, "the drop's answer");
    for (const n of [1, 2, 3]) await send(desk, "", letter(n));
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await countIs(page, 4);
      await page.getByText("Filters").click();
      await page.getByLabel("Kind").selectOption("words");
      await countIs(page, 1);
      await page.getByLabel("Kind").selectOption("unscrubbed");
      await countIs(page, 3);
      /* Nothing of that category is on the page, and it can be chosen. */
      await page.getByLabel("Category").selectOption("harbour");
      await page.getByText("Nothing here.").waitFor();
      await page.getByLabel("Kind").selectOption("");
      await countIs(page, 1);
      await page.getByLabel("Category").selectOption("");
      await countIs(page, 4);
      await page.getByRole("group", { name: "Decide" }).getByRole("button", { name: "Take" }).click();
      await said(page, "1 taken.");
      await page.getByLabel("Taken").selectOption("me");
      await countIs(page, 1);
      await page.getByLabel("Taken").selectOption("nobody");
      await countIs(page, 3);
      await page.getByRole("button", { name: "No filters" }).click();
      await countIs(page, 4);
      await page.getByLabel("From", { exact: true }).fill("2001-01-01");
      await page.getByLabel("To", { exact: true }).fill("2001-01-02");
      await page.getByText("Nothing here.").waitFor();
    });
  } finally {
    await desk.stop();
  }
});

test("the desk's queue: each row has a name of its own, by which search finds it", async () => {
  const desk = await filled();
  try {
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await countIs(page, 5);
      const names = await list(page).getByRole("link").allTextContents();
      same(new Set(names).size, 5, `names: ${names.join(" | ")}`);
      const id = /[0-9a-f]{8}/.exec(names.find((name) => name.startsWith("File")) ?? "")?.[0] ?? "";
      await list(page).getByRole("checkbox", { name: new RegExp(`^Choose File 1 of ${id}`) }).waitFor();
      await loadKey(page, desk.key);
      await page.getByRole("link", { name: "Search" }).click();
      await page.getByText("5 submissions looked through.").waitFor();
      await page.getByLabel("Words, notes, tags").fill(id);
      await page.getByText("1 found.").waitFor();
    });
  } finally {
    await desk.stop();
  }
});

test("the desk's queue: a button that decides keeps the focus while it does, and decides once", async () => {
  await withFiles(async (page) => {
    let asked = 0;
    await page.route("**/api/act", async (route) => {
      asked++;
      await new Promise((settle) => setTimeout(settle, 500));
      await route.continue();
    });
    const take = page.getByRole("group", { name: "Decide" }).getByRole("button", { name: "Take" });
    await take.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await take.and(page.locator("[aria-disabled=true]")).and(page.locator(":focus")).waitFor();
    await said(page, "1 taken.");
    await page.getByRole("button", { name: "Hand back" }).and(page.locator("[aria-disabled=false]")).and(page.locator(":focus")).waitFor();
    same(asked, 1, "decisions");
  });
});

test("the desk's queue: who comes back asks for it once, and a phone opens no words that it has no room for", async () => {
  const desk = await filled();
  try {
    await visitDesk(desk, async ({ page, requests }) => {
      const asked = (path: string) => requests.filter((line) => line.includes(path)).length;
      await signIn(page);
      await countIs(page, 5);
      await page.keyboard.press("a");
      await page.getByRole("status").getByText("1 taken.").waitFor();
      await loadKey(page, desk.key);
      const before = asked("/api/queue");
      await page.getByRole("link", { name: "Queue", exact: true }).click();
      await countIs(page, 5);
      await page.waitForTimeout(1000);
      same(asked("/api/queue") - before, 1, "requests for the queue");
      same(asked("/api/submissions/"), 0, "submissions that were asked for");
      await page.setViewportSize({ width: 1280, height: 860 });
      await page.waitForRequest(/\/api\/submissions\//);
    }, { viewport: { width: 360, height: 740 } });
  } finally {
    await desk.stop();
  }
});

test("the desk: each decision is taken back by one key: keep, flag, take, hold, dismiss and bring back", async () => {
  await withFiles(async (page) => {
    await list(page).getByRole("link").first().click();
    await page.getByRole("heading", { name: "Submission" }).waitFor();
    const button = (name: string) => page.getByRole("main").getByRole("button", { name, exact: true });
    /* What is done, what the page offers then, what it offered before. */
    for (const [press, after, before, text] of [
      ["f", "Unflag", "Flag", "1 flagged."],
      ["a", "Hand back", "Take", "1 taken."],
      ["Legal hold", "End legal hold", "Legal hold", "1 under legal hold."],
      ["d", "Bring back", "Dismiss", "1 dismissed."],
    ] as const) {
      await button(before).waitFor();
      await (press.length === 1 ? page.keyboard.press(press) : button(press).click());
      if (press === "d") await page.keyboard.press("1");
      await said(page, text);
      await button(after).waitFor();
      await page.keyboard.press("u");
      await said(page, "Undone: 1.");
      await button(before).waitFor();
    }
    await page.keyboard.press("d");
    await page.keyboard.press("1");
    await said(page, "1 dismissed.");
    await button("Bring back").waitFor();
    await page.keyboard.press("d");
    await said(page, "1 brought back.");
    await button("Dismiss").waitFor();
    await page.keyboard.press("u");
    await said(page, "Undone: 1.");
    await button("Bring back").waitFor();
    await page.keyboard.press("s");
    await said(page, "1 kept.");
    await page.keyboard.press("u");
    await said(page, "Undone: 1.");
    await button("Bring back").waitFor();
  });
});

test("the desk's queue: a held key decides once", async () => {
  await withFiles(async (page) => {
    await page.keyboard.down("s");
    await countIs(page, 3);
    for (let i = 0; i < 3; i++) await page.keyboard.down("s");
    await page.keyboard.up("s");
    await page.waitForTimeout(500);
    await countIs(page, 3);
  });
});

test("the desk's queue: undoing goes on behind what is undone already", async () => {
  await withFiles(async (page) => {
    for (const left of [3, 2]) {
      await page.keyboard.press("s");
      await countIs(page, left);
    }
    await page.route("**/api/undo", async (route) => {
      await route.fetch();
      await route.fulfill({ status: 503, body: "{}" });
    }, { times: 1 });
    await page.keyboard.press("u");
    await page.getByRole("alert").getByText(/is busy/).waitFor();
    await page.keyboard.press("u");
    await said(page, "Undone: 0.");
    await page.keyboard.press("u");
    await said(page, "Undone: 1.");
    await countIs(page, 4);
  });
});

test("the desk's queue: nothing is said to be empty before the server was asked, nor all of it where only some is shown", async () => {
  await withFiles(async (page) => {
    await page.route("**/api/queue*", async (route) => {
      await new Promise((settle) => setTimeout(settle, 500));
      await route.continue();
    });
    await page.addInitScript(() => {
      const seen = window as { saidEmpty?: boolean };
      new MutationObserver(() => (seen.saidEmpty ||= document.querySelector(".empty") !== null)).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await countIs(page, 4);
    same(await page.evaluate(() => (window as { saidEmpty?: boolean }).saidEmpty ?? false), false, "said before it was known");
    await page.evaluate(() => (location.hash = "#/queue?kind=device"));
    await page.getByText("Nothing here.").waitFor();
    same(await page.getByText("Nothing new.").count(), 0, "said of what is filtered");
  });
});

test("the desk's queue: the next one is also found behind what was loaded", async () => {
  await withFiles(async (page) => {
    await page.route("**/api/queue*", async (route) => {
      const address = new URL(route.request().url());
      const isSecond = address.searchParams.get("after") === "second";
      address.searchParams.delete("after");
      const whole = (await (await route.fetch({ url: address.href })).json()) as { rows: object[]; next: string | null };
      await route.fulfill({ json: { ...whole, rows: isSecond ? whole.rows.slice(2) : whole.rows.slice(0, 2), next: isSecond ? null : "second" } });
    });
    await page.reload();
    await countIs(page, 2);
    await list(page).getByRole("link").nth(1).click();
    await page.getByRole("heading", { name: "Submission" }).waitFor();
    const { hash } = new URL(page.url());
    await page.getByRole("button", { name: "Next" }).click();
    await page.waitForFunction((before) => location.hash !== before, hash);
    await page.getByRole("heading", { name: "Submission" }).waitFor();
  });
});

test("the desk's queue: the page says where copies are folded, and what the server could see", async () => {
  const { recipient } = await makeKey();
  const modes: [string[], string[], boolean][] = [
    [[], ["folded on this server", "128 pixels", "whether a known picture was sent"], true],
    [["desk.triage=desk", `desk.triage_recipient=${recipient}`], ["on a reviewer's machine", "no key that opens a picture"], false],
  ];
  for (const [settings, wanted, hasKey] of modes) {
    const desk = await openDesk(...settings);
    try {
      await makeAdmin(desk);
      await send(desk, "", letter(1));
      same(existsSync(join(desk.data, "triage.key")), hasKey, "whether the server has the key of packs");
      await visitDesk(desk, async ({ page }) => {
        await signIn(page);
        await countIs(page, 1);
        const said = await page.locator(".where-folded").innerText();
        check(wanted.every((part) => said.includes(part)), `it says: ${said}`);
      });
    } finally {
      await desk.stop();
    }
  }
});

for (const [name, how] of Object.entries(LOOKS)) {
  test(`the desk's queue: axe-core has nothing to say of it (${name})`, async () => {
    const desk = await filled();
    const found: string[] = [];
    try {
      await visitDesk(desk, async ({ page }) => {
        await signIn(page);
        await countIs(page, 5);
        await list(page).getByRole("checkbox").nth(1).click();
        found.push(...(await complaints(page, `queue-${name}`)));
        await page.getByText("Filters").click();
        found.push(...(await complaints(page, `filters-${name}`)));
        await page.keyboard.press("Escape");
        await page.getByLabel("Choose all that are shown").click();
        await page.getByRole("button", { name: "Dismiss" }).click();
        await page.getByRole("dialog").waitFor();
        found.push(...(await complaints(page, `dismiss-${name}`)));
        await page.keyboard.press("1");
        await said(page, "4 dismissed.");
        await countIs(page, 2);
        found.push(...(await complaints(page, `dismissed-${name}`)));
      }, how);
    } finally {
      await desk.stop();
    }
    same(found, [], "complaints");
  });
}

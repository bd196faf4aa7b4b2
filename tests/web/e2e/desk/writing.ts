// SPDX-License-Identifier: GPL-3.0-or-later
// What reviewers write is neither lost, nor sent twice, nor put in the place of what nobody has read.
import type { Page } from "playwright-core";
import { complaints, type Desk, inviteReviewer, loadKey, makeAdmin, makeKey, openDesk, send, signIn, visitDesk } from "../rig/desk.ts";
import { check, same, test } from "../rig/tap.ts";

async function toSubmission(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Queue", exact: true }).click();
  await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
  await page.getByRole("heading", { name: "Submission" }).waitFor();
}

/** Anna's tab, on the one submission there is, with the desk's key. */
async function withSubmission(run: (page: Page, desk: Desk) => Promise<void>): Promise<void> {
  const desk = await openDesk();
  try {
    await makeAdmin(desk);
    await send(desk, "Is anybody there?");
    await visitDesk(desk, async ({ page }) => {
      await signIn(page);
      await loadKey(page, desk.key);
      await toSubmission(page);
      await run(page, desk);
    });
  } finally {
    await desk.stop();
  }
}

const answer = (page: Page) => page.getByLabel("Answer", { exact: true });
const note = (page: Page) => page.getByLabel("Note", { exact: true });
const tag = (page: Page) => page.getByLabel("New tag");

async function addTag(page: Page, text: string): Promise<void> {
  await tag(page).fill(text);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: `Remove ${text}` }).waitFor();
}

async function addNote(page: Page, text: string): Promise<void> {
  await note(page).fill(text);
  await page.getByRole("button", { name: "Add note" }).click();
  await page.locator(".note-list").getByText(text).waitFor();
}

async function keepDraft(page: Page, text: string): Promise<void> {
  await answer(page).fill(text);
  await page.getByRole("button", { name: "Keep as a draft" }).click();
  await page.getByText("Draft kept.").waitFor();
}

/** Loads the page anew, and comes back to the same place with that key. */
async function anew(page: Page, key: string): Promise<void> {
  const { hash } = new URL(page.url());
  await page.reload();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await backWith(page, key, hash);
}

async function backWith(page: Page, key: string, hash: string): Promise<void> {
  await loadKey(page, key);
  await page.evaluate((where) => (location.hash = where), hash);
  await page.locator(".note-list").waitFor({ state: "attached" });
}

test("the desk: what a key does not open is closed, and can't be written over", async () => {
  await withSubmission(async (page, desk) => {
    await addTag(page, "harbour");
    await addNote(page, "Ask the harbour master.");
    await page.getByLabel("Who sees to it").selectOption("anna");
    await page.getByRole("button", { name: "Assign" }).click();
    await page.getByRole("button", { name: "Assign" }).and(page.locator(":disabled")).waitFor();
    await keepDraft(page, "We have seen it.");
    const bens = await inviteReviewer(desk, "ben");
    await visitDesk(desk, async ({ page: other }) => {
      await signIn(other, "ben");
      await loadKey(other, bens.file);
      await toSubmission(other);
      await other.locator(".note-list").getByText("This can't be opened with your key.").waitFor();
      same(await other.getByText("This can't be opened with your key, so nothing may take its place.").count(), 2, "what is said to be closed: tags, who sees to it");
      same([await tag(other).count(), await other.getByLabel("Who sees to it").count(), await other.locator(".note-remove").count()], [0, 0, 0], "fields for what is closed");
      await addNote(other, "A note is a new one.");
    });
    await anew(page, (await makeKey()).file);
    await page.getByText("There is a draft of yours that your key does not open.").waitFor();
    await answer(page).fill("Another one");
    same(await page.getByRole("button", { name: "Keep as a draft" }).isEnabled(), false, "writing over a draft that is closed");
    await answer(page).fill("");
    await anew(page, desk.key);
    await page.getByRole("button", { name: "Remove harbour" }).waitFor();
    same([await page.getByLabel("Who sees to it").inputValue(), await answer(page).inputValue()], ["anna", "We have seen it."], "who sees to it, the draft");
  });
});

test("the desk: of two who write at once the second is told, and neither loses a word", async () => {
  await withSubmission((page, desk) =>
    visitDesk(desk, async ({ page: other }) => {
      await inviteReviewer(desk, "ben");
      await signIn(other, "ben");
      await loadKey(other, desk.key);
      await toSubmission(other);
      const isTold = async () => {
        const told = page.getByRole("alert").getByText("Somebody else was quicker. Look again.");
        await told.waitFor();
        await page.getByRole("alert").getByRole("button", { name: "Close" }).click();
        await told.waitFor({ state: "detached" });
      };
      await addTag(other, "harbour");
      await tag(page).fill("quay");
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await isTold();
      await page.getByRole("button", { name: "Remove harbour" }).waitFor();
      same(await tag(page).inputValue(), "quay", "the tag that was not taken");
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await page.getByRole("button", { name: "Remove quay" }).waitFor();
      await page.getByRole("button", { name: "Remove harbour" }).waitFor();
      await answer(other).fill("We have seen it.");
      await other.getByRole("button", { name: "Send" }).click();
      await other.locator(".said-desk").getByText("We have seen it.").waitFor();
      await answer(page).fill("Thank you.");
      await page.getByRole("button", { name: "Send" }).click();
      await isTold();
      await page.locator(".said-desk").getByText("We have seen it.").waitFor();
      same([await answer(page).inputValue(), await page.locator(".said-desk").count()], ["Thank you.", 1], "the answer that was not sent, and what was said");
      await addNote(page, "From anna.");
      await addNote(other, "From ben.");
      await other.getByText("From anna.").waitFor();
    }),
  );
});

test("the desk: an answer that was sent is not offered again when its draft can't be taken away", async () => {
  await withSubmission(async (page, desk) => {
    await keepDraft(page, "Yes. Which window?");
    await page.route("**/api/record", (route) => route.fulfill({ status: 503, body: "{}" }));
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".said-desk").getByText("Yes. Which window?").waitFor();
    await page.getByText("Answered.").waitFor();
    same(await answer(page).inputValue(), "", "the field after sending");
    await page.unroute("**/api/record");
    await anew(page, desk.key);
    await page.locator(".said-desk").waitFor();
    same([await answer(page).inputValue(), await page.locator(".said-desk").count()], ["", 1], "the field later, answers");
  });
});

test("the desk: an answer that came, though nobody heard so, is not sent twice", async () => {
  await withSubmission(async (page) => {
    await page.route("**/api/reply", async (route) => {
      await route.fetch();
      await route.fulfill({ status: 503, body: "{}" });
    }, { times: 1 });
    await answer(page).fill("Yes. Which window?");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".said-desk").getByText("Yes. Which window?").waitFor();
    await page.getByText("Answered.").waitFor();
    same([await answer(page).inputValue(), await page.getByRole("button", { name: "Send" }).isEnabled()], ["", false], "what could be sent again");
    /* And one that did not come can be. */
    await page.route("**/api/reply", (route) => route.fulfill({ status: 503, body: "{}" }), { times: 1 });
    await answer(page).fill("The second one?");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("The server is busy.").waitFor();
    await page.getByRole("button", { name: "Send" }).and(page.locator(":enabled")).click();
    await page.locator(".said-desk").getByText("The second one?").waitFor();
    same(await page.locator(".said-desk").count(), 2, "answers");
  });
});

test("the desk: whoever is at work while somebody joins goes on writing, sealed to them, too", async () => {
  await withSubmission(async (page, desk) => {
    const bens = await inviteReviewer(desk, "ben");
    await addNote(page, "For ben, too.");
    await inviteReviewer(desk, "carl");
    await keepDraft(page, "Yes.");
    await inviteReviewer(desk, "dora");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".said-desk").getByText("Yes.").waitFor();
    await visitDesk(desk, async ({ page: other }) => {
      await signIn(other, "ben");
      await loadKey(other, bens.file);
      await toSubmission(other);
      await other.locator(".note-list").getByText("For ben, too.").waitFor();
      await other.locator(".said-desk").getByText("Yes.").waitFor();
    });
  });
});

async function begin(page: Page): Promise<void> {
  await answer(page).pressSequentially("Half an answ");
  await note(page).fill("half a note");
  await tag(page).fill("half a t");
}

const begun = async (page: Page) => [await answer(page).inputValue(), await note(page).inputValue(), await tag(page).inputValue()];
const HALVES = ["Half an answ", "half a note", "half a t"];

test("the desk: words that are begun are there after a walk through the queue, and after a session that ended by itself", async () => {
  await withSubmission(async (page, desk) => {
    await begin(page);
    await page.getByRole("heading", { name: "Submission" }).focus();
    await page.keyboard.press("Escape");
    await page.getByRole("list", { name: "What is to be looked at" }).getByRole("link").first().click();
    await page.getByRole("heading", { name: "Submission" }).waitFor();
    same(await begun(page), HALVES, "after a walk");
    const { hash } = new URL(page.url());
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Add note" }).click();
    await page.getByText("What you had begun to write is still here, for you alone.").waitFor();
    await signIn(page);
    await backWith(page, desk.key, hash);
    same(await begun(page), HALVES, "after signing in again");
    await page.getByRole("button", { name: "Add note" }).click();
    await page.locator(".note-list").getByText("half a note").waitFor();
    same(await note(page).inputValue(), "", "the note's field once it is written");
  });
});

test("the desk: words that are begun are nobody else's, and gone after signing out", async () => {
  await withSubmission(async (page, desk) => {
    const bens = await inviteReviewer(desk, "ben");
    const { hash } = new URL(page.url());
    await begin(page);
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Add note" }).click();
    await signIn(page, "ben");
    await backWith(page, bens.file, hash);
    same(await begun(page), ["", "", ""], "what ben sees of it");
    await begin(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    same(await page.getByText("What you had begun to write").count(), 0, "words kept after signing out");
    await signIn(page, "ben");
    await backWith(page, bens.file, hash);
    same(await begun(page), ["", "", ""], "after signing out");
  });
});

test("the desk: leaving the page asks while words are not sent, and only then", async () => {
  await withSubmission(async (page, desk) => {
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await note(page).pressSequentially("half a note");
    await page.getByRole("button", { name: "Add note" }).click();
    await page.locator(".note-list").getByText("half a note").waitFor();
    await anew(page, desk.key);
    same(asked, [], "questions once all is written");
    await note(page).pressSequentially("half a note");
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    same(asked, ["beforeunload"], "questions with half a note");
  });
});

test("the desk: whoever writes for long is not taken for somebody who left", async () => {
  await withSubmission(async (page) => {
    const told: string[] = [];
    page.on("request", (request) => told.push(new URL(request.url()).pathname));
    await answer(page).pressSequentially("Half");
    check(!told.includes("/api/me"), "each letter is told");
    await page.clock.setFixedTime(Date.now() + 6 * 60_000);
    const asking = page.waitForRequest("**/api/me");
    await answer(page).pressSequentially(" an answer");
    await asking;
    same(told.filter((path) => path === "/api/me").length, 1, "times that it was told");
  });
});

test("the desk: an answer that leads to a person is asked about, and goes as it is only when somebody says so", async () => {
  await withSubmission(async (page) => {
    const dialog = page.getByRole("dialog", { name: "This may lead to a person" });
    const press = () => page.getByRole("button", { name: "Send" }).click();
    await answer(page).fill("Ask @bo_k, or +41 44 123 45 67, before 2026-11-23.");
    await press();
    same(await dialog.getByRole("listitem").allInnerTexts(), ["name in a network @bo_k", "phone number +41 44 123 45 67"], "what was found");
    same(await complaints(page, "contacts"), [], "complaints");
    await dialog.getByRole("button", { name: "Change it" }).click();
    await dialog.waitFor({ state: "detached" });
    same(await page.locator(".said-desk").count(), 0, "what was sent though it is to be changed");
    await press();
    await dialog.getByRole("button", { name: "Leave it as it is" }).click();
    await page.locator(".said-desk").getByText("Ask @bo_k, or +41 44 123 45 67, before 2026-11-23.").waitFor();
    await answer(page).fill("Thank you.");
    await press();
    await page.locator(".said-desk").getByText("Thank you.").waitFor();
  });
});

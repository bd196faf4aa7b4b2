// SPDX-License-Identifier: GPL-3.0-or-later
// A tab that is killed leaves nothing of a picture on the disk.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fixture, longVideo, SECRET } from "../rig/fixtures.ts";
import { open, visit } from "../rig/chromium.ts";
import { killAll } from "../rig/memory.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, same, test } from "../rig/tap.ts";

/** Files below a folder that hold the marker, or a long stretch of the original's coded data. */
function holding(folder: string, marks: Buffer[]): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    try {
      if (!statSync(path).isFile()) continue;
      const bytes = readFileSync(path);
      if (marks.some((mark) => bytes.includes(mark))) found.push(name);
    } catch {
      // A socket, or gone already.
    }
  }
  return found;
}

for (const [name, when] of [["marked.jpg", "while it is edited"], ["marked.jpg", "after it was saved"], ["long", "while it is scrubbed"]] as const) {
  test(`a browser killed ${when} (${name}) leaves nothing of the file in its profile`, async () => {
    const file = name === "long" ? await longVideo(100e6) : await fixture(name);
    const bytes = readFileSync(file);
    const middle = Math.floor(bytes.length / 2);
    const marks = [Buffer.from(SECRET), bytes.subarray(middle, middle + 32)];
    const { page, profile, context } = await open({ device: "phone", ownProfile: true });
    try {
      const studio = new Studio(page);
      await studio.open(file);
      if (when === "while it is edited") {
        await studio.toCover();
        await studio.coverBox("touch");
      } else if (when === "after it was saved") {
        await studio.toCover();
        await studio.coverBox("touch");
        await studio.save();
      } else {
        await studio.toSave();
        await studio.press(en.save.button);
        const ask = studio.control(en.save.askSave);
        if (await ask.isVisible()) await ask.click();
        await page.waitForTimeout(300);
      }
      killAll(profile);
      const inProfile = holding(profile, marks);
      same(inProfile, [], "files of the profile that hold some of it");
    } finally {
      await context.close().catch(() => undefined);
    }
  });
}

test("starting again with copies that are not saved asks first", async () => {
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(await fixture("photo.jpg"), await fixture("photo.png"));
    await studio.toSave();
    await studio.pressSaveAll();
    await studio.press(en.done.another);
    await page.getByText(en.common.unsaved).first().waitFor();
    await studio.press(en.common.back);
    await studio.heading(en.done.headingMany).waitFor();
    const coming = page.waitForEvent("download");
    await studio.press(en.done.downloadAll);
    await coming;
    await studio.press(en.done.another);
    await studio.ready();
  });
});

test("leaving with work that is not saved asks first", async () => {
  const file = await fixture("photo.jpg");
  const { page, context } = await open({});
  try {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await studio.coverBox();
    const asked = page.waitForEvent("dialog", { timeout: 10_000 });
    void page.close({ runBeforeUnload: true });
    const dialog = await asked;
    check(dialog.type() === "beforeunload", dialog.type());
    await dialog.accept();
  } finally {
    await context.close().catch(() => undefined);
  }
});

test("the policy refuses text as markup, as code and as a worker", async () => {
  const { page, context } = await open({});
  try {
    const refused = await page.evaluate(
      () =>
        // In a task of its own: what a debugger runs may do more than the page.
        new Promise<string[]>((settle) => {
          setTimeout(() => {
            const sinks: Record<string, () => unknown> = {
              markup: () => (document.createElement("p").innerHTML = "<b>x</b>"),
              code: () => (0, eval)("1"),
              worker: () => new Worker("/studio/sw.js"),
              policy: () => Reflect.get(globalThis, "trustedTypes").createPolicy("other", {}),
            };
            settle(
              Object.entries(sinks).flatMap(([name, use]) => {
                try {
                  use();
                  return [];
                } catch {
                  return [name];
                }
              }),
            );
          });
        }),
    );
    same(refused, ["markup", "code", "worker", "policy"], "refused");
  } finally {
    await context.close();
  }
});

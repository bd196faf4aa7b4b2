// SPDX-License-Identifier: GPL-3.0-or-later
// Files that come from other apps and go to other apps: the share target and the share sheet. None is sent.
import { readFileSync } from "node:fs";
import { fixture } from "../rig/fixtures.ts";
import { onlyItself, visit } from "../rig/chromium.ts";
import { scrubbed } from "../rig/native.ts";
import { sameBytes } from "../rig/copies.ts";
import { Studio, en } from "../rig/studio.ts";
import { check, same, test } from "../rig/tap.ts";

test("Share… hands over exactly the copy, under a neutral name", async () => {
  const file = await fixture("photo.jpg");
  await visit({ device: "phone" }, async (there) => {
    const { page } = there;
    const studio = new Studio(page);
    await studio.open(file);
    const copy = await studio.save();
    await studio.press(en.done.share);
    await page.getByText(en.done.shareDone).first().waitFor();
    const shared = await page.evaluate(() => window.oilskinTest.shared);
    same(shared.map(({ type }) => type), ["image/jpeg"], "types that were shared");
    sameBytes(Buffer.from(shared[0]?.data ?? "", "base64"), copy.bytes, "shared file");
    check(/^[a-z0-9-]+\.jpg$/.test(shared[0]?.name ?? ""), `shared as ${shared[0]?.name}`);
    onlyItself(there);
  });
});

for (const network of ["online", "offline"] as const) {
  test(`a photo shared to Oilskin opens in the studio, ${network}, and is never sent`, async () => {
    const file = await fixture("photo.jpg");
    await visit({ device: "phone" }, async ({ page, context, server }) => {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.reload();
      if (network === "offline") {
        await server.stop();
        await context.setOffline(true);
      }
      // What Android does: a POST of a form that leads to a navigation. The page's policy forbids forms of its own, so
      // that the form stands on a page of this worker's scope without a policy.
      const data = readFileSync(file).toString("base64");
      await page.evaluate((base64) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const form = new FormData();
        form.append("files", new File([bytes], "IMG_1234.jpg", { type: "image/jpeg" }));
        return fetch("/studio/share", { method: "POST", body: form, redirect: "manual" }).then(() => undefined);
      }, data);
      await page.goto(`${server.origin}/studio/?shared`).catch(() => undefined);
      const studio = new Studio(page);
      await studio.heading(en.findings.heading).waitFor();
      sameBytes((await studio.save()).bytes, await scrubbed(file, "jpg"), "shared photo scrubbed");
    });
  });
}

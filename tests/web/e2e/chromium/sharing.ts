// SPDX-License-Identifier: GPL-3.0-or-later
// Files that come from other apps and go to other apps: the share target and the share sheet. None is sent.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixture } from "../rig/fixtures.ts";
import { onlyItself, visit } from "../rig/chromium.ts";
import { dist } from "../rig/places.ts";
import { offlineReady } from "../rig/page_hooks.ts";
import { serve } from "../rig/server.ts";
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

interface ShareTarget {
  action: string;
  params: { files: { name: string }[] };
}

for (const network of ["online", "offline"] as const) {
  test(`photos shared to Oilskin open in the studio, ${network}, and are never sent`, async () => {
    const files = [await fixture("photo.jpg"), await fixture("photo.png")];
    const manifest = JSON.parse(readFileSync(join(dist, "manifest.webmanifest"), "utf8")) as { share_target: ShareTarget };
    const server = await serve();
    try {
      await visit({ device: "phone", server }, async (there) => {
        const { page, context } = there;
        await page.evaluate(offlineReady);
        await page.close();
        if (network === "offline") {
          await server.stop();
          await context.setOffline(true);
        }
        // What Android does: it navigates to the target with the files in a form.
        const from = await context.newPage();
        const { action, params } = manifest.share_target;
        await from.setContent(`<form method="post" enctype="multipart/form-data" action="${new URL(action, server.studio).href}">
          <input type="file" multiple name="${params.files[0]?.name ?? ""}"><button>Share</button></form>`);
        await from.locator("input").setInputFiles(files);
        await from.locator("button").click();
        const studio = new Studio(from);
        await studio.outcome();
        check(from.url().startsWith(server.studio) && !from.url().endsWith("/share"), `left at ${from.url()}`);
        await studio.toSave();
        await studio.pressSaveAll();
        const shared = await from.evaluate(() => document.body.innerText);
        check(shared.includes(en.done.headingMany.other.replace("{n}", "2")), "two copies were not made");
        same(await from.evaluate(async () => (await caches.keys()).length), 1, "caches");
      });
    } finally {
      await server.stop();
    }
  });
}

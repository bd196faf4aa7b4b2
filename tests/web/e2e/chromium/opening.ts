// SPDX-License-Identifier: GPL-3.0-or-later
// The ways in: dropped, pasted, the sample; and what the page says of a copy that a phone may have changed.
import { readFileSync } from "node:fs";
import { must } from "../rig/native.ts";
import { fixture } from "../rig/fixtures.ts";
import { isFit } from "../rig/copies.ts";
import { onlyItself, visit } from "../rig/chromium.ts";
import { dist, scratch } from "../rig/places.ts";
import { Studio, en, said } from "../rig/studio.ts";
import { check, test } from "../rig/tap.ts";
import { copyFileSync } from "node:fs";
import { join } from "node:path";

for (const way of ["drop", "paste"] as const) {
  test(`opens a picture by ${way}`, async () => {
    const data = readFileSync(await fixture("photo.jpg")).toString("base64");
    await visit({}, async ({ page }) => {
      const studio = new Studio(page);
      await studio.ready();
      await page.evaluate(
        ([base64, how]) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "IMG_1234.jpg", { type: "image/jpeg" }));
          const words = { bubbles: true, cancelable: true };
          const target = document.querySelector("main") ?? document.body;
          if (how === "paste") target.dispatchEvent(new ClipboardEvent("paste", { ...words, clipboardData: transfer }));
          else for (const name of ["dragenter", "dragover", "drop"]) target.dispatchEvent(new DragEvent(name, { ...words, dataTransfer: transfer }));
        },
        [data, way] as const);
      await studio.outcome();
      await isFit(await studio.save(), "jpg");
    });
  });
}

test("the sample picture shows a place, a camera and a preview, without the network's other end", async () => {
  await visit({}, async (there) => {
    const { page } = there;
    const studio = new Studio(page);
    await studio.ready();
    await studio.press(en.open.sample);
    await studio.outcome();
    for (const kind of ["place", "device", "preview"] as const) await page.getByText(en.kinds[kind]).first().waitFor();
    await studio.toCover();
    await studio.coverBox();
    await isFit(await studio.save(), "jpg");
    onlyItself(there);
  });
});

test("a photo with a camera but no place: the one in the gallery may still have it", async () => {
  const file = join(scratch, "no-place.jpg");
  copyFileSync(await fixture("photo.jpg"), file);
  await must("exiftool", "-q", "-overwrite_original", "-gps:all=", "-xmp:all=", "-iptc:all=", file);
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await page.getByText(en.findings.noPlace).first().waitFor();
  });
});

test("the result never says just clean or safe, and says what is still there", async () => {
  const file = await fixture("photo.jpg");
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toCover();
    await studio.coverBox();
    await studio.save();
    const text = await page.locator("body").innerText();
    for (const line of [en.done.result, en.done.covered.one.replace("{n}", "1"), en.done.visible, en.done.original]) {
      check(text.includes(line), `"${line}" is not said`);
    }
    check(!/\b(clean|safe)\b/i.test(text), "the page says clean or safe");
  });
});

test("the footer shows the digest that sha256sum finds", async () => {
  const printed = await must("sh", "-c", 'cd "$1" && find . -type f ! -name bundle.json -printf "%P\\n" | LC_ALL=C sort | xargs sha256sum | sha256sum', "sh", dist);
  const [digest = ""] = printed.split(" ");
  await visit({}, async ({ page }) => {
    await page.getByRole("contentinfo").getByText(digest).waitFor();
  });
});

test("saving with nothing covered asks once", async () => {
  const file = await fixture("photo.jpg");
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(file);
    await studio.toSave();
    await studio.press(en.save.button);
    await page.getByText(en.save.askHeading).first().waitFor();
    await studio.press(en.save.askSave);
    await studio.heading(en.done.heading).waitFor();
  });
});

test("who is asked and covers first sees the picture in which nobody is covered", async () => {
  await visit({}, async ({ page }) => {
    const studio = new Studio(page);
    await studio.open(await fixture("video.mp4"), await fixture("photo.jpg"));
    await studio.toSave();
    await page.getByRole("button", { name: said(en.save.buttonMany) }).first().click();
    await studio.press(en.save.askCover);
    await studio.picture().waitFor();
  });
});

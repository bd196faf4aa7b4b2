// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed on the device: the server gets sealed bytes of a file, and the desk opens them.
import { writeFileSync, readFileSync } from "node:fs";
import { enter, openDrop, placedPhoto } from "../rig/drop.ts";
import { fresh, must, scrubbed } from "../rig/native.ts";
import { oilskin } from "../rig/places.ts";
import { check, same, test } from "../rig/tap.ts";

test("sealed on the device: the server sees sealed bytes only, and the desk opens the scrubbed copy", async () => {
  const drop = await openDrop("drop.seal_on_device=yes");
  try {
    const { page, context, errors } = await enter(drop);
    const photo = await placedPhoto();
    await page.setInputFiles("#files", photo);
    await page.getByText(/hidden things were taken out on this device/).waitFor();
    await page.click("#send");
    await page.getByRole("heading", { name: "Received", exact: true }).waitFor();
    await page.getByText("Kept as your device prepared it.").waitFor();
    same(errors, [], "errors");
    await context.close();
    const copy = await scrubbed(photo, "jpg");
    const wanted = copy.subarray(0, 16);
    const opened = await drop.opened();
    same(opened.length, 1, "files at the desk");
    const outer = opened[0] as Buffer;
    same(outer.subarray(0, 22).toString("latin1"), "age-encryption.org/v1\n", "what the server had");
    check(!outer.includes(wanted), "the picture is in what the server had");
    /* Behind the sealed file stands padding; its length is in the manifest, and follows from the copy's. */
    const chunks = Math.ceil(copy.length / 65536);
    const header = outer.indexOf("\n", outer.indexOf("\n--- ") + 1) + 1;
    const inner = fresh("inner.age");
    writeFileSync(inner, outer.subarray(0, header + 16 + copy.length + 16 * chunks));
    const out = fresh("inner.jpg");
    await must(oilskin, "unseal", "-i", drop.key, inner, "-o", out);
    check(readFileSync(out).equals(copy), "the desk opens other bytes than the scrubbed copy");
  } finally {
    await drop.stop();
  }
});

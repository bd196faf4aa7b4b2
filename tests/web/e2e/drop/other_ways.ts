// SPDX-License-Identifier: GPL-3.0-or-later
// The same promise for who sends without a page: planted GPS never reaches the desk.
import { readFileSync } from "node:fs";
import { openDrop, placedPhoto, saysWhere, type Drop } from "../rig/drop.ts";
import { check, same, test } from "../rig/tap.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

async function upload(drop: Drop, metadata: Record<string, string>): Promise<Response> {
  const photo = readFileSync(await placedPhoto());
  const answer = await fetch(`${drop.origin}/uploads/`, {
    method: "POST",
    headers: {
      "Tus-Resumable": "1.0.0",
      "Upload-Length": String(photo.length),
      "Upload-Metadata": Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`).join(","),
      "Content-Type": "application/offset+octet-stream",
    },
    body: photo,
  });
  same(answer.status, 201, "creation with upload");
  same(answer.headers.get("Upload-Offset"), String(photo.length), "its offset");
  return answer;
}

test("by tus: planted GPS never reaches the desk, nor does the file's name", async () => {
  const drop = await openDrop();
  try {
    const answer = await upload(drop, { filename: "Oilskin-Planted-Name.jpg", filetype: "image/jpeg" });
    same(answer.headers.get("Oilskin-Outcome"), "scrubbed", "what became of it");
    same(answer.headers.get("Oilskin-Receipt")?.split(" ").length, 8, "words of its receipt");
    const opened = await drop.opened();
    check(opened.length > 0, "nothing is stored");
    check(!saysWhere(opened) && !opened.some((blob) => blob.includes("Oilskin-Planted-Name")), "the desk has the place");
  } finally {
    await drop.stop();
  }
});

test("by the API: planted GPS never reaches the desk", async () => {
  const drop = await openDrop();
  try {
    const receipt = "abbot acid bamboo cello dream eagle zone fabric";
    const url = (await upload(drop, { receipt, attach: "yes" })).headers.get("Location") ?? "";
    const answer = await fetch(`${drop.origin}/api/submissions`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ receipt, message: "At the corner.", uploads: [new URL(url, drop.origin).pathname] }),
    });
    same(answer.status, 200, "status");
    const received = (await answer.json()) as { received: boolean; files: { outcome: string }[] };
    same(received.files.map(({ outcome }) => outcome), ["scrubbed"], "what became of it");
    const opened = await drop.opened();
    check(opened.length > 0, "nothing is stored");
    check(!saysWhere(opened), "the desk has the place");
  } finally {
    await drop.stop();
  }
});

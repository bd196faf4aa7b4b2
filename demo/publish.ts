// SPDX-License-Identifier: GPL-3.0-or-later
// One report becomes public, by the commands that a newsroom has: opened on this machine, its faces covered, the copy given to
// the desk, which looks at each byte of it again, and seen as the public sees it.
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Desk } from "./desk.ts";
import type { Place } from "./place.ts";

export interface Published {
  /** The page of its album, and of itself. */
  readonly album: string;
  readonly address: string;
  readonly areas: number;
}

interface Regions {
  readonly regions: readonly unknown[];
}

/** What is there to be found in the file that a witness sent, and in nothing that is public. */
const TOLD = ["PK7-204418-0093", "R. Example", "Kite", "2026:05:01", "Exif"];

function only(folder: string, ending: string): string {
  const [name, ...more] = readdirSync(folder).filter((one) => one.endsWith(ending));
  if (name === undefined || more.length > 0) {
    throw new Error(`there is not one file ${ending} but ${readdirSync(folder).join(", ")}`);
  }
  return join(folder, name);
}

async function seen(address: string): Promise<{ text: string; bytes: Uint8Array<ArrayBuffer> }> {
  const answer = await fetch(address);
  if (answer.status !== 200) {
    throw new Error(`${address}: ${answer.status}`);
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { text: Buffer.from(bytes).toString("latin1"), bytes };
}

/** As everybody gets it: a page with the picture, and a file that gives nothing away. */
async function look(place: Place, albumPage: string, page: string, id: string): Promise<void> {
  const file = await seen(`${place.drop}/a/f/${id}`);
  const pages = [await seen(albumPage), await seen(page), await seen(`${albumPage}/feed`)];
  const told = TOLD.filter((secret) => [file, ...pages].some(({ text }) => text.includes(secret)));
  const isShown = pages.every(({ text }) => text.includes(id));
  const copy = join(place.folder, "public.jpg");
  writeFileSync(copy, file.bytes);
  place.run("verify", copy);
  if (told.length > 0 || !isShown) {
    throw new Error(`what is public is not as it has to be: ${told.join(", ")} ${isShown ? "" : "the picture is not shown"}`);
  }
}

/** @param number of the street that was drawn for it. */
export async function publish(place: Place & { readonly sample: string }, desk: Desk, submission: string, number: number): Promise<Published> {
  const at = (name: string): string => join(place.folder, name);
  const who = ["--session", at("session")];
  const faces = execFileSync(place.sample, ["street", String(number), at("drawn.jpg")], { encoding: "utf8" });
  writeFileSync(at("faces.json"), faces);
  place.run("desk", "login", ...who, "--desk", place.desk, "--name", place.reviewer, "--login-file", place.loginFile);
  place.run("desk", "fetch", submission, "-o", at("fetched"), "--why", "publish", ...who);
  place.run("desk", "unseal", at("fetched"), "-i", place.keyFile, "-o", at("opened"));
  place.run("redact", only(at("opened"), ".jpeg"), "--regions", at("faces.json"), "-o", at("covered.jpg"));
  const { album } = await desk.post<{ album: string }>("/api/albums", {
    title: "DEMO: what the street saw", description: "Drawn for a demonstration.", warning: "", language: "en", state: "open",
  });
  const answer = place.run("desk", "publish", submission, `0=${at("covered.jpg")}`, "-i", place.keyFile, "--regions", `0=${at("faces.json")}`,
    "--album", album, "--caption", "The street, a moment before.", "--alt", "People stand in a street, seen from across; their faces are covered.",
    "--json", ...who);
  const { publication } = JSON.parse(answer) as { publication: string };
  const albumPage = `${place.drop}/a/${album}`;
  const address = `${albumPage}/${publication}`;
  await look(place, albumPage, address, publication);
  return { album: albumPage, address, areas: (JSON.parse(faces) as Regions).regions.length };
}

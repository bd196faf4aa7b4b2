// SPDX-License-Identifier: GPL-3.0-or-later
// A drop with albums, made of pictures that are drawn on the spot.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openDrop, type Drop } from "./drop.ts";
import { fixture } from "./fixtures.ts";
import { fresh, must } from "./native.ts";
import { publishFill } from "./places.ts";
import { same } from "./tap.ts";

export interface Albums {
  readonly drop: Drop;
  readonly album: string;
  readonly plain: string;
  readonly warned: string;
  readonly film: string;
  readonly hidden: string;
  readonly withdrawn: string;
}

/** What bench/publish_fill.c is told, a line each; what it says, a line each. While no server runs on the folder. */
async function fill(data: string, lines: readonly string[]): Promise<string[]> {
  const child = spawn(publishFill, [data], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  child.stdin.end(lines.map((line) => `${line.replaceAll("\n", "\\n")}\n`).join(""));
  let said = "";
  for await (const piece of child.stdout) said += String(piece);
  same((await ended)[0], 0, "publish-fill's exit code");
  return said.trim().split("\n");
}

/** @param settings further lines of the configuration */
export async function openAlbums(...settings: string[]): Promise<Albums> {
  const [copy, small, middle] = [fresh("copy.jpg"), fresh("small.jpg"), fresh("middle.jpg")];
  const photo = await fixture("photo.jpg");
  await must("convert", photo, "-strip", "-resize", "1600x1200!", copy);
  await must("convert", photo, "-strip", "-resize", "480x360!", small);
  await must("convert", photo, "-strip", "-resize", "1280x960!", middle);
  const film = fresh("film.mp4");
  await must("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=25:duration=3", "-movflags", "+faststart", film);
  const frame = fresh("frame.jpg");
  await must("ffmpeg", "-v", "error", "-y", "-i", film, "-frames:v", "1", "-vf", "scale=480:270", frame);
  const drop = await openDrop("desk.listen=127.0.0.1:0", "publish.albums=yes", "publish.title=Streets of May", ...settings);
  await drop.stop();
  const [album = "", second = ""] = await fill(drop.data, ["album\tThe march of the 8th\tFrom the station to the square.\t\ten\topen", "album\tمسيرة الثامن من مارس\t\tإصابات\tar\topen"]);
  const still = (of: string, state: string, day: number, caption: string, warning = "") =>
    ["piece", of, state, day, "jpg", 1600, 1200, 0, caption, "Houses at a river, drawn", warning, copy, `${small}:480:360`, `${middle}:1280:960`].join("\t");
  const ids = await fill(drop.data, [
    still(album, "public", 20700, "The front of the march at noon.\nNobody was hurt here."),
    still(album, "public", 20701, "A man is carried away.", "injuries"),
    ["piece", album, "public", 20702, "mp4", 640, 360, 3000, "The square fills", "People come from three sides", "", film, `${frame}:480:270`].join("\t"),
    still(album, "hidden", 20700, ""),
    still(album, "public", 20700, ""),
    still(second, "public", 20700, "في الساحة"),
  ]);
  const [plain = "", warned = "", video = "", hidden = "", withdrawn = ""] = ids;
  await fill(drop.data, [`state\t${withdrawn}\twithdrawn`]);
  await drop.start();
  return { drop, album, plain, warned, film: video, hidden, withdrawn };
}

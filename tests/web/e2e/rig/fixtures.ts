// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures and videos drawn on the spot, each with a place and a camera in it, and files made to do harm.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fresh, must, run } from "./native.ts";
import { oilskin, root, scratch } from "./places.ts";
import { check, Skip } from "./tap.ts";

const sampleProgram = join(dirname(oilskin), "oilskin-sample");
const made = new Map<string, Promise<string>>();

/** Words that must never be found in a copy or in a browser's profile. */
export const SECRET = "Oilskin-Marker-7f3a";

type Recipe = (out: string) => Promise<unknown>;

const still =
  (...words: string[]): Recipe =>
  async (out) => {
    await must("convert", await fixture("small.ppm"), ...words, out);
    await tell(out);
  };

/** Adds a place, a camera and the marker, as far as the format has room for them. */
async function tell(out: string): Promise<void> {
  await must("exiftool", "-q", "-m", "-overwrite_original", `-XMP-dc:Title=${SECRET}`, "-XMP-exif:GPSLatitude=52.5", out);
}

async function coded(out: string, program: string, ...words: string[]): Promise<void> {
  const png = await fixture("small.png");
  await must(program, ...words.map((word) => (word === "{in}" ? png : word === "{out}" ? out : word)));
}

const movie =
  (...words: string[]): Recipe =>
  (out) =>
    must("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25:duration=2", "-f", "lavfi", "-i",
      "sine=frequency=300:duration=2", "-metadata", `title=${SECRET}`, "-metadata", "location=+52.5000+013.4000/",
      "-shortest", ...words, out);

const noise: Recipe = (out) =>
  must("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "nullsrc=size=1280x720:rate=25:duration=4,noise=alls=100:allf=t",
    "-f", "lavfi", "-i", "sine=duration=4", "-metadata", `title=${SECRET}`, "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "100M",
    "-maxrate", "100M", "-bufsize", "25M", "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "aac", "-shortest", out);

const recipes: Record<string, Recipe> = {
  "photo.jpg": async (out) => {
    // Everything is made of it: where it is missing the build is, and that is no reason to skip.
    check(existsSync(sampleProgram), `${sampleProgram} is not built`);
    await must(sampleProgram, out);
  },
  "small.ppm": async (out) => must("convert", await fixture("photo.jpg"), "-resize", "480x", out),
  "small.png": async (out) => must("convert", await fixture("small.ppm"), out),
  "marked.jpg": async (out) => {
    // Nothing like the sample that lies among the page's own files.
    await must("convert", "-seed", "7", "-size", "1200x900", "plasma:fractal", "-quality", "90", out);
    await must("exiftool", "-q", "-overwrite_original", `-ImageDescription=${SECRET}`, out);
  },
  "turned.jpg": async (out) => {
    // As a phone that was held upright says it.
    await must("convert", "-seed", "8", "-size", "1200x900", "plasma:fractal", "-quality", "90", out);
    await must("exiftool", "-q", "-n", "-overwrite_original", "-Orientation=6", `-ImageDescription=${SECRET}`, out);
  },
  "photo.png": still(),
  "photo.gif": still("-colors", "64"),
  "photo.tif": still("-compress", "lzw"),
  "photo.bmp": async (out) => must("convert", await fixture("small.ppm"), `bmp3:${out}`),
  "photo.webp": async (out) => {
    await coded(out, "cwebp", "-quiet", "-lossless", "{in}", "-o", "{out}");
    await tell(out);
  },
  "lossy.webp": async (out) => {
    await coded(out, "cwebp", "-quiet", "-q", "80", "{in}", "-o", "{out}");
    await tell(out);
  },
  "photo.jxl": (out) => coded(out, "cjxl", "--quiet", "-d", "1", "{in}", "{out}"),
  "photo.heic": async (out) => {
    await coded(out, "heif-enc", "-q", "60", "{in}", "-o", "{out}");
    await tell(out);
  },
  "photo.avif": async (out) => {
    await coded(out, "heif-enc", "-A", "-q", "60", "{in}", "-o", "{out}");
    await tell(out);
  },
  "video.mp4": movie("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "aac", "-movflags", "+faststart"),
  "video.mov": movie("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "aac"),
  "video.mkv": movie("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "libopus"),
  "video.webm": movie("-c:v", "libvpx", "-b:v", "300k", "-c:a", "libopus"),
  "noise.mp4": noise,
  "cut.jpg": async (out) => writeFileSync(out, readFileSync(await fixture("photo.jpg")).subarray(0, 20_000)),
  "empty.jpg": async (out) => writeFileSync(out, ""),
  "text.jpg": async (out) => writeFileSync(out, "<script>document.title = 'run'</script> no picture at all"),
  "flipped.jpg": async (out) => {
    const bytes = Buffer.from(readFileSync(await fixture("photo.jpg")));
    for (let at = 700; at < bytes.length; at += 977) bytes[at] = (bytes[at] ?? 0) ^ 0x5a;
    writeFileSync(out, bytes);
  },
  "cut.mp4": async (out) => writeFileSync(out, readFileSync(await fixture("video.mp4")).subarray(0, 9_000)),
};

/** Drawn once, by name; where a program for it is missing the test is skipped. */
export function fixture(name: string): Promise<string> {
  let path = made.get(name);
  if (!path) {
    path = make(name);
    made.set(name, path);
  }
  return path;
}

async function make(name: string): Promise<string> {
  const out = join(scratch, name);
  const recipe = recipes[name];
  if (!recipe) {
    await must("python3", join(root, "tests/recipes/assemble.py"), join(root, `tests/recipes/${name}.txt`), out);
    return out;
  }
  try {
    await recipe(out);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") throw new Skip(`${name} can't be drawn: ${cause.message}`);
    throw cause;
  }
  return out;
}

/** A video of about `size` bytes: noise, which doesn't compress, over and over again, with the 100 Mbit/s of a phone's 4K. */
export async function longVideo(size: number): Promise<string> {
  const part = await fixture("noise.mp4");
  const out = fresh("long.mp4");
  const rounds = Math.ceil(size / statSync(part).size) - 1;
  await must("ffmpeg", "-v", "error", "-y", "-stream_loop", String(rounds), "-i", part, "-c", "copy", "-movflags", "+faststart", out);
  return out;
}

/** Real camera files beside the tree, where somebody has them. */
export function corpus(...parts: string[]): string | null {
  const path = join(root, "../shared/corpus", ...parts);
  return existsSync(path) ? path : null;
}

export async function isThere(program: string): Promise<boolean> {
  return (await run("sh", ["-c", `command -v ${program}`])).code === 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The studio, the drop and the desk in real browsers. usage: run.ts chromium|drop|desk|firefox|webkit [WORD...]   only tests with all the words in their names
import { runAll } from "./rig/tap.ts";

const [suite = "", ...words] = process.argv.slice(2);
/** xvfb-run finds a free display only while no other one looks for it. */
const LANES: Record<string, number> = { webkit: 1 };
const suites: Record<string, string[]> = {
  chromium: ["formats", "chance", "opening", "changes", "editing", "offline", "camera_files", "sharing", "hostile", "bounds", "traces", "plain_script", "everyone", "languages"].map((name) => `./chromium/${name}.ts`),
  drop: ["plain", "scripted", "sealed", "sealed_links", "other_ways", "everyone", "albums"].map((name) => `./drop/${name}.ts`),
  desk: ["coming_in", "queue", "submission", "copies", "originals", "publish", "published", "links", "leaving", "writing", "search", "flood", "account", "people", "public", "demo", "languages"].map((name) => `./desk/${name}.ts`),
  firefox: ["./firefox.ts"],
  webkit: ["./webkit.ts"],
};
const parts = suites[suite];
if (!parts) {
  console.error(`run.ts: there is no suite "${suite}"; one of ${Object.keys(suites).join(" ")}`);
  process.exit(2);
}
for (const part of parts) await import(part);
process.exit((await runAll(words, LANES[suite])) ? 0 : 1);

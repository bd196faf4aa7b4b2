// SPDX-License-Identifier: GPL-3.0-or-later
// The core is the studio's: a server serves several builds, and holds what it serves in memory. Names carry the digest of what
// is in them; builtPage() sees to it that the studio has those that another build asks for.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Leaves the studio's files out of a build. */
export function oneCore(ofTheStudio: RegExp): Plugin {
  return {
    name: "oilskin-one-core",
    generateBundle(_options, bundle) {
      for (const name of Object.keys(bundle).filter((each) => ofTheStudio.test(each))) {
        delete bundle[name];
      }
    },
  };
}

/** The addresses of a build's style and script. Throws where it asks the studio for what that has not. */
export function builtPage(assets: string, base: string, studio: string): { style: string; script: string } {
  const index = readFileSync(join(assets, "index.html"), "utf8");
  const style = /<link rel="stylesheet"[^>]* href="([^"]+)"/.exec(index)?.[1];
  const script = /<script type="module"[^>]* src="([^"]+)"/.exec(index)?.[1];
  if (style === undefined || script === undefined) {
    throw new Error(`the index.html below ${base} names no style or no script`);
  }
  const text = readFileSync(join(assets, script.slice(base.length)), "utf8");
  for (const [, path = ""] of text.matchAll(/\/studio\/(assets\/[\w.-]+)/g)) {
    if (!existsSync(join(studio, path))) {
      throw new Error(`${script} asks for ${path}, which the studio's build has not`);
    }
  }
  return { style, script };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// `oilskin studio` on a free loopback port, with these pages.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { dist, oilskin } from "./places.ts";
import { afterAll } from "./tap.ts";

const START_LIMIT_MS = 20_000;

export interface Server {
  /** "http://localhost:40123", without a slash. */
  origin: string;
  /** Where it listens, for another one after it. */
  listen: string;
  /** The page. */
  studio: string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** @param listen an address and port to use again after a stop; else a free port. */
export async function serve(pages: string = dist, listen = "127.0.0.1:0"): Promise<Server> {
  const child = spawn(oilskin, ["studio", "--listen", listen, "--pages", pages], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const said: string[] = [];
  const origin = await new Promise<string>((settle, refuse) => {
    const late = setTimeout(() => refuse(new Error(`no address from oilskin studio: ${said.join(" | ")}`)), START_LIMIT_MS);
    const read = (line: string) => {
      said.push(line);
      const found = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(line);
      if (found) {
        clearTimeout(late);
        settle(found[0]);
      }
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
    child.once("exit", (code) => refuse(new Error(`oilskin studio ended with ${code}: ${said.join(" | ")}`)));
  });
  return {
    origin,
    listen: `127.0.0.1:${new URL(origin).port}`,
    studio: `${origin}/studio/`,
    async stop() {
      running.delete(child);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

let shared: Promise<Server> | undefined;

/** One for all tests that don't stop it: each visit has a profile of its own, and the server keeps nothing. */
export function sharedServer(): Promise<Server> {
  if (!shared) {
    shared = serve();
    afterAll(async () => (await shared)?.stop());
  }
  return shared;
}

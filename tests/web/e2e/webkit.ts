// SPDX-License-Identifier: GPL-3.0-or-later
// Open, cover, save in WebKitGTK by plain WebDriver. It has no download of its own here: the copy is read where the page
// hands it over, at URL.createObjectURL.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { isFit, sameBytes } from "./rig/copies.ts";
import { fixture, isThere } from "./rig/fixtures.ts";
import { redacted } from "./rig/native.ts";
import { scratch } from "./rig/places.ts";
import { watchPage } from "./rig/page_hooks.ts";
import { PlainStudio, type Driver, type Point } from "./rig/plain.ts";
import { serve } from "./rig/server.ts";
import { check, same, Skip, test } from "./rig/tap.ts";

const PROGRAM = "WebKitWebDriver";
const BROWSERS = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((machine) => `/usr/lib/${machine}/webkit2gtk-4.1/MiniBrowser`);
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const START_LIMIT_MS = 15_000;

const freePort = () =>
  new Promise<number>((settle) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => settle(port));
    });
  });

class WebDriver {
  private readonly base: string;
  private session = "";

  constructor(port: number) {
    this.base = `http://127.0.0.1:${port}`;
  }

  async call(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.base}${this.session}${path}`, body ? { method, body: JSON.stringify(body) } : { method });
    const { value } = (await answer.json()) as { value: unknown };
    check(answer.ok, `${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  }

  async begin(program: ChildProcess, binary: string): Promise<void> {
    const end = Date.now() + START_LIMIT_MS;
    while (!(await fetch(`${this.base}/status`).then((answer) => answer.ok, () => false))) {
      check(program.exitCode === null, `${program.spawnargs.join(" ")}: ended at once with ${program.exitCode}`);
      check(Date.now() < end, "WebKitWebDriver does not answer");
      await new Promise((settle) => setTimeout(settle, 100));
    }
    const made = (await this.call("POST", "/session", {
      capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary, args: ["--automation"] } } },
    })) as { sessionId: string };
    this.session = `/session/${made.sessionId}`;
    await this.call("POST", "/timeouts", { script: 90_000, pageLoad: 60_000 });
  }

  run(script: string): Promise<unknown> {
    return this.call("POST", "/execute/sync", { script, args: [] });
  }

  later(script: string): Promise<unknown> {
    return this.call("POST", "/execute/async", { script, args: [] });
  }

  async point(...steps: object[]): Promise<void> {
    const actions = [{ type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions: steps }];
    await this.call("POST", "/actions", { actions });
    await this.call("DELETE", "/actions");
  }
}

/** Kept at the page's own call; read as base64 afterwards. */
const KEEP_COPIES = `
  window.oilskinCopies = [];
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => { window.oilskinCopies.push(blob); return Reflect.apply(make, URL, [blob]); };`;

const move = ({ x, y }: Point) => ({ type: "pointerMove", duration: 60, x: Math.round(x), y: Math.round(y) });
const down = { type: "pointerDown", button: 0 };
const up = { type: "pointerUp", button: 0 };

async function walk(name: string, extension: string): Promise<void> {
  const binary = BROWSERS.find((path) => existsSync(path));
  if (!binary || !(await isThere(PROGRAM))) throw new Skip("WebKitGTK is not installed (apt-get install webkit2gtk-driver)");
  if (!process.env["DISPLAY"] && !((await isThere("xvfb-run")) && (await isThere("xauth")))) throw new Skip("there is no display (apt-get install xvfb xauth)");
  const file = await fixture(name);
  const server = await serve();
  const port = await freePort();
  const words = [PROGRAM, `--port=${port}`];
  const program: ChildProcess = process.env["DISPLAY"]
    ? spawn(PROGRAM, words.slice(1), { stdio: "ignore", detached: true })
    : spawn("xvfb-run", ["-a", "-s", "-screen 0 1280x1000x24", ...words], {
        stdio: "ignore",
        detached: true,
        env: { ...process.env, HOME: scratch, LANG: "C.UTF-8", LIBGL_ALWAYS_SOFTWARE: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1" },
      });
  try {
    const web = new WebDriver(port);
    await web.begin(program, binary);
    await web.call("POST", "/window/rect", { x: 0, y: 0, width: 1200, height: 950 });
    await web.call("POST", "/url", { url: server.studio });
    await web.run(`(${watchPage.toString()})("noise"); ${KEEP_COPIES}`);
    const driver: Driver = {
      evaluate: (expression) => web.run(`return (${expression});`),
      click: (at) => web.point(move(at), down, up),
      drag: (from, to) => web.point(move(from), down, move({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }), move(to), up),
      async give(path) {
        const input = (await web.call("POST", "/element", { using: "css selector", value: "input[type=file]" })) as Record<string, string>;
        await web.call("POST", `/element/${input[ELEMENT]}/value`, { text: path });
      },
    };
    const studio = new PlainStudio(driver);
    await studio.openCoverSave(file);
    const text = await web.later(`
      const done = arguments[arguments.length - 1];
      const reader = new FileReader();
      reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.readAsDataURL(window.oilskinCopies.at(-1));`);
    const path = join(scratch, `webkit.${extension}`);
    writeFileSync(path, Buffer.from(String(text), "base64"));
    const copy = { path, name: `webkit.${extension}`, bytes: readFileSync(path) };
    await isFit(copy, extension);
    sameBytes(copy.bytes, await redacted(file, extension, await studio.lastRegions()), name);
    same(await web.run("return window.oilskinTest.canvasReads"), [], "canvas read-back");
    same(await web.run("return window.oilskinTest.policyErrors"), [], "what the page's policy refused");
    await web.call("DELETE", "");
  } finally {
    // The whole group that was started here: the display and the browser with the driver.
    if (program.pid !== undefined && program.exitCode === null) process.kill(-program.pid, "SIGTERM");
    await server.stop();
  }
}

for (const [name, extension] of [["photo.jpg", "jpg"], ["photo.png", "png"], ["photo.webp", "webp"]] as const) {
  test(`WebKitGTK covers ${name} to the bytes of the command line`, () => walk(name, extension));
}

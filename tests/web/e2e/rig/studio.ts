// SPDX-License-Identifier: GPL-3.0-or-later
// The studio by what a person sees and hears of it: roles, and names from the English catalogue.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Download, Locator, Page } from "playwright-core";
import { en } from "../../../../web/app/words/en.ts";
import { fresh } from "./native.ts";
import { check } from "./tap.ts";

export { en };

/** A sentence of the catalogue as a pattern: {slots} stand for anything. */
export function said(text: string | { one?: string; other: string }): RegExp {
  const one = (line: string) => line.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, ".*?");
  return typeof text === "string" ? new RegExp(one(text)) : new RegExp([text.one ?? text.other, text.other].map(one).join("|"));
}

export interface Spot {
  x: number;
  y: number;
}

export interface Copy {
  path: string;
  name: string;
  bytes: Buffer;
}

const exactly = (text: string) => new RegExp(`^\\s*${text.replace(/[.*+?^$()|[\]\\]/g, "\\$&")}\\s*$`);

/** Step one leads to step three: past covering, or where there is nothing to cover. */
const WAY_ON = new RegExp(`^\\s*(${en.findings.skipCover}|${en.cover.next})\\s*$`);

export class Studio {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** What can be pressed under this name. */
  control(name: string): Locator {
    const { page } = this;
    const named = { name: exactly(name) };
    return page.getByRole("button", named).or(page.getByRole("radio", named)).or(page.getByRole("link", named)).or(page.getByRole("checkbox", named))
      .or(page.getByRole("tab", named)).or(page.getByRole("switch", named)).first();
  }

  heading(text: string | { one?: string; other: string }): Locator {
    return this.page.getByRole("heading", { name: said(text) }).first();
  }

  async press(name: string): Promise<void> {
    await this.control(name).click();
  }

  /** Radio buttons may be drawn by their labels. */
  async choose(name: string): Promise<void> {
    const control = this.control(name);
    const label = this.page.locator("label", { has: control });
    await ((await label.count()) > 0 ? label.first() : control).click();
  }

  async ready(): Promise<void> {
    await this.heading(en.open.heading).waitFor();
  }

  async give(...paths: string[]): Promise<void> {
    await this.page.locator("input[type=file]").first().setInputFiles(paths);
  }

  /** Waits until the first file has been read: can a copy be made of it? */
  async outcome(): Promise<"taken" | "refused"> {
    const on = this.page.locator("button:enabled", { hasText: WAY_ON }).first();
    const fault = this.heading(en.faults.heading);
    await on.or(fault).first().waitFor();
    return (await fault.isVisible()) ? "refused" : "taken";
  }

  /** Opens files and waits until the first has been read. */
  async open(...paths: string[]): Promise<void> {
    await this.ready();
    await this.give(...paths);
    const outcome = await this.outcome();
    check(outcome === "taken", "the file is refused");
  }

  /** The image under the editor. */
  picture(): Locator {
    return this.page.getByRole("application").locator("img").first();
  }

  async toCover(): Promise<void> {
    await this.press(en.findings.next);
    await this.picture().waitFor();
  }

  /** A place on the picture, in parts of its width and height. */
  async spot(x: number, y: number): Promise<Spot> {
    const box = await this.picture().boundingBox();
    check(box, "the picture is not shown");
    return { x: box.x + box.width * x, y: box.y + box.height * y };
  }

  async drag(from: Spot, to: Spot): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 3 });
    await mouse.move(to.x, to.y, { steps: 3 });
    await mouse.up();
  }

  async touchDrag(from: Spot, to: Spot): Promise<void> {
    const client = await this.page.context().newCDPSession(this.page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...touchPoints: Spot[]) =>
      client.send("Input.dispatchTouchEvent", { type, touchPoints });
    await touch("touchStart", from);
    for (let step = 1; step <= 4; step++) {
      await touch("touchMove", { x: from.x + ((to.x - from.x) * step) / 4, y: from.y + ((to.y - from.y) * step) / 4 });
    }
    await touch("touchEnd");
    await client.detach();
  }

  /** Waits until `count` areas are covered in what is shown. */
  async covered(count: number): Promise<void> {
    const form = count === 1 ? en.cover.areas.one : en.cover.areas.other;
    await this.page.getByText(form.replace("{n}", String(count)), { exact: true }).first().waitFor();
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.page.getByText(en.cover.applying).first().waitFor({ state: "hidden" });
  }

  async coverBox(by: "mouse" | "touch" = "mouse", style: string = en.cover.fill): Promise<void> {
    await this.choose(en.cover.box);
    await this.choose(style);
    const [from, to] = [await this.spot(0.3, 0.3), await this.spot(0.55, 0.6)];
    if (by === "touch") await this.touchDrag(from, to);
    else await this.drag(from, to);
    await this.covered(1);
  }

  /** Goes to Save and makes the copies; answers once with "save as it is" where nothing is covered. */
  async save(): Promise<Copy> {
    await this.toSave();
    return this.pressSave();
  }

  async toSave(): Promise<void> {
    await this.page.locator("button:enabled", { hasText: WAY_ON }).first().click();
  }

  async pressSave(): Promise<Copy> {
    const coming = this.page.waitForEvent("download");
    await this.press(en.save.button);
    const ask = this.control(en.save.askSave);
    const done = this.heading(en.done.heading);
    await ask.or(done).first().waitFor();
    if (await ask.isVisible()) await ask.click();
    await done.waitFor();
    return this.keep(await coming);
  }

  /** Makes the copies of several files; none is handed over yet. */
  async pressSaveAll(): Promise<void> {
    await this.page.getByRole("button", { name: said(en.save.buttonMany) }).first().click();
    const ask = this.control(en.save.askSave);
    const done = this.heading(en.done.headingMany);
    await ask.or(done).first().waitFor();
    if (await ask.isVisible()) await ask.click();
    await done.waitFor();
  }

  async keep(download: Download): Promise<Copy> {
    const name = download.suggestedFilename();
    const path = fresh(`saved-${basename(name)}`);
    await download.saveAs(path);
    return { path, name, bytes: readFileSync(path) };
  }

  /** The regions that the core was given last. */
  async lastRegions(): Promise<unknown> {
    return this.page.evaluate(() => {
      const find = (value: unknown): unknown => {
        if (typeof value === "string" && value.startsWith("{")) return find(JSON.parse(value));
        if (value === null || typeof value !== "object" || value instanceof Blob || ArrayBuffer.isView(value)) return undefined;
        if ("version" in value && "regions" in value) return value;
        for (const inner of Object.values(value)) {
          const found = find(inner);
          if (found !== undefined) return found;
        }
        return undefined;
      };
      return window.oilskinTest.edits.map(find).filter((found) => found !== undefined).at(-1) ?? null;
    });
  }
}

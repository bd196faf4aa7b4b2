// SPDX-License-Identifier: GPL-3.0-or-later
// Open, cover, save in browsers that speak only WebDriver: the same names, found by a script in the page.
import { en } from "../../../../web/app/words/en.ts";
import { check } from "./tap.ts";

export interface Point {
  x: number;
  y: number;
}

/** What a browser of any make can do for us. */
export interface Driver {
  /** Evaluates an expression in the page; the value has to be plain. */
  evaluate(expression: string): Promise<unknown>;
  click(at: Point): Promise<void>;
  drag(from: Point, to: Point): Promise<void>;
  /** Gives the page's first file input a file. */
  give(path: string): Promise<void>;
}

const STEP_LIMIT_MS = 90_000;
const LOOK_EVERY_MS = 150;

/** The middle of what can be pressed under a name, scrolled into view; null while there is none. */
const PLACE = `((name) => {
  const named = (node) => (node.getAttribute("aria-label") ?? (node.labels?.[0] ?? node).textContent ?? "").trim().replace(/\\s+/g, " ");
  for (const node of document.querySelectorAll("button, [role=button], [role=radio], [role=checkbox], [role=switch], a[href], input, summary")) {
    if (named(node) !== name || node.disabled) continue;
    const target = node.labels?.[0] ?? node;
    target.scrollIntoView({ block: "center", behavior: "instant" });
    const box = target.getBoundingClientRect();
    if (box.width > 0) return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }
  return null;
})`;

const isPoint = (value: unknown): value is Point =>
  typeof value === "object" && value !== null && "x" in value && typeof value.x === "number" && "y" in value && typeof value.y === "number";

export class PlainStudio {
  private readonly driver: Driver;

  constructor(driver: Driver) {
    this.driver = driver;
  }

  async until<T>(what: string, look: () => Promise<T | null | false>): Promise<T> {
    const end = Date.now() + STEP_LIMIT_MS;
    for (;;) {
      const found = await look();
      if (found !== null && found !== false) return found;
      if (Date.now() > end) {
        const text = await this.driver.evaluate("document.body.innerText");
        check(false, `${what} did not come; the page says: ${String(text).slice(0, 800)}`);
      }
      await new Promise((settle) => setTimeout(settle, LOOK_EVERY_MS));
    }
  }

  async shows(text: string): Promise<boolean> {
    return (await this.driver.evaluate(`document.body.innerText.includes(${JSON.stringify(text)})`)) === true;
  }

  async waitFor(text: string): Promise<void> {
    await this.until(`"${text}"`, () => this.shows(text));
  }

  async press(name: string): Promise<void> {
    const at = await this.until(`the control "${name}"`, async () => {
      const place = await this.driver.evaluate(`${PLACE}(${JSON.stringify(name)})`);
      return isPoint(place) ? place : null;
    });
    await this.driver.click(at);
  }

  /** A place on the picture, in parts of its width and height. */
  private async spot(x: number, y: number): Promise<Point> {
    return this.until("the picture", async () => {
      const place = await this.driver.evaluate(`((x, y) => {
        const picture = document.querySelector("[role=application] img");
        if (!picture || !picture.complete) return null;
        picture.scrollIntoView({ block: "center", behavior: "instant" });
        const box = picture.getBoundingClientRect();
        return box.width > 0 ? { x: box.x + box.width * x, y: box.y + box.height * y } : null;
      })(${x}, ${y})`);
      return isPoint(place) ? place : null;
    });
  }

  /** Opens a picture, covers a box with a colour, presses Save; the copy is then in the browser's hands. */
  async openCoverSave(path: string): Promise<void> {
    await this.waitFor(en.open.heading);
    await this.driver.give(path);
    await this.press(en.findings.next);
    await this.press(en.cover.box);
    await this.press(en.cover.fill);
    await this.driver.drag(await this.spot(0.3, 0.3), await this.spot(0.55, 0.6));
    await this.waitFor(en.cover.areas.one.replace("{n}", "1"));
    await this.until("the covered picture", async () => !(await this.shows(en.cover.applying)));
    await this.press(en.cover.next);
    await this.press(en.save.button);
    await this.waitFor(en.done.heading);
  }

  /** The regions that the core was given last (rig/page_hooks.ts notes its jobs). */
  async lastRegions(): Promise<unknown> {
    const text = await this.driver.evaluate(`(() => {
      const find = (value) => {
        if (typeof value === "string" && value.startsWith("{")) return find(JSON.parse(value));
        if (value === null || typeof value !== "object" || value instanceof Blob || ArrayBuffer.isView(value)) return undefined;
        if ("version" in value && "regions" in value) return value;
        for (const inner of Object.values(value)) {
          const found = find(inner);
          if (found !== undefined) return found;
        }
        return undefined;
      };
      return JSON.stringify(window.oilskinTest.edits.map(find).filter((found) => found !== undefined).at(-1) ?? null);
    })()`);
    return JSON.parse(String(text));
  }
}

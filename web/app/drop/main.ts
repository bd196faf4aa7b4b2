// SPDX-License-Identifier: GPL-3.0-or-later
// What the drop's page gains from a script: hidden data is taken out on the device, uploads go on after a break, progress is
// shown. Without it everything works, too. Nothing is stored on the device.
import { loadDrop } from "../words/drop/catalogue.ts";
import { languageOf, type Tag } from "../words/languages.ts";
import { count, fill, size } from "../words/speak.ts";
import { Item, type Kind, type Parcel } from "./item.ts";
import { showReceived } from "./received.ts";
import { offerResume } from "./resume.ts";
import { drawHex, element, type Say } from "./say.ts";
import { type Letter, sendAll } from "./sending.ts";
import type { How } from "./tus.ts";
import { type Limits, whyNot } from "./why.ts";

class Page {
  readonly #say: Say;
  readonly #form: HTMLFormElement;
  readonly #files: HTMLInputElement;
  readonly #live: HTMLElement;
  readonly #list = element("ul", "files-list");
  #items: Item[] = [];
  #isSending = false;
  /** Tells a letter that is sent again from one with the same words. */
  readonly #once = drawHex(16);

  constructor(form: HTMLFormElement, say: Say) {
    this.#form = form;
    this.#say = say;
    this.#files = form.querySelector<HTMLInputElement>("#files") as HTMLInputElement;
    this.#live = form.querySelector("#live") as HTMLElement;
    form.querySelector("#files-list")?.append(this.#list);
    this.#files.addEventListener("change", () => this.#take());
    form.addEventListener("change", (event) => {
      if ((event.target as HTMLInputElement).name === "kind") {
        this.#items.forEach((item) => this.#use(item));
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.#isSending) {
        event.preventDefault();
      }
    });
    /* The server's sentence is not true of files that were scrubbed here; where that fails it is said again. */
    const travels = form.querySelector("#travels");
    if (travels !== null) {
      travels.textContent = say.words.live.ready;
    }
    form.dataset["script"] = "yes";
  }

  get #kind(): Kind {
    return this.#form.querySelector<HTMLInputElement>("input[name=kind]:checked")?.value === "original" ? "original" : "scrub";
  }

  get #limits(): Limits {
    return { file: Number(this.#form.dataset["fileMax"]), submission: Number(this.#form.dataset["submissionMax"]) };
  }

  #text(name: string): string {
    return (this.#form.elements.namedItem(name) as HTMLInputElement | null)?.value ?? "";
  }

  #use(item: Item): void {
    item.use(this.#kind, () => this.#items.indexOf(item) + 1, (note) => this.#note(note));
  }

  #note(note: string): void {
    const message = this.#form.querySelector<HTMLTextAreaElement>("#message");
    if (message !== null) {
      message.value = message.value.trimEnd() + (message.value.trim() === "" ? "" : "\n\n") + note;
    }
  }

  #take(): void {
    const { form, live, problem } = this.#say.words;
    const most = this.#limits.file;
    /* Where large files wait. */
    const small = Number(this.#form.dataset["smallMax"] ?? Infinity);
    this.#tell("");
    for (const file of this.#files.files ?? []) {
      if (file.size > most) {
        const why = fill(live.tooLong, { size: size(most, this.#say.locale) }, this.#say.locale);
        this.#tell(`${file.name}: ${fill(live.refused, { why }, this.#say.locale)}`);
      } else if (file.size > small) {
        this.#tell(`${file.name}: ${fill(form.largePaused, { small_max: size(small, this.#say.locale) }, this.#say.locale)}`);
      } else if (this.#items.length >= Number(this.#form.dataset["filesMax"])) {
        this.#tell(fill(problem.tooMany, { files_max: this.#items.length }, this.#say.locale));
      } else if (file.size > 0) {
        const item = new Item(file, this.#say, (gone) => (this.#items = this.#items.filter((each) => each !== gone)));
        this.#items.push(item);
        this.#list.append(item.row);
        this.#use(item);
      }
    }
    /* Chosen again, it is taken again. */
    this.#files.value = "";
  }

  #tell(text: string): void {
    this.#live.textContent = text;
  }

  #lock(isLocked: boolean): void {
    this.#isSending = isLocked;
    for (const field of this.#form.querySelectorAll<HTMLInputElement>("input, textarea, select, button.first")) {
      field.disabled = isLocked;
    }
    this.#items.forEach((item) => (isLocked ? item.lock() : item.unlock()));
  }

  async #parcels(): Promise<{ item: Item; parcel: Parcel }[] | null> {
    const parcels: { item: Item; parcel: Parcel }[] = [];
    for (const item of this.#items) {
      const parcel = await item.parcel();
      if (parcel === null) {
        this.#tell(this.#say.words.live.cant);
        item.focus();
        return null;
      }
      parcels.push({ item, parcel });
    }
    return parcels;
  }

  async #send(): Promise<void> {
    const { live, problem } = this.#say.words;
    const letter: Letter = {
      receipt: this.#text("receipt"),
      message: this.#text("message").trim(),
      place: this.#text("place").trim(),
      time: this.#text("time").trim(),
      category: this.#text("category"),
      once: this.#once,
    };
    if (this.#isSending) {
      return;
    }
    if (letter.message === "" && this.#items.length === 0) {
      this.#tell(problem.empty);
      return;
    }
    this.#tell(this.#items.length === 0 ? live.storing : live.waits);
    const parcels = await this.#parcels();
    if (parcels === null || this.#isSending) {
      return;
    }
    const { submission } = this.#limits;
    if (parcels.reduce((sum, { parcel }) => sum + parcel.blob.size, 0) > submission) {
      const text = fill(problem.tooLong, { submission_max: size(submission, this.#say.locale) }, this.#say.locale);
      this.#tell(`${text} ${problem.nextShorter}`);
      return;
    }
    this.#lock(true);
    const how: How = {
      signal: new AbortController().signal,
      onProgress: () => this.#tell(live.storing),
      onOffline: (isOffline) => isOffline && this.#tell(live.offline),
      onBusy: () => this.#tell(this.#say.words.waiting.heading),
    };
    try {
      const outcomes = await sendAll(parcels, letter, this.#say, how);
      this.#isSending = false;
      showReceived(outcomes, letter.receipt, this.#say);
    } catch (error) {
      this.#lock(false);
      this.#tell(whyNot(error, this.#limits, this.#say));
    }
  }

  /** Another receipt, from paper: what was begun with it goes on. */
  resume(words: string, begun: number, isReceived: boolean): void {
    const { live } = this.#say.words;
    (this.#form.elements.namedItem("receipt") as HTMLInputElement).value = words;
    const shown = document.querySelectorAll(".words li");
    words.split(" ").forEach((word, i) => {
      const place = shown[i];
      if (place !== undefined) {
        place.textContent = word;
      }
    });
    this.#tell("");
    this.#form.querySelector("#resume-note")?.remove();
    const text = isReceived ? live.alreadyReceived : begun === 0 ? live.resumedNone : count(live.resumed, begun, this.#say.locale);
    const note = element("p", "note", text);
    note.id = "resume-note";
    this.#form.querySelector(".field-files")?.prepend(note);
    if (begun > 0) {
      this.#files.focus();
    }
  }
}

async function start(form: HTMLFormElement): Promise<void> {
  const tag = languageOf(document.documentElement.dataset["tag"] ?? "en").tag as Tag;
  const locale = navigator.languages.find((each) => each.toLowerCase().startsWith(tag)) ?? document.documentElement.lang;
  const say: Say = { words: await loadDrop(tag), locale };
  const page = new Page(form, say);
  offerResume(say, (words, begun, isReceived) => page.resume(words, begun, isReceived));
}

const form = document.querySelector<HTMLFormElement>("form#form");
if (form !== null) {
  void start(form);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// One chosen file: what the device makes of it, and its place in the list.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { valueOf } from "../words/findings/value.ts";
import { count, fill, percent, size } from "../words/speak.ts";
import { type Copy, scrubOnDevice } from "./device.ts";
import { button, element, type Say } from "./say.ts";
import { seal } from "./sealed.ts";
import { tookOf, type Took } from "./took.ts";

/** Of values that are no dates; none of these is asked for here. */
const NO_WORDS = { sized: "", values: { one: "", other: "" } };

export type Kind = "scrub" | "original";

/** What is sent of a file. */
export interface Parcel {
  readonly blob: Blob;
  readonly kind: Kind;
  readonly fingerprint: string;
  /** False for what the server has to look into. */
  readonly mayBeSealed: boolean;
  readonly isSealed: boolean;
}

const SAMPLE_BYTES = 64 * 1024;
const SAMPLES = 32;

/** Tells a file from others by its length and samples of it: whole videos are not read twice for that. */
async function fingerprintOf(file: Blob): Promise<string> {
  const hash = sha256.create();
  hash.update(new TextEncoder().encode(`oilskin original ${file.size}`));
  for (let i = 0; i <= SAMPLES; i++) {
    const at = Math.floor(((file.size - SAMPLE_BYTES) * i) / SAMPLES);
    hash.update(new Uint8Array(await file.slice(Math.max(0, at), Math.max(0, at) + SAMPLE_BYTES).arrayBuffer()));
  }
  return bytesToHex(hash.digest());
}

export class Item {
  readonly file: File;
  readonly row: HTMLElement;
  readonly #say: Say;
  readonly #state = element("p", "state");
  readonly #more = element("div", "more");
  readonly #progress = document.createElement("progress");
  readonly #remove: HTMLButtonElement;
  readonly #stop = new AbortController();
  #copy: Promise<Copy | null> | null = null;
  #kind: Kind = "scrub";
  /** The device can't, and the sender said that the server may. */
  #isAllowed = false;
  #asked = false;
  /** Kept, so that a second attempt sends the same bytes. */
  #sealed: { readonly of: Blob; readonly parcel: Parcel } | null = null;

  constructor(file: File, say: Say, onRemove: (item: Item) => void) {
    this.file = file;
    this.#say = say;
    this.#remove = button(say.words.live.remove, "button small", () => {
      this.#stop.abort();
      this.row.remove();
      onRemove(this);
    });
    const name = element("strong", "", file.name);
    name.dir = "auto";
    this.#remove.setAttribute("aria-label", `${say.words.live.remove}: ${file.name}`);
    const head = element("div", "item-head");
    const told = element("p", "");
    told.append(name, ` · ${size(file.size, say.locale)}`);
    head.append(told, this.#remove);
    this.#state.setAttribute("role", "status");
    this.#progress.hidden = true;
    this.#progress.max = Math.max(1, file.size);
    this.#progress.setAttribute("aria-label", file.name);
    this.row = element("li", "item");
    this.row.append(head, this.#state, this.#progress, this.#more);
  }

  say(text: string): void {
    this.#state.textContent = text;
  }

  /** The sender chose how files are handed on. */
  use(kind: Kind, number: () => number, tell: (note: string) => void): void {
    this.#kind = kind;
    if (kind === "original") {
      this.#more.replaceChildren();
      this.say(this.#say.words.live.asIs);
      return;
    }
    this.#copy ??= scrubOnDevice(this.file, this.#stop.signal).catch(() => null);
    this.say(this.#say.words.live.cleaning);
    void this.#copy.then((copy) => {
      if (this.#kind === "scrub" && !this.#stop.signal.aborted) {
        this.#show(copy, number, tell);
      }
    });
  }

  #show(copy: Copy | null, number: () => number, tell: (note: string) => void): void {
    const { live, form } = this.#say.words;
    if (copy === null) {
      this.say(live.cant);
      const travels = element("p", "note", form.travels);
      const allow = button(live.sendAsIs, "button", () => {
        this.#isAllowed = true;
        allow.remove();
        this.say(live.waits);
      });
      this.#more.replaceChildren(travels, allow);
      return;
    }
    const found = copy.findings.length;
    this.say(found === 0 ? live.cleanedNone : count(live.cleaned, found, this.#say.locale));
    this.#question(tookOf(copy.findings), number, tell);
  }

  /** Evidence moves into the message by the sender's choice, or is gone. */
  #question(took: Took, number: () => number, tell: (note: string) => void): void {
    if (this.#asked || (took.when === null && took.where === null)) {
      return;
    }
    this.#asked = true;
    const { live } = this.#say.words;
    const form = took.when === null ? "Where" : took.where === null ? "When" : "Both";
    const values = {
      when: took.when === null ? "" : valueOf(took.when, this.#say.locale, NO_WORDS),
      where: took.where ?? "",
    };
    const question = element("div", "question");
    const ask = element("p", "", fill(live[`took${form}`], values, this.#say.locale));
    const yes = button(live.include, "button", () => {
      tell(fill(live[`note${form}`], { ...values, number: number() }, this.#say.locale));
      question.replaceChildren(element("p", "quiet", live.included));
    });
    const no = button(live.leaveOut, "button", () => question.remove());
    const choice = element("div", "choice");
    choice.append(yes, no);
    question.append(ask, choice);
    this.#more.replaceChildren(question);
  }

  /** null: the sender has to decide first. */
  async parcel(): Promise<Parcel | null> {
    if (this.#kind === "original") {
      const fingerprint = await fingerprintOf(this.file);
      return { blob: this.file, kind: "original", fingerprint, mayBeSealed: true, isSealed: false };
    }
    const copy = await (this.#copy ?? Promise.resolve(null));
    if (copy !== null) {
      return { blob: copy.blob, kind: "scrub", fingerprint: copy.sha256, mayBeSealed: true, isSealed: false };
    }
    if (!this.#isAllowed) {
      return null;
    }
    const fingerprint = await fingerprintOf(this.file);
    return { blob: this.file, kind: "scrub", fingerprint, mayBeSealed: false, isSealed: false };
  }

  /** What leaves the device: sealed to `readers`, where there are any and the server need not look into it. */
  async handOver(parcel: Parcel, readers: readonly string[] | null, signal: AbortSignal): Promise<Parcel> {
    if (readers === null || !parcel.mayBeSealed) {
      return parcel;
    }
    if (this.#sealed?.of !== parcel.blob) {
      this.say(this.#say.words.live.sealing);
      this.#sealed = { of: parcel.blob, parcel: await seal(parcel, readers, signal) };
    }
    return this.#sealed.parcel;
  }

  lock(): void {
    this.#remove.hidden = true;
    this.#more.replaceChildren();
  }

  unlock(): void {
    this.#remove.hidden = false;
    this.#progress.hidden = true;
  }

  progress(sent: number, total: number): void {
    this.#progress.hidden = false;
    this.#progress.max = Math.max(1, total);
    this.#progress.value = sent;
    this.say(fill(this.#say.words.live.sending, { percent: percent(total === 0 ? 1 : sent / total, this.#say.locale) }, this.#say.locale));
  }

  focus(): void {
    this.row.querySelector<HTMLElement>(".more button")?.focus();
  }
}

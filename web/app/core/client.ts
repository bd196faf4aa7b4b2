/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core, as the page uses it: each job in a worker of its own, which is ended when it is done. */
import coreScript from "@wasm/core.js?url";
import coreModule from "@wasm/core.wasm?url";
import pixelsScript from "@wasm/pixels.js?url";
import pixelsModule from "@wasm/pixels.wasm?url";
import { faultOf } from "./answer.ts";
import { decodeHeic } from "./heic.ts";
import type { JobMessage, WorkerMessage } from "./message.ts";
import { inOneWorker } from "./one_worker.ts";
import { Programs } from "./programs.ts";
import type { Request } from "./request.ts";
import { guess, HEAD_BYTES, type ModuleName } from "./route.ts";
import { type Core, CoreError, type Edit, type Fault, type Inspected, type Progress, type Saved } from "./types.ts";
import workerUrl from "./worker.ts?worker&url";

type Ended = Extract<WorkerMessage, { kind: "done" }>;

const NOT_LOADED = faultOf("io", "the core could not be loaded", "connect to the network once, then try it again");
const STOPPED = faultOf("no-memory", "the browser stopped the work", "close other pages, then try it again");

/** When the page is drawn and waits for the person. */
function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === "function") {
    requestIdleCallback(work);
  } else {
    setTimeout(work, 1000);
  }
}

function converse(job: JobMessage, how: Progress): Promise<Ended> {
  return inOneWorker<WorkerMessage, Ended>({
    url: workerUrl,
    name: "oilskin-core",
    job,
    signal: how.signal,
    take: (told) => {
      if (told.kind === "progress") {
        how.onProgress?.(told.done, told.total);
        return undefined;
      }
      return told;
    },
    failure: (ran) => new CoreError(ran ? STOPPED : NOT_LOADED),
  });
}

function savedOf({ answer, blob, sha256 }: Ended): Saved {
  if (answer.fault !== null || blob === null) {
    throw new CoreError(answer.fault ?? faultOf("bug", "the core wrote nothing"));
  }
  const { format, mediaType, extension, areas, areaCount, cells, changes, findings } = answer;
  return { blob, format: format ?? "", mediaType, extension, sha256, areas, areaCount, cells, changes, findings };
}

/** Turning, resizing and fresh files need every pixel of a JPEG. */
function isWhole(edit: Edit): boolean {
  return edit.turn !== 0 || edit.mirror || edit.resize !== 0 || edit.flatten;
}

class PageCore implements Core {
  #programs = new Programs<ModuleName>({
    core: { module: coreModule, script: coreScript },
    pixels: { module: pixelsModule, script: pixelsScript },
  });

  constructor() {
    /* It is there before the first file is; what fails now is tried again with a file. */
    whenIdle(() => void this.#programs.get("core").catch(() => undefined));
  }

  get mode(): "wasm" | "js" {
    return this.#programs.mode;
  }

  async #run(name: ModuleName, file: Blob, request: Request, how: Progress = {}): Promise<Ended> {
    const program = await this.#programs.get(name).catch((): never => {
      throw new CoreError(NOT_LOADED);
    });
    return converse({ file, request, ...program }, how);
  }

  async #guess(file: Blob) {
    return guess(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  }

  async inspect(file: Blob, how?: Progress): Promise<Inspected> {
    const name = (await this.#guess(file)) === "pixels" ? "pixels" : "core";
    const { answer } = await this.#run(name, file, { op: "inspect" }, how);
    const { format, mediaType, extension, video, findings, cut, fault, picture } = answer;
    return { format, mediaType, extension, video, findings, cut, fault, picture };
  }

  async scrub(file: Blob, options: Parameters<Core["scrub"]>[1], how?: Progress): Promise<Saved> {
    return savedOf(await this.#run("core", file, { op: "scrub", ...options }, how));
  }

  async edit(file: Blob, edit: Edit, how?: Progress): Promise<Saved> {
    const kind = await this.#guess(file);
    if (kind === "heic") {
      return this.#editHeic(file, edit, how);
    }
    if (edit.flatten && (edit.regions !== null || edit.crop !== null || edit.turn !== 0 || edit.mirror)) {
      return this.#editFresh(file, edit, [], how);
    }
    const { regions, ...rest } = edit;
    const request: Request = { op: "edit", ...rest, regions: regions === null ? null : JSON.stringify(regions) };
    const name = kind === "jpeg" && !isWhole(edit) ? "core" : "pixels";
    return savedOf(await this.#run(name, file, request, how));
  }

  /** Decodes what a scrub has made; what can't be scrubbed, only where a fresh file was asked for. */
  async #editHeic(file: Blob, edit: Edit, how?: Progress): Promise<Saved> {
    const clean = await this.scrub(file, { dropAudio: false, icc: "rebuild" }, how).catch((error: unknown) => {
      if (edit.flatten && error instanceof CoreError) {
        return null;
      }
      throw error;
    });
    const decoded = await decodeHeic(clean?.blob ?? file, this.mode === "wasm", how);
    const fresh: Edit = { ...edit, flatten: true, outputFormat: edit.outputFormat ?? decoded.suits };
    const saved = await this.#editFresh(decoded.picture, fresh, ["converted"], how);
    return { ...saved, findings: clean?.findings ?? [] };
  }

  /** A fresh file first; what is asked of it is asked of that. */
  async #editFresh(file: Blob, edit: Edit, changes: string[], how?: Progress): Promise<Saved> {
    const request: Request = { op: "edit", flatten: true, outputFormat: edit.outputFormat };
    const fresh = savedOf(await this.#run("pixels", file, request, how));
    const said = [...changes, ...fresh.changes];
    const asksMore = edit.regions !== null || edit.crop !== null || edit.turn !== 0 || edit.mirror || edit.resize !== 0;
    if (!asksMore) {
      return { ...fresh, changes: said };
    }
    const saved = await this.edit(fresh.blob, { ...edit, flatten: false, outputFormat: null }, how);
    return { ...saved, findings: fresh.findings, changes: [...new Set([...said, ...saved.changes])] };
  }

  async verify(file: Blob): Promise<Fault | null> {
    const { answer } = await this.#run("core", file, { op: "verify" });
    return answer.fault;
  }
}

export function openCore(): Core {
  return new PageCore();
}

export { CoreError } from "./types.ts";

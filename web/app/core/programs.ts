/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modules: fetched when the first job needs them, compiled once, shared by all workers. */
import coreScript from "@wasm/core.js?url";
import coreModule from "@wasm/core.wasm?url";
import pixelsScript from "@wasm/pixels.js?url";
import pixelsModule from "@wasm/pixels.wasm?url";
import { hasWebAssembly } from "./has_wasm.ts";
import type { ModuleName } from "./route.ts";

export type Mode = "wasm" | "js";

const MODULES: Record<ModuleName, string> = { core: coreModule, pixels: pixelsModule };
const SCRIPTS: Record<ModuleName, string> = { core: coreScript, pixels: pixelsScript };

async function compile(name: ModuleName): Promise<WebAssembly.Module> {
  const answer = await fetch(MODULES[name], { credentials: "omit" });
  if (!answer.ok) {
    throw new Error(`the core could not be loaded (${answer.status})`);
  }
  /* Not streamed: that fails where a host sends another media type. */
  return WebAssembly.compile(await answer.arrayBuffer());
}

export class Programs {
  #mode: Mode = hasWebAssembly() ? "wasm" : "js";
  #compiled = new Map<ModuleName, Promise<WebAssembly.Module>>();

  get mode(): Mode {
    return this.#mode;
  }

  /** What a worker is given. */
  async get(name: ModuleName): Promise<{ module: WebAssembly.Module | null; script: string }> {
    const script = new URL(SCRIPTS[name], location.href).href;
    if (this.#mode === "js") {
      return { module: null, script };
    }
    let compiled = this.#compiled.get(name);
    if (compiled === undefined) {
      compiled = compile(name);
      this.#compiled.set(name, compiled);
    }
    try {
      return { module: await compiled, script };
    } catch (error) {
      this.#compiled.delete(name);
      if (error instanceof WebAssembly.CompileError) {
        this.#mode = "js";
        return { module: null, script };
      }
      throw error;
    }
  }
}

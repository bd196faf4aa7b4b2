/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modules: fetched when the first job needs them, compiled once, shared by all workers. */
import { hasWebAssembly } from "./has_wasm.ts";

export type Mode = "wasm" | "js";

/** Where a module is, and where the same is as JavaScript. */
export interface Place {
  module: string;
  script: string;
}

async function compile(address: string): Promise<WebAssembly.Module> {
  const answer = await fetch(address, { credentials: "omit" });
  if (!answer.ok) {
    throw new Error(`the core could not be loaded (${answer.status})`);
  }
  /* Not streamed: that fails where a host sends another media type. */
  return WebAssembly.compile(await answer.arrayBuffer());
}

export class Programs<Name extends string> {
  #places: Record<Name, Place>;
  #mode: Mode = hasWebAssembly() ? "wasm" : "js";
  #compiled = new Map<Name, Promise<WebAssembly.Module>>();

  constructor(places: Record<Name, Place>) {
    this.#places = places;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** What a worker is given. */
  async get(name: Name): Promise<{ module: WebAssembly.Module | null; script: string }> {
    const script = new URL(this.#places[name].script, location.href).href;
    if (this.#mode === "js") {
      return { module: null, script };
    }
    let compiled = this.#compiled.get(name);
    if (compiled === undefined) {
      compiled = compile(this.#places[name].module);
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

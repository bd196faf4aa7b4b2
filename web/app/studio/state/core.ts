// SPDX-License-Identifier: GPL-3.0-or-later
// The core that this page works with; main.tsx gives it. A gate keeps the number of jobs at once small: each has an
// instance and memory of its own.
import { signal } from "@preact/signals";
import type { Core } from "../../core/types.ts";

const JOBS_AT_ONCE = 2;

let core: Core | null = null;
let running = 0;
const waiting: (() => void)[] = [];

export const mode = signal<Core["mode"]>("wasm");

export function useCore(made: Core): void {
  core = made;
  mode.value = made.mode;
}

/** Runs `job` when its turn comes; rejects with the signal's reason when that fires before. */
export async function withCore<T>(stop: AbortSignal, job: (core: Core) => Promise<T>): Promise<T> {
  if (running >= JOBS_AT_ONCE) {
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  running++;
  try {
    stop.throwIfAborted();
    if (core === null) {
      throw new Error("a job before there is a core");
    }
    return await job(core);
  } finally {
    // A browser may refuse WebAssembly only when it is tried.
    mode.value = core?.mode ?? mode.value;
    running--;
    waiting.shift()?.();
  }
}

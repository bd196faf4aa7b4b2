/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core, as the page of a sealed link uses it: it reads, and writes nothing. */
import coreScript from "@wasm/core.js?url";
import coreModule from "@wasm/core.wasm?url";
import { faultOf, type Answer } from "../core/answer.ts";
import type { WorkerMessage } from "../core/message.ts";
import { inOneWorker } from "../core/one_worker.ts";
import { Programs } from "../core/programs.ts";
import { type Core, CoreError } from "../core/types.ts";
import workerUrl from "../core/worker.ts?worker&url";

const programs = new Programs({ core: { module: coreModule, script: coreScript } });

/** Fetched before anything is asked for that can be asked for only a few times. */
export async function loadCore(): Promise<void> {
  await programs.get("core");
}

async function ask(file: Blob, op: "inspect" | "verify"): Promise<Answer> {
  const program = await programs.get("core");
  return inOneWorker<WorkerMessage, Answer>({
    url: workerUrl,
    name: "oilskin-core",
    job: { file, request: { op }, ...program },
    signal: undefined,
    take: (told) => (told.kind === "done" ? told.answer : undefined),
    failure: () => new CoreError(faultOf("no-memory", "the browser stopped the work")),
  });
}

export const core: Pick<Core, "inspect" | "verify"> = {
  inspect: (file) => ask(file, "inspect"),
  verify: async (file) => (await ask(file, "verify")).fault,
};

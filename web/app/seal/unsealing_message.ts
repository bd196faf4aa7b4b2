/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page and the worker that holds a reviewer's key say to each other. */
import type { Fault } from "../core/types.ts";
import type { Expected } from "./expected.ts";

/** One sealed file; `plainLen`: what of it is no padding. */
export interface Segment {
  sealed: Blob;
  plainLen?: number | undefined;
}

/** What is asked, and what is answered. */
export interface Asked {
  load: { asks: { file: Blob; passphrase: string }; answer: readonly string[] };
  make: { asks: { passphrase: string }; answer: { recipient: string; file: Uint8Array<ArrayBuffer> } };
  open: { asks: { sealed: Uint8Array }; answer: Uint8Array<ArrayBuffer> };
  openText: { asks: { sealed: Uint8Array }; answer: string };
  openBlob: { asks: { segments: readonly Segment[]; type: string | undefined; expected: Expected | undefined }; answer: Blob };
  openBitmap: {
    asks: { sealed: Blob; type: string | undefined; plainLen: number | undefined; width: number | undefined };
    answer: ImageBitmap;
  };
  rewrap: { asks: { file: Uint8Array; recipients: readonly string[] }; answer: Uint8Array<ArrayBuffer> };
  seal: { asks: { plain: Uint8Array; recipients: readonly string[] }; answer: Uint8Array<ArrayBuffer> };
}

export type Verb = keyof Asked;

/** Compiled already; null: the script is what runs. */
export interface Loaded {
  module: WebAssembly.Module | null;
  script: string;
}

export type Call = { [V in Verb]: { verb: V; id: number; asks: Asked[V]["asks"] } }[Verb];

export type ToWorker =
  | { verb: "begin"; seal: Loaded; unseal: Loaded }
  | Call
  | { verb: "cancel"; id: number }
  | { verb: "forget" };

export type FromWorker =
  | { kind: "progress"; id: number; done: number; total: number }
  | { kind: "done"; id: number; answer: Asked[Verb]["answer"] }
  | { kind: "failed"; id: number; fault: Fault };

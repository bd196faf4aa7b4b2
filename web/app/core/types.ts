/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page asks of the core and what it is told. client.ts keeps it. */
import type { Regions } from "../editor/regions.ts";

/** What a finding gives away, worst first. */
export type Kind = "place" | "time" | "device" | "preview" | "name" | "software" | "other";

export interface Finding {
  kind: Kind;
  /** Of the file: "APP1 Exif". */
  part: string;
  /** A stable machine name: "exif.gps.latitude". */
  field: string;
  /** Plain English words. */
  label: string;
  /** Made printable by the core, "" where there is none. */
  value: string;
  offset: number;
  length: number;
  /** It is not removed; `asked`: because an option asked for that. */
  stays: boolean;
  asked: boolean;
}

export interface Fault {
  /** A status of the core: "truncated", "unsupported", "limit", … */
  status: string;
  part: string;
  what: string;
  offset: number | null;
  /** What the person can do; "" where nothing better than another file is known. */
  next: string;
}

export interface PictureInfo {
  /** As displayed. */
  width: number;
  height: number;
  frames: number;
  /** Regions are rounded outward to cells of this size, as displayed. */
  cellWidth: number;
  cellHeight: number;
  /** Where an edge of cells is, less than their size. */
  gridX: number;
  gridY: number;
  /** Nothing changes outside the cells; else the picture is encoded again. */
  exact: boolean;
  /** Bytes that an edit takes. */
  memory: number;
}

export interface Inspected {
  /** A name of the format registry; null where no format fits. */
  format: string | null;
  mediaType: string;
  /** For the name of a copy, without the dot. */
  extension: string;
  video: boolean;
  findings: Finding[];
  /** There are more findings than were listed. */
  cut: boolean;
  /** Why it can't be scrubbed as it is. */
  fault: Fault | null;
  /** null for videos, and where the picture can't be decoded here. */
  picture: PictureInfo | null;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Places and sizes are as displayed before turning. */
export interface Edit {
  regions: Regions | null;
  crop: Box | null;
  /** Clockwise. */
  turn: 0 | 90 | 180 | 270;
  /** Left and right change places, after turning. */
  mirror: boolean;
  /** The longest side becomes at most this long; 0: no. */
  resize: number;
  /** Decode and write a fresh file: for pictures that can't be scrubbed as they are. */
  flatten: boolean;
  /** Of what is written fresh; null: the one that fits. */
  outputFormat: "jpeg" | "png" | null;
}

export interface Saved {
  blob: Blob;
  format: string;
  mediaType: string;
  extension: string;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** What was covered, as displayed before crop and turn; `areaCount` counts those not listed too. */
  areas: Box[];
  areaCount: number;
  cells: number;
  /** Stable names of what changed besides what was asked: "encoded_again", "turned", "first_frame",
   *  "colors", "alpha", "cut", "beside", "converted". */
  changes: string[];
  /** What the original revealed, and what stays. */
  findings: Finding[];
}

export interface Progress {
  onProgress?(done: number, total: number): void;
  signal?: AbortSignal;
}

export interface ScrubOptions {
  dropAudio: boolean;
  icc: "rebuild" | "drop" | "keep";
}

export interface Core {
  inspect(file: Blob, how?: Progress): Promise<Inspected>;
  scrub(file: Blob, options: ScrubOptions, how?: Progress): Promise<Saved>;
  edit(file: Blob, edit: Edit, how?: Progress): Promise<Saved>;
  /** null: nothing hidden left that the core knows how to name. */
  verify(file: Blob): Promise<Fault | null>;
  readonly mode: "wasm" | "js";
}

/** What every failed job rejects with; a cancelled one rejects with the signal's reason. */
export class CoreError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.what);
    this.name = "CoreError";
    this.fault = fault;
  }
}

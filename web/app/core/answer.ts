/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON "oilskin/wasm/1" that an instance answers with. */
import type { Box, Fault, Inspected } from "./types.ts";

export interface Answer extends Inspected {
  schema: "oilskin/wasm/1";
  areaCount: number;
  cells: number;
  areas: Box[];
  changes: string[];
  centibel: number;
}

export function readAnswer(bytes: Uint8Array): Answer {
  const answer = JSON.parse(new TextDecoder().decode(bytes)) as Answer;
  if (answer.schema !== "oilskin/wasm/1") {
    throw new TypeError("the core and the page are of different versions");
  }
  return answer;
}

export function faultOf(status: string, what: string, next = ""): Fault {
  return { status, part: "", what, offset: null, next };
}

/** An answer that holds nothing but why. */
export function failedAnswer(fault: Fault): Answer {
  return {
    schema: "oilskin/wasm/1",
    format: null,
    mediaType: "",
    extension: "",
    video: false,
    findings: [],
    cut: false,
    fault,
    picture: null,
    areaCount: 0,
    cells: 0,
    areas: [],
    changes: [],
    centibel: 0,
  };
}

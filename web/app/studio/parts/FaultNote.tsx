// SPDX-License-Identifier: GPL-3.0-or-later
// Why something can't be done, what to do next, and the core's own words for those who want them.
import type { Fault } from "../../core/types.ts";
import { say, words } from "../speech.ts";
import { Icon } from "./icons.tsx";

type Texts = ReturnType<typeof words>["faults"];

/** It is the page's own program that could not be fetched, not the person's file. */
function isLoading(fault: Fault): boolean {
  return fault.what.startsWith("the core");
}

/** @param known false: no format fits. */
function whatOf(fault: Fault, texts: Texts, known: boolean): string {
  switch (fault.status) {
    case "truncated":
      return texts.truncated;
    case "malformed":
      return texts.malformed;
    case "unsupported":
      return known ? texts.unsupported : texts.unknown;
    case "limit":
      return texts.limit;
    case "no-memory":
      return texts.no_memory;
    case "io":
      return isLoading(fault) ? texts.start : texts.io;
    default:
      return texts.bug;
  }
}

function nextOf(fault: Fault, texts: Texts, known: boolean, video: boolean): string {
  switch (fault.status) {
    case "truncated":
      return texts.nextTruncated;
    case "malformed":
      return video ? texts.nextMalformedVideo : texts.nextMalformed;
    case "unsupported":
      return !known ? texts.nextUnknown : video ? texts.nextMalformedVideo : texts.nextUnsupported;
    case "limit":
      return texts.nextLimit;
    case "no-memory":
      return texts.nextMemory;
    case "io":
      return isLoading(fault) ? texts.nextBug : texts.nextIo;
    default:
      return texts.nextBug;
  }
}

interface Props {
  fault: Fault;
  heading: string;
  known: boolean;
  video: boolean;
}

export function FaultNote({ fault, heading, known, video }: Props) {
  const { faults, findings } = words();
  return (
    <div class="fault" role="alert">
      <h3>
        <Icon name="warning" />
        {heading}
      </h3>
      <p>{whatOf(fault, faults, known)}</p>
      <p>
        <strong>{faults.next}: </strong>
        {nextOf(fault, faults, known, video)}
      </p>
      {fault.what !== "" && (
        <details>
          <summary>{faults.details}</summary>
          <p lang="en" dir="ltr">
            {fault.what}
            {fault.part !== "" && fault.offset !== null && (
              <small> {say(findings.where, { part: fault.part, offset: fault.offset })}</small>
            )}
            {fault.next !== "" && <> · {fault.next}</>}
          </p>
        </details>
      )}
    </div>
  );
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What is inside of sealed words. It was written by strangers: what has another shape than it should counts as not there.
import { fromBase64 } from "../../seal/base64.ts";
import type { Keyring } from "../../seal/unsealing.ts";
import type { RecordRow, Sealed, Space } from "../api/types.ts";

type Loose = Readonly<Record<string, unknown>>;

export interface SentFile {
  readonly number: number;
  /** Of what is sealed, without its padding. */
  readonly len: number | null;
  /** Of its parts, where it came in several: "67108864*3 1234". */
  readonly pieces: string | null;
  readonly sha256: string | null;
  readonly format: string | null;
  readonly mediaType: string | null;
  /** Why it could not be scrubbed. */
  readonly reason: string | null;
}

/** What somebody sent at once. */
export interface Words {
  readonly text: string;
  readonly place: string;
  readonly time: string;
  readonly files: readonly SentFile[];
}

const looseOf = (value: unknown): Loose => (typeof value === "object" && value !== null ? (value as Loose) : {});
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const orNull = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function parse(text: string): Loose {
  try {
    return looseOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Of a manifest ("message") or of a message ("text"). */
export function readWords(json: string): Words {
  const said = parse(json);
  const files = Array.isArray(said["files"]) ? said["files"] : [];
  return {
    text: textOf(said["message"]) || textOf(said["text"]),
    place: textOf(said["place"]),
    time: textOf(said["time"]),
    files: files.map(looseOf).flatMap((file) =>
      typeof file["number"] === "number"
        ? [{
            number: file["number"],
            len: Number.isSafeInteger(file["len"]) && (file["len"] as number) >= 0 ? (file["len"] as number) : null,
            pieces: orNull(file["pieces"]),
            /* It stands in a command that somebody runs. */
            sha256: /^[0-9a-f]{64}$/.exec(textOf(file["sha256"]))?.[0] ?? null,
            format: orNull(file["format"]),
            mediaType: orNull(file["media_type"]),
            reason: orNull(file["reason"]),
          }]
        : [],
    ),
  };
}

/** How long each part of a file is without its padding; null where its manifest does not say so of `count` parts. */
export function pieceLens({ len, pieces }: Pick<SentFile, "len" | "pieces">, count: number): readonly number[] | null {
  if (pieces === null) {
    return len === null || count > 1 ? null : Array.from({ length: count }, () => len);
  }
  const lens: number[] = [];
  for (const run of pieces.split(" ")) {
    const [, each, same = "1"] = /^(\d{1,15})(?:\*(\d{1,6}))?$/.exec(run) ?? [];
    if (each === undefined || lens.length + Number(same) > count) {
      return null;
    }
    lens.push(...Array.from({ length: Number(same) }, () => Number(each)));
  }
  return lens.length === count ? lens : null;
}

/** Whether it is what this page writes there; what another one wrote is not understood, and so not to be written over. */
export const isRecord = (space: Space, json: string): boolean => parse(json)["schema"] === `oilskin/${space}/1`;

export interface Note {
  readonly id: string;
  readonly version: number;
  readonly day: string;
  readonly text: string;
  readonly by: string;
}

export function readNote(row: RecordRow, json: string): Note {
  const said = parse(json);
  return { id: row.id, version: row.version, day: row.day, text: textOf(said["text"]), by: textOf(said["by"]) };
}

export function readTags(json: string): readonly string[] {
  const { tags } = parse(json);
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}

export const readText = (json: string): string => textOf(parse(json)["text"]);
export const readName = (json: string): string => textOf(parse(json)["to"]);

export interface Provenance {
  readonly file: string;
  readonly original: string;
  readonly copy: string;
  readonly areas: number;
}

/** Which original became which copy; null for what says no such thing. */
export function readProvenance(json: string): Provenance | null {
  const said = parse(json);
  const digest = (name: string) => /^[0-9a-f]{64}$/.exec(textOf(said[name]))?.[0];
  const [original, copy, areas] = [digest("original_sha256"), digest("copy_sha256"), said["areas"]];
  return original === undefined || copy === undefined || !Number.isSafeInteger(areas) ? null : { file: textOf(said["file"]), original, copy, areas: areas as number };
}

export const openSealed = (keys: Keyring, sealed: Sealed): Promise<string> => keys.openText(fromBase64(sealed));

// SPDX-License-Identifier: GPL-3.0-or-later
// The audit chain, followed by the page itself: a server that changed it would say that it is whole.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** "oilskin/audit/1" */
export interface AuditEntry {
  readonly number: number;
  readonly before: string;
  readonly day: string;
  readonly who: string | null;
  readonly did: string;
  readonly about: Readonly<Record<string, unknown>>;
}

export const FIRST_BEFORE = "0".repeat(64);

export const digestOfEntry = (text: string): string => bytesToHex(sha256(new TextEncoder().encode(text)));

/** null for a text that is no entry. */
export function readEntry(text: string): AuditEntry | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  const { schema, number, before, day, who, did, about } = (typeof said === "object" && said !== null ? said : {}) as Record<string, unknown>;
  if (schema !== "oilskin/audit/1" || typeof number !== "number" || typeof before !== "string" || typeof did !== "string" || typeof day !== "string") {
    return null;
  }
  return {
    number,
    before,
    day,
    did,
    who: typeof who === "string" ? who : null,
    about: typeof about === "object" && about !== null ? (about as Record<string, unknown>) : {},
  };
}

export interface Chain {
  /** Entries that were followed; their numbers begin with 0. */
  readonly count: number;
  /** Of the last one. */
  readonly digest: string;
  /** The first entry that does not follow from the one before it; null: none. */
  readonly broken: number | null;
}

export const chainStart: Chain = { count: 0, digest: FIRST_BEFORE, broken: null };

/** Goes on behind `from` with entries in their order. It stays where it broke. */
export function follow(from: Chain, texts: readonly string[]): Chain {
  let chain = from;
  for (const text of texts) {
    if (chain.broken !== null) {
      return chain;
    }
    const entry = readEntry(text);
    chain =
      entry === null || entry.number !== chain.count || entry.before !== chain.digest
        ? { ...chain, broken: chain.count }
        : { count: chain.count + 1, digest: digestOfEntry(text), broken: null };
  }
  return chain;
}

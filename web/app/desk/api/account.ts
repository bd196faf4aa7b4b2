// SPDX-License-Identifier: GPL-3.0-or-later
// The API's calls about reviewers themselves, and what was done.
import { get, post } from "./ask.ts";
import type { Day, Me } from "./types.ts";

/** A key for an app; it counts once its code was given. */
export const drawTotp = (passphrase: string): Promise<{ readonly key: string }> => post("/api/totp", { passphrase });
export const keepTotp = (code: string): Promise<Me> => post("/api/totp", { code });

/** For everybody: whether this is a demonstration. */
export const getDemo = (): Promise<{ readonly demo: boolean }> => get("/api/demo");

export interface AuditPage {
  /** Each as it is stored. */
  readonly entries: readonly { readonly text: string }[];
  readonly count: number;
  /** The first entry that is wrong or gone, as the server sees it. */
  readonly broken_at: number | null;
}

/** From entry number `first` on, as many as a page has. */
export const getAudit = (first: number): Promise<AuditPage> => get("/api/audit", first === 0 ? {} : { after: String(first - 1) });

export interface Digest {
  /** The last fortnight, today first. */
  readonly days: readonly { readonly day: Day; readonly submissions: number; readonly files: number; readonly unread: number }[];
  /** Requests of the public that nobody has settled. */
  readonly asked: number;
  /** Copies that wait for a second person. */
  readonly waiting: number;
}

export const getDigest = (): Promise<Digest> => get("/api/digest");

// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk's API says and takes, as docs/desk.md describes it.

/** 32 small hexadecimal digits. */
export type Id = string;
/** "2026-11-23" */
export type Day = string;
/** Base64 of an age file. */
export type Sealed = string;

export type Role = "reviewer" | "publisher" | "admin";

export interface Me {
  readonly id: Id;
  readonly name: string;
  readonly role: Role;
  /** "age1…", of the reviewer's own key. */
  readonly recipient: string;
  readonly totp: boolean;
  readonly token: string;
  /** Whom everything that is written here is sealed to. */
  readonly recipients: readonly { readonly age: string }[];
}

export const views = ["new", "kept", "flagged", "dismissed", "all"] as const;
export type View = (typeof views)[number];

/** Where a file stands; "words": of a submission only its words are left to be read. */
export type Kind = "scrubbed" | "original" | "unscrubbed" | "device" | "words";

export interface Row {
  readonly cluster: Id | null;
  readonly representative: { readonly file: Id | null; readonly submission: Id; readonly number: number };
  readonly count: number;
  readonly submissions: number;
  readonly differences: number;
  readonly first_day: Day;
  readonly last_day: Day;
  readonly category: string | null;
  readonly kind: Kind;
  readonly state: View;
  /** The name of who has taken it. */
  readonly claim: string | null;
  readonly held: boolean;
  readonly has_words: boolean;
}

export type Counts = Readonly<Record<View | "submissions", number>>;

export interface Queue {
  readonly rows: readonly Row[];
  readonly counts: Counts;
  readonly next: string | null;
}

/** What the queue is asked for. */
export interface Asked {
  readonly view?: View;
  readonly category?: string;
  readonly day_first?: Day;
  readonly day_last?: Day;
  readonly claimed?: "me" | "nobody" | "";
  readonly after?: string;
}

export interface Message {
  readonly number: number;
  readonly from_desk: boolean;
  readonly day: Day;
  readonly sealed: Sealed;
}

export interface DeskFile {
  readonly file: Id;
  readonly cluster: Id;
  readonly number: number;
  readonly kind: Kind;
  readonly sealed_len: number;
  readonly segments: number;
  readonly state: View;
  readonly claim: string | null;
}

export interface Submission {
  readonly submission: Id;
  readonly day: Day;
  readonly category: string | null;
  /** "age1…" of the sender's receipt; null: it can't be answered. */
  readonly reply_key: string | null;
  readonly manifest: Sealed;
  readonly held: boolean;
  readonly has_words: boolean;
  readonly messages_in: number;
  readonly claim: string | null;
  readonly files: readonly DeskFile[];
  readonly messages: readonly Message[];
}

export const deeds = ["dismiss", "withdraw-rule", "keep", "flag", "unflag", "hold", "unhold", "seen", "claim", "release"] as const;
export type Deed = (typeof deeds)[number];
export const reasons = ["off-topic", "duplicate", "spam", "illegal", "other"] as const;
export type Reason = (typeof reasons)[number];

export interface Done {
  /** null: nothing was changed, so there is nothing to undo. */
  readonly operation: Id | null;
  readonly changed: number;
  readonly skipped: number;
}

export const whys = ["review", "evidence", "publish", "request"] as const;
export type Why = (typeof whys)[number];

export interface Opening {
  readonly address: string;
  readonly piece_bytes: number;
  readonly segments: readonly { readonly number: number; readonly plain_len: number; readonly sealed_len: number }[];
}

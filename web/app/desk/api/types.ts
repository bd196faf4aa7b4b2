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
  /** Where copies are folded. */
  readonly triage: "server" | "desk";
  /** Whom everything that is written here is sealed to. */
  readonly recipients: readonly { readonly age: string }[];
  /** How what is published is shown; null where nothing is. */
  readonly publish?: Publishes | null;
}

export interface Publishes {
  readonly albums: boolean;
  readonly links: boolean;
  /** Somebody else has to say so, too. */
  readonly second_person: boolean;
  /** Bytes that a copy may have. */
  readonly copy_max: number;
  /** Of the public pages: "https://drop.example"; "" where it is not known. */
  readonly address: string;
}

export const views = ["new", "kept", "flagged", "dismissed", "differences", "all"] as const;
export type View = (typeof views)[number];

/** Where a file stands; "words": of a submission only its words are left to be read. */
export type Kind = "scrubbed" | "original" | "unscrubbed" | "device" | "words";

/** A file, and which one of its submission. */
export interface FileAt {
  readonly file: Id;
  readonly submission: Id;
  readonly number: number;
}

export interface Row {
  readonly cluster: Id | null;
  readonly representative: Omit<FileAt, "file"> & { readonly file: Id | null };
  readonly count: number;
  /** Files that no rule has caught. */
  readonly uncaught: number;
  /** Of the representative's submission, by its sender. */
  readonly messages: number;
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
  /** null: not compared yet. */
  readonly tier: "new" | "different" | null;
  /** The cluster that it is like, where its tier is "different". */
  readonly root: Id | null;
  /** The largest thing in it that its root does not show. */
  readonly box: Box | null;
  /** Whether there is a preview, and of what. */
  readonly looked: boolean;
  readonly media: Media | null;
  /** How many files came since it was decided about. */
  readonly catches: number;
  readonly samples: number;
  /** Why something that was decided about is in view "new" again. */
  readonly why: "sample" | "again" | null;
  /** A copy that shows all of it, and more. */
  readonly better: FileAt | null;
  readonly farthest: Id | null;
}

/** Thousandths of the frame. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Media = "still" | "animation" | "video";

export interface Member {
  readonly file: Id;
  readonly submission: Id;
  readonly number: number;
  /** Of its submission, by its sender. */
  readonly messages: number;
  readonly day: Day;
  readonly category: string | null;
  readonly kind: Kind;
  readonly media: Media | null;
  readonly tier: string;
  readonly sampled: boolean;
  readonly caught: boolean;
  readonly farthest: boolean;
  readonly has_words: boolean;
}

export interface Cluster {
  readonly row: Row;
  readonly members: readonly Member[];
  readonly next: string | null;
}

export type Space = "note" | "tags" | "draft" | "assignment";

/** What a reviewer wrote about a submission. */
export interface RecordRow {
  readonly space: Space;
  readonly owner: Id;
  readonly id: Id;
  readonly version: number;
  readonly day: Day;
  readonly sealed: Sealed;
}

export type Counts = Readonly<Record<View | "submissions", number>>;

export interface Queue {
  readonly rows: readonly Row[];
  readonly counts: Counts;
  /** All that there are submissions in. */
  readonly categories: readonly string[];
  readonly next: string | null;
}

/** What the queue is asked for. */
export interface Asked {
  readonly view?: View;
  readonly category?: string;
  readonly day_first?: Day;
  readonly day_last?: Day;
  readonly claimed?: "me" | "nobody" | "";
  readonly kind?: string;
  readonly root?: Id;
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
  /** As in the row of its cluster. */
  readonly uncaught: number;
  readonly samples: number;
  readonly looked: boolean;
  readonly media: Media | null;
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
  readonly records: readonly RecordRow[];
}

/** A page of what a submission has more of: letters and records come by the megabyte. */
export interface SubmissionPage extends Pick<Submission, "messages" | "records"> {
  readonly next: string | null;
}

export const deeds = ["dismiss", "confirm", "withdraw-rule", "keep", "flag", "unflag", "hold", "unhold", "seen", "claim", "release"] as const;
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

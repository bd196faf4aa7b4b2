// SPDX-License-Identifier: GPL-3.0-or-later
// The API's calls about who works here.
import { get, post } from "./ask.ts";
import type { Day, Id, Me, Role } from "./types.ts";

/** Whoever was invited: in, at once. */
export const join = (link: string, name: string, passphrase: string, recipient: string): Promise<Me> =>
  post("/api/join", { link, name, passphrase, recipient });
/** Whoever lost a passphrase; they log in with the new one. */
export const resetByLink = (link: string, passphrase: string): Promise<{ readonly name: string }> => post("/api/join", { link, passphrase });

export interface NewSecrets {
  readonly new_passphrase?: string;
  readonly recipient?: string;
}

/** Every other session of the same reviewer ends. */
export const changeSecrets = (passphrase: string, secrets: NewSecrets): Promise<Me> => post("/api/secrets", { passphrase, ...secrets });

export interface Reviewer {
  readonly id: Id;
  readonly name: string;
  readonly role: Role;
  readonly recipient: string;
  readonly totp: boolean;
}

export interface OpenLink {
  readonly id: Id;
  readonly kind: "first" | "invite" | "reset";
  readonly role?: Role;
  /** Whose passphrase it resets. */
  readonly reviewer?: Id;
  readonly until: Day;
}

export interface Reviewers {
  readonly reviewers: readonly Reviewer[];
  /** For admins alone. */
  readonly links: readonly OpenLink[];
  /** How many keys a file is sealed to at most. */
  readonly keys_max: number;
  /** What a new link ends in; told once. */
  readonly link?: string;
  readonly kind?: "invite" | "reset";
  /** Who was just removed has a key that the configuration, or somebody else, has, too. */
  readonly stays_reader?: boolean;
}

export type Change =
  | { readonly do: "invite"; readonly role: Role }
  | { readonly do: "end-link"; readonly link: Id }
  | { readonly do: "role"; readonly reviewer: Id; readonly role: Role }
  | { readonly do: "reset-passphrase" | "reset-totp" | "remove"; readonly reviewer: Id };

export const getReviewers = (): Promise<Reviewers> => get("/api/reviewers");
export const changeReviewers = (change: Change): Promise<Reviewers> => post("/api/reviewers", change);

/** One age file with an old list of recipients, as GET /api/wraps names it. */
export interface WrapItem {
  readonly item: string;
  /** Base64 of its header. */
  readonly header: string;
  /** "age1…" of a receipt, which can open it, too, and shall. */
  readonly also?: string;
}

export interface Wraps {
  /** Submissions, and how many of them are not looked through. */
  readonly total: number;
  readonly left: number;
  readonly items: readonly WrapItem[];
  readonly next: string | null;
}

export const getWraps = (after: string | null, signal?: AbortSignal): Promise<Wraps> => get("/api/wraps", after === null ? {} : { after }, signal);
/** @return how many were changed, and of how many the old header is still on the disk. */
export const postWraps = (wraps: readonly { readonly item: string; readonly header: string }[]): Promise<{ readonly done: number; readonly kept: number }> =>
  post("/api/wraps", { wraps });

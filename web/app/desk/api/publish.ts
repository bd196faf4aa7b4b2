// SPDX-License-Identifier: GPL-3.0-or-later
// The API's calls about what is public: copies, albums, requests of the public, links.
import type { Contact } from "../../words_check.ts";
import { get, post, Refusal } from "./ask.ts";
import type { Day, Id, Sealed } from "./types.ts";

export const publicStates = ["waiting", "public", "unlisted", "hidden", "withdrawn"] as const;
export type PublicState = (typeof publicStates)[number];

/** Of UTF-8, that the server takes of each text for the public. */
export const textBytesMax = { title: 200, description: 2000, caption: 2000, alt: 1000, warning: 200 } as const;

/** What is said of a copy. */
export interface CopyWords {
  readonly caption: string;
  readonly alt: string;
  readonly warning: string;
}

export interface Publication extends CopyWords {
  readonly publication: Id;
  /** Another one with each change. */
  readonly version: number;
  readonly state: PublicState;
  readonly album: Id | null;
  readonly day: Day;
  readonly kind: "jpeg" | "png" | "webp" | "gif" | "mp4" | "webm";
  readonly width: number;
  readonly height: number;
  readonly duration_ms: number;
  /** That were covered, as its maker says. */
  readonly areas: number;
  readonly sha256: string;
  readonly copy_len: number;
  /** How many smaller ones there are. */
  readonly renditions: number;
  readonly maker: string | null;
  readonly second: string | null;
  /** Who asks made it, or changed it last: somebody else has to approve it. */
  readonly mine: boolean;
}

export interface Publications {
  readonly publications: readonly Publication[];
  readonly counts: Readonly<Record<PublicState, number>>;
  readonly next: Id | null;
}

export interface PublicationsAsked {
  readonly state?: PublicState | "";
  readonly album?: Id;
  readonly publication?: Id;
  readonly after?: Id;
}

export const getPublications = (asked: PublicationsAsked, signal?: AbortSignal): Promise<Publications> => get("/api/publications", { ...asked }, signal);

/** What was made of a submission, and how: sealed to the desk. */
export interface MadeCopy extends Publication {
  readonly provenance: Sealed;
}

export const getMade = async (submission: Id, signal?: AbortSignal): Promise<readonly MadeCopy[]> =>
  (await get<{ readonly publications: readonly MadeCopy[] }>("/api/publications", { submission }, signal)).publications;
/** The submission that it was made of; null: that is gone. */
export const getSource = async (publication: Id): Promise<Id | null> => (await get<{ readonly submission: Id | null }>("/api/publications/source", { publication })).submission;
/** What was seen: what was changed since is not approved with it. */
export const approvePublication = ({ publication, version }: Pick<Publication, "publication" | "version">): Promise<Publication> =>
  post("/api/publications/approve", { publication, version });

interface OtherWords {
  /** That they were written for: what was changed since is not overwritten. */
  readonly version: number;
  readonly words_checked?: boolean;
}

/** What is not said stays as it is. */
export type PublicationChange =
  /* With a version only what was seen is shown again; to hide it asks for no look. */
  | { readonly publication: Id; readonly version?: number; readonly state: "hide" | "show" | "withdraw" }
  | (OtherWords & Partial<CopyWords> & { readonly publication: Id; /** "": none. */ readonly album?: Id | "" });

export const changePublication = (change: PublicationChange): Promise<Publication> => post("/api/publications/change", change);

/** Of `n` from 1 on: the smaller ones, smallest first; without one the copy itself. */
export const copyAddress = (publication: Id, n?: number): string => (n === undefined ? `/copies/${publication}` : `/copies/${publication}/${n}`);

export interface AlbumWords {
  readonly title: string;
  readonly description: string;
  readonly warning: string;
  /** Of these words: "es". */
  readonly language: string;
}

export interface Album extends AlbumWords {
  readonly album: Id;
  /** Another one with each change. */
  readonly version: number;
  readonly state: "open" | "hidden";
  /** Hidden until somebody else reads the words that who asks has written, and opens it. */
  readonly for_another: boolean;
  readonly day: Day;
  /** Copies that are shown in it. */
  readonly count: number;
}

export const getAlbums = async (signal?: AbortSignal): Promise<readonly Album[]> => (await get<{ readonly albums: readonly Album[] }>("/api/albums", {}, signal)).albums;
/** A new one; another state of one that is there; or other words for it, and what is not said stays as it is. */
export type AlbumChange =
  | (AlbumWords & { readonly state: Album["state"]; readonly words_checked?: boolean })
  /* What is opened is opened as it was read; to hide it asks for no look. */
  | { readonly album: Id; readonly version?: number; readonly state: Album["state"] }
  | (OtherWords & Partial<AlbumWords> & { readonly album: Id });

export const writeAlbum = (album: AlbumChange): Promise<Album> => post("/api/albums", album);

export const requestKinds = ["cover", "remove", "report"] as const;
export const outcomes = ["covered", "withdrawn", "hidden", "ended", "nothing"] as const;
export type Outcome = (typeof outcomes)[number];

/** What somebody asks from a public page. */
export interface PublicRequest {
  readonly asked: Id;
  readonly kind: (typeof requestKinds)[number];
  /** From behind a link, by who has that. */
  readonly by_link: boolean;
  readonly day: Day;
  readonly sealed: Sealed | null;
  /** Further ones of its kind, of which no words were kept. */
  readonly counted: number;
}

/** All that is open about one thing, the oldest first. */
export interface RequestGroup {
  readonly space: "publication" | "album" | "share";
  readonly target: Id;
  /** Of the target; null: it is gone. */
  readonly state: PublicState | Album["state"] | Share["state"] | null;
  /** Of the target, another one with each change; 0: it is gone, or a link. */
  readonly version: number;
  /** With those that were counted. */
  readonly count: number;
  readonly asked: readonly PublicRequest[];
}

export interface RequestGroups {
  readonly groups: readonly RequestGroup[];
  readonly next: string | null;
}

export const getRequests = (after?: string, signal?: AbortSignal): Promise<RequestGroups> => get("/api/asked", { after }, signal);
/** What was seen of one thing: who was counted behind it since stays. @returns how many others ask about it, and are not answered. */
export const answerRequests = (seen: readonly Pick<PublicRequest, "asked" | "counted">[], did: Outcome | "reopen"): Promise<{ readonly others: number }> =>
  post("/api/asked/answer", { asked: seen.map(({ asked, counted }) => ({ asked, counted })), did });

export interface Share {
  readonly share: Id;
  /** null: sealed, by somebody whom the server does not know. */
  readonly publication: Id | null;
  readonly kind: "checked" | "sealed";
  readonly made: Day;
  /** The last day on which it opens. */
  readonly expires: Day | null;
  /** That are left; null: any number. */
  readonly views: number | null;
  readonly passphrase: boolean;
  readonly state: "open" | "ended" | "expired" | "used" | "doubted";
  readonly maker: string | null;
}

export interface Shares {
  readonly shares: readonly Share[];
  readonly next: Id | null;
}

/** What is not said has no limit. */
export interface NewShare {
  readonly publication: Id;
  readonly expires_days?: number;
  readonly views?: number;
  readonly passphrase?: string;
}

export const getShares = (after?: Id, signal?: AbortSignal): Promise<Shares> => get("/api/shares", { after }, signal);
/** Its address ("/s/…") is told this once. */
export const makeShare = (share: NewShare): Promise<{ readonly share: Id; readonly address: string }> => post("/api/shares", share);
/** An address may be whole, as somebody pasted it: the key of a sealed link, behind "#", stays here. */
export const endShare = (which: { readonly share: Id } | { readonly address: string }): Promise<{ readonly share: Id }> =>
  post("/api/shares/end", "address" in which ? { address: which.address.trim().replace(/[#?%].*$/s, "") } : which);

/** What the server found in words for the public; null: it refused something else. */
export function contactsIn(cause: unknown): readonly Contact[] | null {
  const found = cause instanceof Refusal && cause.status === 409 ? cause.said["findings"] : undefined;
  return Array.isArray(found) ? (found as readonly Contact[]) : null;
}

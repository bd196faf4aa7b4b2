// SPDX-License-Identifier: GPL-3.0-or-later
// Copies that are to be published: given to the server, which has each byte looked at before it answers, and given back by it.
import { getBytes, post, postFile } from "./ask.ts";
import type { Id, Sealed } from "./types.ts";

export type CopyKind = "jpeg" | "png" | "webp" | "gif" | "mp4" | "webm";

/** What the server holds for an hour at most, verified. */
export interface Copy {
  readonly copy: Id;
  readonly sha256: string;
  readonly kind: CopyKind;
  readonly width: number;
  readonly height: number;
  readonly duration_ms: number;
  /** Smaller pictures; of a video the one that stands there before it plays, the largest last. */
  readonly renditions: number;
  /** The coding of a video's pictures, and of its sound, that not every browser plays. */
  readonly unplayed_picture: string | null;
  readonly unplayed_sound: string | null;
}

export const giveCopy = (copy: Blob, signal: AbortSignal): Promise<Copy> => postFile("/copies", copy, signal);
/** The bytes that everybody will get. */
export const getCopy = (copy: Id, signal: AbortSignal): Promise<ArrayBuffer> => getBytes(`/copies/${copy}`, signal);
/** @param number of a smaller picture, from 1 on. */
export const getRendition = (copy: Id, number: number, signal: AbortSignal): Promise<ArrayBuffer> => getBytes(`/copies/${copy}/${number}`, signal);

export const isFilm = ({ kind }: { readonly kind: CopyKind }): boolean => kind === "mp4" || kind === "webm";

export interface Publishing {
  readonly copy: Id;
  readonly submission: Id;
  readonly file: Id;
  readonly album: Id | null;
  readonly caption: string;
  readonly alt: string;
  readonly warning: string;
  readonly areas: number;
  /** Somebody was asked whether nothing is to be covered. */
  readonly confirmed_none: boolean;
  /** Somebody was asked whether it may be public where not everybody can play it. */
  readonly confirmed_unplayed: boolean;
  /** Sealed to the desk. */
  readonly provenance: Sealed;
  /** Somebody was asked about what in the words leads to a person. */
  readonly words_checked: boolean;
}

/** "waiting": for a second person. */
export const openedStates = ["waiting", "public", "unlisted"] as const;

export interface Published {
  readonly publication: Id;
  readonly state: (typeof openedStates)[number];
}

export const publishCopy = (publishing: Publishing): Promise<Published> => post("/api/publications", publishing);

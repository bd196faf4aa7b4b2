// SPDX-License-Identifier: GPL-3.0-or-later
// The desk's API, call by call.
import { get, getBytes, post } from "./ask.ts";
import type { Asked, Cluster, Deed, Done, Id, Me, Opening, Queue, Reason, RecordRow, Sealed, Space, Submission, SubmissionPage, Why } from "./types.ts";

export const getMe = (): Promise<Me> => get("/api/me");
export const login = (name: string, passphrase: string, totp?: string): Promise<Me> =>
  post("/api/login", totp === undefined ? { name, passphrase } : { name, passphrase, totp });
export const makeFirst = (link: string, name: string, passphrase: string, recipient: string): Promise<Me> =>
  post("/api/first", { link, name, passphrase, recipient });
export const logout = (): Promise<unknown> => post("/api/logout", {});

export const getQueue = (asked: Asked, signal?: AbortSignal): Promise<Queue> => get("/api/queue", { ...asked }, signal);
/** All pages of it: a decision is about everything that was sent. */
export async function getSubmission(id: Id, signal?: AbortSignal): Promise<Submission> {
  const address = `/api/submissions/${id}`;
  const { next: more, ...first } = await get<Submission & SubmissionPage>(address, {}, signal);
  const messages = [...first.messages];
  const records = [...first.records];
  for (let next = more; typeof next === "string"; ) {
    const page: SubmissionPage = await get(address, { after: next }, signal);
    messages.push(...page.messages);
    records.push(...page.records);
    next = page.next;
  }
  return { ...first, messages, records };
}

export const getCluster = (id: Id, after?: string, signal?: AbortSignal): Promise<Cluster> => get(`/api/clusters/${id}`, { after }, signal);
export const getPreview = (file: Id, signal?: AbortSignal): Promise<ArrayBuffer> => getBytes(`/blobs/${file}/preview`, signal);

export interface Writing {
  readonly space: Space;
  /** The submission. */
  readonly owner: Id;
  /** Of a note that is there. */
  readonly id?: Id;
  /** The one that this follows; 0 for a new one. */
  readonly version: number;
  /** null takes it away. */
  readonly sealed: Sealed | null;
}

export const writeRecord = (writing: Writing): Promise<Pick<RecordRow, "space" | "owner" | "id" | "version">> => post("/api/record", writing);
export const getRecords = (space: Space, after?: string, signal?: AbortSignal): Promise<{ records: readonly RecordRow[]; next: string | null }> =>
  get("/api/records", { space, after }, signal);
export const reply = (submission: Id, messages: number, sealed: Sealed): Promise<{ messages: number }> => post("/api/reply", { submission, messages, sealed });

/** What a decision is about, with what the page shows of it: what came since is not decided about. */
export interface SeenCluster {
  readonly id: Id;
  readonly uncaught: number;
  readonly samples: number;
}

export interface SeenSubmission {
  readonly id: Id;
  /** By its sender, behind the first words. */
  readonly messages: number;
}

export interface Targets {
  readonly clusters?: readonly SeenCluster[];
  readonly submissions?: readonly SeenSubmission[];
}

export const act = (deed: Deed, targets: Targets, reason?: Reason): Promise<Done> =>
  post("/api/act", reason === undefined ? { do: deed, ...targets } : { do: deed, ...targets, reason });
export const undo = (operation: Id): Promise<Done> => post("/api/undo", { operation });

export const open = (file: Id, why: Why): Promise<Opening> => post("/api/open", { file, why });

/** The sealed segments of a file, each whole, as an opening's address gives them. `onPiece` hears how much of one is there. */
export async function* fetchSegments(opening: Opening, signal: AbortSignal, onPiece: (done: number) => void): AsyncGenerator<{ sealed: Blob; plainLen: number }> {
  for (const { number, plain_len, sealed_len } of opening.segments) {
    const pieces: ArrayBuffer[] = [];
    let at = 0;
    while (at < sealed_len) {
      const piece = await getBytes(`/blobs/${opening.address}?segment=${number}&at=${at}`, signal);
      if (piece.byteLength === 0) {
        throw new Error("a segment ends early");
      }
      pieces.push(piece);
      at += piece.byteLength;
      onPiece(at);
    }
    yield { sealed: new Blob(pieces), plainLen: plain_len };
  }
}

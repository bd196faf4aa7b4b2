// SPDX-License-Identifier: GPL-3.0-or-later
// One request to the desk: JSON there and back, with the session's token. Nothing is kept, and a redirect is an error.
import { signal } from "@preact/signals";

/** The server said no; or, with status 0, nothing. */
export class Refusal extends Error {
  readonly status: number;
  /** All that it said, as it came. */
  readonly said: Readonly<Record<string, unknown>>;
  /** What to do about it, in the server's words. */
  readonly next: string | null;

  constructor(status: number, what: string, said: Readonly<Record<string, unknown>> = {}) {
    super(what);
    this.name = "Refusal";
    this.status = status;
    this.said = said;
    this.next = typeof said["next"] === "string" ? said["next"] : null;
  }
}

let token: string | null = null;

export function useToken(given: string | null): void {
  token = given;
}

let renewToken: () => Promise<boolean> = () => Promise.resolve(false);

/** `renewed` is asked when a change was forbidden: true where the session has another token by now, as after a second sign-in. */
export function useRenewal(renewed: () => Promise<boolean>): void {
  renewToken = renewed;
}

/** Grows each time the server says that nobody is logged in. */
export const loggedOut = signal(0);

async function refusalOf(answer: Response): Promise<Refusal> {
  let said: unknown = null;
  try {
    said = await answer.json();
  } catch {
    // A proxy's page.
  }
  const told = (typeof said === "object" && said !== null ? said : {}) as Readonly<Record<string, unknown>>;
  return new Refusal(answer.status, typeof told["error"] === "string" ? told["error"] : answer.statusText, told);
}

async function send(path: string, how: RequestInit): Promise<Response> {
  const asker = token;
  let answer: Response;
  try {
    answer = await fetch(path, { ...how, cache: "no-store", credentials: "same-origin", redirect: "error", referrerPolicy: "no-referrer" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new Refusal(0, "");
  }
  if (!answer.ok) {
    /* What was asked for a session that is over by now says nothing about the next one. */
    if (answer.status === 401 && asker === token) {
      loggedOut.value++;
    }
    throw await refusalOf(answer);
  }
  return answer;
}

export async function get<T>(path: string, asked: Readonly<Record<string, string | undefined>> = {}, signal?: AbortSignal): Promise<T> {
  const query = new URLSearchParams(Object.entries(asked).flatMap(([name, value]) => (value ? [[name, value]] : []))).toString();
  const answer = await send(query === "" ? path : `${path}?${query}`, { signal: signal ?? null });
  return (await answer.json()) as T;
}

export async function getBytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  const answer = await send(path, { signal: signal ?? null });
  return answer.arrayBuffer();
}

async function postOnce<T>(path: string, body: string | Blob, signal: AbortSignal | null): Promise<T> {
  const headers: Record<string, string> = { "Content-Type": typeof body === "string" ? "application/json" : "application/octet-stream" };
  if (token !== null) {
    headers["Oilskin-Token"] = token;
  }
  const answer = await send(path, { method: "POST", headers, body, signal });
  return (await answer.json()) as T;
}

async function postBody<T>(path: string, body: string | Blob, signal: AbortSignal | null = null): Promise<T> {
  const asker = token;
  try {
    return await postOnce<T>(path, body, signal);
  } catch (cause) {
    if (asker === null || !(cause instanceof Refusal && cause.status === 403 && (await renewToken()))) {
      throw cause;
    }
    return postOnce<T>(path, body, signal);
  }
}

export const post = <T>(path: string, value: object): Promise<T> => postBody(path, JSON.stringify(value));
/** A file, as it is. */
export const postFile = <T>(path: string, file: Blob, signal: AbortSignal): Promise<T> => postBody(path, file, signal);

// SPDX-License-Identifier: GPL-3.0-or-later
// A small tus client: a creation, then pieces, each durable before the server answers. What broke off goes on where the
// server says that it stopped. Nothing is remembered on the device: the receipt finds uploads again.

export interface Wish {
  readonly receipt: string;
  readonly kind: "scrub" | "original";
  readonly category: string;
  /** Of the bytes that are sent; lower-case hexadecimal. */
  readonly fingerprint: string;
  /** It was sealed on the device. */
  readonly isSealed: boolean;
}

/** What was asked for when it was refused. */
export type Asked = "upload" | "piece" | "submission" | "receipt";

/** The server said no, and would again. Its own sentence is for programs; the page says it in its language (why.ts). */
export class Refused extends Error {
  readonly status: number;
  readonly asked: Asked;
  /** Of a receipt: which of its words is wrong, from 1. */
  readonly word: number | null;

  constructor(status: number, asked: Asked, what: string, word: number | null = null) {
    super(what);
    this.name = "Refused";
    this.status = status;
    this.asked = asked;
    this.word = word;
  }
}

export interface How {
  readonly signal: AbortSignal;
  onProgress(sent: number): void;
  onOffline(isOffline: boolean): void;
  /** The server is there, and lets this wait. */
  onBusy(): void;
}

/* Long enough that a new request costs little, short enough that what a broken one loses is little. */
const PIECE_BYTES = 16 * 1024 * 1024;
const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15000];
/* A server that fails so often, with an answer each time, will not do otherwise soon. */
const FAULTS_MAX = 5;
const COMMON = { "Tus-Resumable": "1.0.0" };

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

interface Reply {
  readonly status: number;
  header(name: string): string | null;
  readonly text: string;
}

/** XMLHttpRequest: fetch() can't say how much of a body has gone. Rejects with null when the connection broke. */
function send(method: string, address: string, headers: Record<string, string>, body: Blob | null, how: How, before = 0): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const cancel = () => request.abort();
    const end = () => how.signal.removeEventListener("abort", cancel);
    request.open(method, address);
    for (const [name, value] of Object.entries(headers)) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => how.onProgress(before + event.loaded);
    request.onload = () => {
      end();
      resolve({ status: request.status, header: (name) => request.getResponseHeader(name), text: request.responseText });
    };
    request.onerror = () => {
      end();
      reject(null);
    };
    request.onabort = () => {
      end();
      reject(how.signal.reason);
    };
    how.signal.addEventListener("abort", cancel);
    if (how.signal.aborted) {
      cancel();
      reject(how.signal.reason);
      return;
    }
    request.send(body);
  });
}

/** Asks until there is an answer that is one: broken connections, busy servers and proxies without one are waited for. */
async function insist(ask: () => Promise<Reply>, how: How): Promise<Reply> {
  let faults = 0;
  for (let tries = 0; ; tries++) {
    let wait = WAITS_MS[Math.min(tries, WAITS_MS.length - 1)] ?? 15000;
    try {
      const reply = await ask();
      how.onOffline(false);
      const isPassing = reply.status >= 502 && reply.status <= 504;
      faults += isPassing ? 0 : 1;
      if (!isPassing && (reply.status !== 500 || faults === FAULTS_MAX)) {
        return reply;
      }
      if (isPassing) {
        how.onBusy();
      }
      wait = Math.max(wait, 1000 * Number(reply.header("Retry-After") ?? "0"));
    } catch (error) {
      if (error !== null) {
        throw error;
      }
      how.onOffline(true);
    }
    await pause(wait, how.signal);
  }
}

function whyOf(reply: Reply): string {
  try {
    const answer = JSON.parse(reply.text) as { title?: string; error?: string };
    return answer.error ?? answer.title ?? String(reply.status);
  } catch {
    return reply.text.length > 0 && reply.text.length < 300 && !reply.text.startsWith("<") ? reply.text.trim() : String(reply.status);
  }
}

function refusedBy(reply: Reply, asked: Asked): Refused {
  try {
    const { word } = JSON.parse(reply.text) as { word?: number };
    return new Refused(reply.status, asked, whyOf(reply), word ?? null);
  } catch {
    return new Refused(reply.status, asked, whyOf(reply));
  }
}

export async function create(length: number, wish: Wish, how: How): Promise<string> {
  const known: Record<string, string> = {
    receipt: wish.receipt,
    kind: wish.kind,
    category: wish.category,
    attach: "yes",
    fingerprint: wish.fingerprint,
    sealed: wish.isSealed ? "device" : "",
  };
  const metadata = Object.entries(known)
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${key} ${base64(value)}`)
    .join(",");
  const headers = { ...COMMON, "Upload-Length": String(length), "Upload-Metadata": metadata };
  const reply = await insist(() => send("POST", "/uploads/", headers, null, how), how);
  const address = reply.header("Location");
  if (reply.status !== 201 || address === null) {
    throw refusedBy(reply, "upload");
  }
  return new URL(address, location.href).pathname;
}

async function offsetOf(address: string, how: How): Promise<number> {
  const reply = await insist(() => send("HEAD", address, COMMON, null, how), how);
  const offset = Number(reply.header("Upload-Offset") ?? "NaN");
  if (reply.status >= 300 || !Number.isSafeInteger(offset)) {
    throw refusedBy(reply, "piece");
  }
  return offset;
}

/** Sends what is missing. Every answer is a promise of the server: what it counted needs no second sending. */
export async function append(address: string, blob: Blob, how: How): Promise<void> {
  let offset = await offsetOf(address, how);
  let faults = 0;
  while (offset < blob.size) {
    const at = offset;
    how.onProgress(at);
    const headers = { ...COMMON, "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" };
    let reply: Reply | null = null;
    try {
      reply = await send("PATCH", address, headers, blob.slice(at, at + PIECE_BYTES), how, at);
    } catch (error) {
      if (error !== null) {
        throw error;
      }
      how.onOffline(true);
    }
    const answered = reply?.status === 204 ? Number(reply.header("Upload-Offset") ?? "NaN") : NaN;
    if (Number.isSafeInteger(answered) && answered > at) {
      offset = answered;
      faults = 0;
      continue;
    }
    /* 404 and 410: it is gone. 413, 415, 507: it would be refused again. Everything else is asked about. */
    faults += reply?.status === 500 ? 1 : 0;
    if (reply !== null && ([400, 403, 404, 410, 413, 415, 507].includes(reply.status) || faults === FAULTS_MAX)) {
      throw refusedBy(reply, "piece");
    }
    if (reply !== null) {
      how.onBusy();
    }
    await pause(Math.max(1000, 1000 * Number(reply?.header("Retry-After") ?? "0")), how.signal);
    offset = await offsetOf(address, how);
  }
  how.onProgress(blob.size);
}

/** A JSON request of the API. */
export async function ask(path: string, what: object, how: How): Promise<{ status: number; answer: Record<string, unknown> }> {
  const body = new Blob([JSON.stringify(what)], { type: "application/json" });
  const reply = await insist(() => send("POST", path, { "Content-Type": "application/json" }, body, how), how);
  let answer: Record<string, unknown> = {};
  try {
    answer = JSON.parse(reply.text) as Record<string, unknown>;
  } catch {
    /* A proxy's page. */
  }
  if (reply.status >= 300) {
    throw refusedBy(reply, path === "/api/submissions" ? "submission" : "receipt");
  }
  return { status: reply.status, answer };
}

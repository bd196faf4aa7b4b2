// SPDX-License-Identifier: GPL-3.0-or-later
// The page's side of working offline. Without service workers (private windows of some browsers) nothing happens, and
// the page works while it is open.
import { cachePrefix } from "./cached.ts";
import { trustedScriptUrl } from "../trusted/script_url.ts";
import type { Answer, Question } from "./messages.ts";

export interface OfflineEvents {
  /**
   * A whole new version waits. `apply` shows it, which loads the page again; it gives false, and does nothing, while
   * another tab shows the old one.
   */
  updateReady(apply: () => Promise<boolean>): void;
  /** From now on the page opens without a network. */
  offlineReady(): void;
  /** Another app shared these. */
  shared(files: File[]): void;
}

/** How long a worker may take to answer: it may have to start first. */
const answerMs = 10_000;

function ask(worker: ServiceWorker, question: Question): Promise<Answer | null> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    const end = (answer: Answer | null) => {
      clearTimeout(timer);
      channel.port1.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end(null), answerMs);
    channel.port1.onmessage = (event: MessageEvent<Answer>) => end(event.data);
    worker.postMessage(question, [channel.port2]);
  });
}

async function applyUpdate(waiting: ServiceWorker): Promise<boolean> {
  const changed = new Promise<void>((resolve) => {
    navigator.serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true });
  });
  const answer = await ask(waiting, { ask: "activate" });
  if (answer === null || !("activates" in answer) || !answer.activates) {
    return false;
  }
  await changed;
  location.reload();
  return true;
}

function follow(registration: ServiceWorkerRegistration, events: OfflineEvents): void {
  const isUpdate = registration.active !== null;
  const worker = registration.installing;
  worker?.addEventListener("statechange", () => {
    if (isUpdate && worker.state === "installed") {
      events.updateReady(() => applyUpdate(worker));
    } else if (!isUpdate && worker.state === "activated") {
      events.offlineReady();
    }
  });
}

async function takeShared(worker: ServiceWorker, events: OfflineEvents): Promise<void> {
  history.replaceState(null, "", location.pathname);
  const answer = await ask(worker, { ask: "shared" });
  if (answer !== null && "shared" in answer && answer.shared.length > 0) {
    events.shared(answer.shared);
  }
}

async function register(events: OfflineEvents): Promise<void> {
  const registration = await navigator.serviceWorker.register(trustedScriptUrl(`${import.meta.env.BASE_URL}sw.js`), {
    scope: import.meta.env.BASE_URL,
    updateViaCache: "none",
  });
  follow(registration, events);
  registration.addEventListener("updatefound", () => follow(registration, events));
  const { active, waiting } = registration;
  if (waiting !== null && active !== null) {
    events.updateReady(() => applyUpdate(waiting));
  }
  if (active !== null) {
    events.offlineReady();
  }
}

/** Call once, when the page works. What the browser refuses is no fault of the page: it works while it is open. */
export function startOffline(events: OfflineEvents): void {
  if (import.meta.env.DEV || !("serviceWorker" in navigator)) {
    return;
  }
  const controller = navigator.serviceWorker.controller;
  if (location.hash === "#shared" && controller !== null) {
    void takeShared(controller, events);
  }
  const begin = () => void register(events).catch(() => undefined);
  if (document.readyState === "complete") {
    begin();
  } else {
    addEventListener("load", begin, { once: true });
  }
}

/**
 * Deletes what was kept for working offline, and the worker. The browser's history is not ours to delete. False when
 * something is left.
 */
export async function removeFromDevice(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) {
    return true;
  }
  const registration = await navigator.serviceWorker.getRegistration(import.meta.env.BASE_URL);
  if (registration?.active) {
    await ask(registration.active, { ask: "remove" });
  }
  await registration?.unregister();
  // Whether the worker answered or not. Other pages of the same host keep theirs.
  const names = "caches" in globalThis ? await caches.keys() : [];
  await Promise.all(names.filter((name) => name.startsWith(cachePrefix)).map((name) => caches.delete(name)));
  return (await navigator.serviceWorker.getRegistration(import.meta.env.BASE_URL)) === undefined;
}

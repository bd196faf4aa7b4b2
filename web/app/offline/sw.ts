// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the studio work without a network. One version is kept, whole: a new one is fetched beside it, checked file by
// file, and waits until the person takes it. Nothing of the person's is ever stored: files that another app shares are
// held in memory until the page asks for them.
import { hasWebAssembly } from "../core/has_wasm.ts";
import { addressOf, cachePrefix, integrityOf, listAgrees, nameBelow, neededFiles, termsName, type CachedFile } from "./cached.ts";
import type { Answer, Question } from "./messages.ts";

declare const self: ServiceWorkerGlobalScope;
// Put in by bundle/make.ts, of the build.
declare const OILSKIN_FILES: readonly CachedFile[];
declare const OILSKIN_VERSION: string;

/** How long shared files wait for the page that was opened for them. */
const sharedMs = 60_000;
/** Fetched at once while a version is put together. */
const fetchedAtOnce = 4;
const listName = "bundle.json";

const cacheName = cachePrefix + OILSKIN_VERSION;
const scope = self.registration.scope;
const files = neededFiles(OILSKIN_FILES, hasWebAssembly());
const names = new Set([...files.map((file) => file.path), listName]);

async function fetchWhole(address: string, integrity?: string): Promise<Response> {
  const init: RequestInit = { cache: "no-cache", credentials: "omit", redirect: "error" };
  const response = await fetch(address, integrity === undefined ? init : { ...init, integrity });
  if (!response.ok) {
    throw new Error(`a file of this version is missing: ${response.status}`);
  }
  return response;
}

async function fetchList(cache: Cache): Promise<void> {
  const response = await fetchWhole(addressOf(listName, scope));
  if (!listAgrees(await response.clone().json(), OILSKIN_FILES)) {
    throw new Error("the server's list is of another version");
  }
  await cache.put(addressOf(listName, scope), response);
}

/** All of this version or nothing of it. */
async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  const left = [...files];
  const fetchSome = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      const address = addressOf(file.path, scope);
      await cache.put(address, await fetchWhole(address, integrityOf(file.sha256)));
    }
  };
  try {
    await fetchList(cache);
    await Promise.all(Array.from({ length: fetchedAtOnce }, fetchSome));
  } catch (error) {
    left.length = 0;
    await caches.delete(cacheName);
    throw error;
  }
}

async function deleteCaches(keep: string | null): Promise<void> {
  const all = await caches.keys();
  await Promise.all(all.filter((name) => name.startsWith(cachePrefix) && name !== keep).map((name) => caches.delete(name)));
}

async function activate(): Promise<void> {
  await deleteCaches(cacheName);
  await self.clients.claim();
}

async function answerFromCache(request: Request, name: string): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(addressOf(name, scope))) ?? fetch(request);
}

/** Of the server, and not of this version; without a network there are none. */
async function readTerms(request: Request): Promise<Response> {
  return fetch(request).catch(() => Response.json(null));
}

/* ---- what another app shares ---- */

let shared: File[] = [];
let sharedTaken: (() => void) | null = null;

/** Holds the files until the page asks. The request ends here: it is answered, and never sent on. */
async function takeShared(event: FetchEvent): Promise<Response> {
  try {
    const form = await event.request.formData();
    shared = form.getAll("files").filter((entry): entry is File => entry instanceof File);
  } catch {
    shared = [];
  }
  // A worker that has nothing to do may be ended, and the files with it.
  event.waitUntil(
    new Promise<void>((resolve) => {
      sharedTaken = resolve;
      setTimeout(resolve, sharedMs);
    }).then(() => {
      shared = [];
    }),
  );
  return Response.redirect(`${scope}#shared`, 303);
}

function giveShared(): File[] {
  const given = shared;
  shared = [];
  sharedTaken?.();
  return given;
}

/* ---- what the page asks ---- */

async function activates(): Promise<boolean> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const ours = windows.filter((client) => client.url.startsWith(scope));
  if (ours.length > 1) {
    return false;
  }
  await self.skipWaiting();
  return true;
}

async function answer(question: Question): Promise<Answer> {
  switch (question.ask) {
    case "shared":
      return { shared: giveShared() };
    case "activate":
      return { activates: await activates() };
    case "remove":
      await deleteCaches(null);
      await self.registration.unregister();
      return { removed: true };
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  const port = event.ports[0];
  if (port !== undefined) {
    event.waitUntil(answer(event.data as Question).then((said) => port.postMessage(said)));
  }
});
self.addEventListener("fetch", (event) => {
  const name = nameBelow(event.request.url, scope);
  if (name === termsName) {
    event.respondWith(readTerms(event.request));
  } else if (name === "share") {
    event.respondWith(event.request.method === "POST" ? takeShared(event) : Response.redirect(scope, 303));
  } else if (name !== null && event.request.method === "GET" && names.has(name)) {
    event.respondWith(answerFromCache(event.request, name));
  }
});

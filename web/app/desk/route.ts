// SPDX-License-Identifier: GPL-3.0-or-later
// Where in the page somebody is. It stands behind the "#" of the address, which browsers send to nobody.
import { signal } from "@preact/signals";

export interface Place {
  /** The first word: "queue", "submissions", "audit"… */
  readonly page: string;
  /** What of it: an id; "" for none. */
  readonly of: string;
  readonly asked: Readonly<Record<string, string>>;
}

/** What stands behind the "#": "/submissions/ID?view=new". The link of the first admin is "first=…". */
export function readPlace(fragment: string): Place {
  const text = fragment.replace(/^#/, "");
  if (!text.startsWith("/")) {
    const [name = "", value = ""] = text.split("=", 2);
    return { page: name === "" ? "queue" : name, of: value, asked: {} };
  }
  const [path = "", query = ""] = text.slice(1).split("?", 2);
  const [page = "", of = ""] = path.split("/", 2);
  return { page: page === "" ? "queue" : page, of, asked: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a place, for a link. What is "" is left out of what is asked. */
export function addressOf(page: string, of = "", asked: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== "")).toString();
  return `#/${page}${of === "" ? "" : `/${of}`}${query === "" ? "" : `?${query}`}`;
}

export const place = signal<Place>({ page: "queue", of: "", asked: {} });

export function go(page: string, of = "", asked: Readonly<Record<string, string>> = {}): void {
  location.hash = addressOf(page, of, asked);
}

/** Like go(), at once, and in place of where somebody is: a link that was used is in no history. */
export function goInstead(page: string): void {
  history.replaceState(null, "", addressOf(page));
  place.value = readPlace(location.hash);
}

/** The same place, asked for something else, without a step in the history. */
export function askAgain(asked: Readonly<Record<string, string>>): void {
  history.replaceState(null, "", addressOf(place.value.page, place.value.of, asked));
  place.value = readPlace(location.hash);
}

export function watchPlace(): void {
  const read = () => {
    place.value = readPlace(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}

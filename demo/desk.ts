// SPDX-License-Identifier: GPL-3.0-or-later
// A reviewer at the desk's API (docs/desk-api.yaml), as the page speaks it.
export interface Row {
  readonly cluster: string | null;
  readonly representative: { readonly file: string | null; readonly submission: string };
  readonly count: number;
  readonly uncaught: number;
  readonly samples: number;
  readonly state: string;
  readonly tier: string | null;
  /** "still", "video"; null where nobody looked. */
  readonly media: string | null;
  readonly has_words: boolean;
}

export interface Queue {
  readonly rows: readonly Row[];
  readonly counts: { readonly new: number; readonly dismissed: number; readonly all: number };
  readonly next: string | null;
}

export class Desk {
  readonly #origin: string;
  #cookie = "";
  #token = "";

  constructor(origin: string) {
    this.#origin = origin;
  }

  async #ask(path: string, how: RequestInit): Promise<Response> {
    const headers = { ...(how.headers as Record<string, string> | undefined), Cookie: this.#cookie, Origin: this.#origin };
    const answer = await fetch(this.#origin + path, { ...how, headers });
    for (const one of answer.headers.getSetCookie()) {
      const [pair = ""] = one.split(";");
      this.#cookie = [...this.#cookie.split("; ").filter((other) => other !== "" && other.split("=")[0] !== pair.split("=")[0]), pair].join("; ");
    }
    if (!answer.ok) {
      throw new Error(`${path}: the desk answered ${answer.status} ${await answer.text()}`);
    }
    return answer;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.#ask(path, {})).json()) as T;
  }

  async post<T>(path: string, value: object): Promise<T> {
    const headers = { "Content-Type": "application/json", ...(this.#token === "" ? {} : { "Oilskin-Token": this.#token }) };
    const answer = (await (await this.#ask(path, { method: "POST", headers, body: JSON.stringify(value) })).json()) as T & { token?: string };
    this.#token = answer.token ?? this.#token;
    return answer;
  }

  /** Everything of a view, page by page. */
  async rows(view: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page: Queue = await this.get(`/api/queue?view=${view}${after === "" ? "" : `&after=${encodeURIComponent(after)}`}`);
      rows.push(...page.rows);
      after = page.next;
    }
    return rows;
  }

  counts = async (): Promise<Queue["counts"]> => (await this.get<Queue>("/api/queue?view=all")).counts;

  /** What undoes it. */
  async dismiss({ cluster, uncaught, samples }: Row): Promise<string> {
    const done = await this.post<{ operation: string }>("/api/act", { do: "dismiss", clusters: [{ id: cluster, uncaught, samples }], reason: "spam" });
    return done.operation;
  }

  undo = (operation: string): Promise<unknown> => this.post("/api/undo", { operation });
}

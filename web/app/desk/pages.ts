// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of who is logged in, by the first word of their address. A page is added by a row here.
import type { ComponentType } from "preact";
import type { DeskWords } from "../words/desk/catalogue.ts";
import type { Role } from "./api/types.ts";
import { Account } from "./pages/Account.tsx";
import { Audit } from "./pages/Audit.tsx";
import { Digest } from "./pages/Digest.tsx";
import { Key } from "./pages/Key.tsx";
import { Cluster } from "./pages/Cluster.tsx";
import { Queue } from "./pages/Queue.tsx";
import { Reviewers } from "./pages/Reviewers.tsx";
import { Search } from "./pages/Search.tsx";
import { Submission } from "./pages/Submission.tsx";
import type { Place } from "./route.ts";

export interface PageProps {
  readonly place: Place;
}

export interface Page {
  readonly page: string;
  /** In the row of links above; none for what is reached from another page. */
  readonly name?: (words: DeskWords) => string;
  /** Who sees it; everybody where it is missing. The server decides who may. */
  readonly roles?: readonly Role[];
  readonly show: ComponentType<PageProps>;
}

export const pages: readonly Page[] = [
  { page: "queue", name: (words) => words.nav.queue, show: Queue },
  { page: "search", name: (words) => words.nav.search, show: Search },
  { page: "digest", name: (words) => words.nav.digest, show: Digest },
  { page: "reviewers", name: (words) => words.nav.reviewers, show: Reviewers },
  { page: "audit", name: (words) => words.nav.audit, show: Audit },
  { page: "account", name: (words) => words.nav.account, show: Account },
  { page: "key", show: Key },
  { page: "submissions", show: Submission },
  { page: "clusters", show: Cluster },
];

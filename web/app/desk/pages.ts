// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of who is logged in, by the first word of their address. A page is added by a row here.
import type { ComponentType } from "preact";
import type { DeskWords } from "../words/desk/catalogue.ts";
import type { Me } from "./api/types.ts";
import { Account } from "./pages/Account.tsx";
import { Albums } from "./pages/Albums.tsx";
import { Asked } from "./pages/Asked.tsx";
import { Audit } from "./pages/Audit.tsx";
import { Digest } from "./pages/Digest.tsx";
import { Key } from "./pages/Key.tsx";
import { Cluster } from "./pages/Cluster.tsx";
import { Publish } from "./pages/Publish.tsx";
import { Published } from "./pages/Published.tsx";
import { Queue } from "./pages/Queue.tsx";
import { Reviewers } from "./pages/Reviewers.tsx";
import { Search } from "./pages/Search.tsx";
import { Shares } from "./pages/Shares.tsx";
import { Submission } from "./pages/Submission.tsx";
import type { Place } from "./route.ts";
import { shortId } from "./speech.ts";

export interface PageProps {
  readonly place: Place;
}

export interface Page {
  readonly page: string;
  /** What the title says of it. */
  name(words: DeskWords, place: Place): string;
  /** It has a link above; others are reached from another page. */
  readonly isAbove: boolean;
  /** The page above whose link stands for it, too. */
  readonly under?: string;
  /** Whether it has a link for who is logged in; always, where it does not say. */
  isFor?(who: Me): boolean;
  readonly show: ComponentType<PageProps>;
}

const queue: Page = { page: "queue", name: ({ nav }) => nav.queue, isAbove: true, show: Queue };

export const pages: readonly Page[] = [
  queue,
  { page: "search", name: ({ nav }) => nav.search, isAbove: true, show: Search },
  { page: "public", name: ({ nav }) => nav.public, isAbove: true, isFor: ({ publish }) => Boolean(publish), show: Published },
  { page: "albums", name: ({ albums }) => albums.heading, isAbove: false, under: "public", show: Albums },
  { page: "asked", name: ({ asked }) => asked.heading, isAbove: false, under: "public", show: Asked },
  { page: "shares", name: ({ shares }) => shares.heading, isAbove: false, under: "public", show: Shares },
  { page: "digest", name: ({ nav }) => nav.digest, isAbove: true, show: Digest },
  { page: "reviewers", name: ({ nav }) => nav.reviewers, isAbove: true, show: Reviewers },
  { page: "audit", name: ({ nav }) => nav.audit, isAbove: true, show: Audit },
  { page: "account", name: ({ nav }) => nav.account, isAbove: true, show: Account },
  { page: "key", name: ({ key }) => key.heading, isAbove: false, show: Key },
  { page: "submissions", name: ({ submission }, { of }) => `${submission.heading} ${shortId(of)}`, isAbove: false, show: Submission },
  { page: "publish", name: ({ publish }) => publish.title, isAbove: false, show: Publish },
  { page: "clusters", name: ({ submission }, { of }) => `${submission.copies} ${shortId(of)}`, isAbove: false, show: Cluster },
];

/** The queue where the address names none. */
export const pageOf = ({ page }: Place): Page => pages.find((one) => one.page === page) ?? queue;

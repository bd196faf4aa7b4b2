// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk says in Korean, in 해요체.
import type { DeskWords } from "./catalogue.ts";
import { ko as entry } from "./entry/ko.ts";
import { ko as frame } from "./frame/ko.ts";
import { ko as people } from "./people/ko.ts";
import { ko as publishing } from "./publishing/ko.ts";
import { ko as queue } from "./queue/ko.ts";
import { ko as record } from "./record/ko.ts";
import { ko as sharing } from "./sharing/ko.ts";
import { ko as submission } from "./submission/ko.ts";

export const ko: DeskWords = { ...frame, ...entry, ...people, ...record, ...queue, ...submission, ...publishing, ...sharing };

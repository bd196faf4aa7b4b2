// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk says in Arabic: verbal nouns, so that nobody is addressed as a man or a woman.
import type { DeskWords } from "./catalogue.ts";
import { ar as entry } from "./entry/ar.ts";
import { ar as frame } from "./frame/ar.ts";
import { ar as people } from "./people/ar.ts";
import { ar as publishing } from "./publishing/ar.ts";
import { ar as queue } from "./queue/ar.ts";
import { ar as record } from "./record/ar.ts";
import { ar as sharing } from "./sharing/ar.ts";
import { ar as submission } from "./submission/ar.ts";

export const ar: DeskWords = { ...frame, ...entry, ...people, ...record, ...queue, ...submission, ...publishing, ...sharing };

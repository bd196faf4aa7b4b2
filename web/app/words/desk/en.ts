// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk says, in English: the catalogue that every other language mirrors (catalogue.ts), a folder for each theme.
//
// Strings take values as {name}. An object with one/other is a plural, chosen by {n}. Reviewers read this for hours: few
// words, always the same ones for the same thing.
import { en as entry } from "./entry/en.ts";
import { en as frame } from "./frame/en.ts";
import { en as people } from "./people/en.ts";
import { en as publishing } from "./publishing/en.ts";
import { en as queue } from "./queue/en.ts";
import { en as record } from "./record/en.ts";
import { en as sharing } from "./sharing/en.ts";
import { en as submission } from "./submission/en.ts";

export const en = { ...frame, ...entry, ...people, ...record, ...queue, ...submission, ...publishing, ...sharing } as const;

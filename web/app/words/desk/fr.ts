// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk says in French: "vous", and no more capital letters than needed.
import type { DeskWords } from "./catalogue.ts";
import { fr as entry } from "./entry/fr.ts";
import { fr as frame } from "./frame/fr.ts";
import { fr as people } from "./people/fr.ts";
import { fr as publishing } from "./publishing/fr.ts";
import { fr as queue } from "./queue/fr.ts";
import { fr as record } from "./record/fr.ts";
import { fr as sharing } from "./sharing/fr.ts";
import { fr as submission } from "./submission/fr.ts";

export const fr: DeskWords = { ...frame, ...entry, ...people, ...record, ...queue, ...submission, ...publishing, ...sharing };

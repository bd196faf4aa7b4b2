// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk says in simplified Chinese.
import type { DeskWords } from "./catalogue.ts";
import { zh as entry } from "./entry/zh.ts";
import { zh as frame } from "./frame/zh.ts";
import { zh as people } from "./people/zh.ts";
import { zh as publishing } from "./publishing/zh.ts";
import { zh as queue } from "./queue/zh.ts";
import { zh as record } from "./record/zh.ts";
import { zh as sharing } from "./sharing/zh.ts";
import { zh as submission } from "./submission/zh.ts";

export const zh: DeskWords = { ...frame, ...entry, ...people, ...record, ...queue, ...submission, ...publishing, ...sharing };

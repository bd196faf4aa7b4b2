// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk says in Spanish: "tú", and words that all its countries share.
import type { DeskWords } from "./catalogue.ts";
import { es as entry } from "./entry/es.ts";
import { es as frame } from "./frame/es.ts";
import { es as people } from "./people/es.ts";
import { es as publishing } from "./publishing/es.ts";
import { es as queue } from "./queue/es.ts";
import { es as record } from "./record/es.ts";
import { es as sharing } from "./sharing/es.ts";
import { es as submission } from "./submission/es.ts";

export const es: DeskWords = { ...frame, ...entry, ...people, ...record, ...queue, ...submission, ...publishing, ...sharing };

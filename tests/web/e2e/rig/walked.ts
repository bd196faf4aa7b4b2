// SPDX-License-Identifier: GPL-3.0-or-later
// The languages that walks through every state go through.
import { languages, type Language } from "../../../../web/app/words/languages.ts";

/** Where screenshots of each state go, if somebody wants to look. */
export const LOOK = process.env["OILSKIN_E2E_LOOK"];

/** All six in the long tier, and for who looks at them; else the one with the longest words and one from right to left. */
export const walked: readonly Language[] =
  LOOK !== undefined || process.env["OILSKIN_E2E_LONG"] ? languages : languages.filter(({ tag }) => tag === "fr" || tag === "ar");

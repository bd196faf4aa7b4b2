/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { Catalogue } from "../words/catalogue.ts";

/** What the editor says; it holds no words of its own. */
export type EditorWords = Catalogue["editor"];

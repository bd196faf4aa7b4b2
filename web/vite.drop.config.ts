// SPDX-License-Identifier: GPL-3.0-or-later
// What the drop's pages load: one style, one script. The pages themselves are made by bundle/intake.ts.
import { defineConfig } from "vite";
import { besideStudio } from "./page_build.ts";

export default defineConfig(besideStudio("drop", "/drop/", /^assets\/core-[0-9a-f]{8}\.(js|wasm)$/));

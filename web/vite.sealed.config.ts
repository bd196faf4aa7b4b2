// SPDX-License-Identifier: GPL-3.0-or-later
// What the page of a sealed link loads: one style, one script. The page itself is made by bundle/sealed.ts.
import { defineConfig } from "vite";
import { besideStudio } from "./page_build.ts";

export default defineConfig(besideStudio("sealed", "/sealed/", /^assets\/(core|seal|unseal)-[0-9a-f]{8}\.(js|wasm)$/));

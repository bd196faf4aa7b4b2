// SPDX-License-Identifier: GPL-3.0-or-later
// What public pages load: one style, and no script. The pages themselves are made by bundle/albums.ts.
import { defineConfig } from "vite";
import { pageBuild } from "./page_build.ts";

export default defineConfig(pageBuild("albums", "/a/look/"));

// SPDX-License-Identifier: GPL-3.0-or-later
// The desk's page: of its own, since reviewers' browsers load nothing of the drop's and nobody who sends loads this.
import { defineConfig } from "vite";
import { pageBuild } from "./page_build.ts";

export default defineConfig(pageBuild("desk", "/desk/"));

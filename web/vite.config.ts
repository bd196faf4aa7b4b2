// SPDX-License-Identifier: GPL-3.0-or-later
import { defineConfig, type Plugin } from "vite";
import { pageBuild } from "./page_build.ts";
import { studioPolicy } from "./policy.ts";

/** What every page of ours carries in its head, so that index.html holds only what is the studio's own. */
function head(): Plugin {
  return {
    name: "oilskin-head",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: studioPolicy },
        injectTo: "head-prepend",
      },
      { tag: "meta", attrs: { name: "referrer", content: "no-referrer" }, injectTo: "head" },
      { tag: "link", attrs: { rel: "manifest", href: "/studio/manifest.webmanifest" }, injectTo: "head" },
      { tag: "link", attrs: { rel: "icon", href: "/studio/icon.svg", type: "image/svg+xml" }, injectTo: "head" },
      { tag: "link", attrs: { rel: "apple-touch-icon", href: "/studio/icon-180.png" }, injectTo: "head" },
    ],
  };
}

export default defineConfig({ ...pageBuild("studio", "/studio/", "dist"), plugins: [head()] });

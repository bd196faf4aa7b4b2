#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the studio's pages into build/web/dist, what the drop's pages load into build/web/drop, these pages, for the
# server to fill, into build/web/intake, the page of a sealed link into build/web/sealed and build/web/publish, and the
# desk's page into build/web/desk: the core in WebAssembly, the page, the list of what it is made of.
#   web/build.sh          all of it
#   web/build.sh --page   not the core again
# A line that begins with "== " is a step: ./run shows these, and keeps the rest in its log.
set -eu
root=$(dirname "$(dirname "$(readlink -f "$0")")")
# shellcheck source=../setup/web.sh
. "$root/setup/web.sh"
install_web "$root"
PATH=$(web_node_folder "$root"):$PATH
export PATH
dist=${OILSKIN_DIST:-$root/build/web/dist}
if [ "${1:-}" != --page ] && [ -x "$root/web/wasm/build.sh" ]; then
    echo "== Fetching the sources of the codecs; compiling the core to WebAssembly, and to JavaScript for where that is off."
    "$root/web/wasm/build.sh"
fi
echo "== Putting the page together."
cd "$root/web"
node node_modules/vite/bin/vite.js build --logLevel warn
# A picture to try things on, drawn by the program that draws README's.
if [ ! -x "$root/build/cli/oilskin-sample" ]; then
    echo "web/build.sh: build/cli/oilskin-sample is not there; ./run scrub --help makes it" >&2
    exit 1
fi
"$root/build/cli/oilskin-sample" "$dist/sample.jpg" >/dev/null
node bundle/make.ts "$dist"
drop=${OILSKIN_DROP:-$root/build/web/drop}
node node_modules/vite/bin/vite.js build --config vite.drop.config.ts --logLevel warn
node bundle/intake.ts "$drop" "$(dirname "$drop")/intake" "$dist"
desk=${OILSKIN_DESK:-$(dirname "$drop")/desk}
OILSKIN_DESK=$desk node node_modules/vite/bin/vite.js build --config vite.desk.config.ts --logLevel warn
node bundle/desk.ts "$desk"
albums=${OILSKIN_ALBUMS:-$(dirname "$drop")/albums}
OILSKIN_ALBUMS=$albums node node_modules/vite/bin/vite.js build --config vite.albums.config.ts --logLevel warn
node bundle/albums.ts "$albums" "$(dirname "$drop")/publish"
sealed=${OILSKIN_SEALED:-$(dirname "$drop")/sealed}
OILSKIN_SEALED=$sealed node node_modules/vite/bin/vite.js build --config vite.sealed.config.ts --logLevel warn
node bundle/sealed.ts "$sealed" "$(dirname "$drop")/publish" "$dist"

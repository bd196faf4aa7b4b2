#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# intake.sh OILSKIN BUILD_DIR: uploads that a server has acknowledged, against nginx (dav_methods PUT) and npm's
# @tus/server, on the same disk in the same run (bench/intake.py says how).
#
# Target: half of what nginx does, which seals nothing, hashes nothing and syncs nothing; twice what @tus/server does.
set -eu
build=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
# shellcheck source=setup/web.sh
. "$root/setup/web.sh"
node=$(web_node_folder "$root")/node || node=$(command -v node)
nginx=$(command -v nginx || ls "$root/build-test/hosts/usr/sbin/nginx" 2>/dev/null || true)
if [ -z "$nginx" ] || [ ! -e "$root/build/web/dist" ]; then
    echo "intake: it needs nginx (./test hosts unpacks one) and the pages (web/build.sh makes them)" >&2
    exit 1
fi
if ! is_fetched "$here/peers"; then
    npm_ci "$here/peers" "The peers of this benchmark" npm
    mark_fetched "$here/peers"
fi
python3 "$here/intake.py" "$1" "$build/bench/intake-load" "$build/bench/intake-sink" "$nginx" "$node" "$here/peers/tus.mjs"

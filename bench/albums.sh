#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# albums.sh OILSKIN BUILD_DIR [--check]: an album's page and a picture, against nginx with the same bytes as files; and pages of
# an album with 10,000 pictures. Targets: half of nginx, which asks nobody whether what it sends is still public; no page above
# 100 ms. --check holds the last by the server's own processor time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
nginx=$(command -v nginx || ls "$root/build-test/hosts/usr/sbin/nginx" 2>/dev/null || true)
albums() {
    /usr/bin/python3 "$here/albums.py" "$1" "$root/build/web/dist" "$2/bench/publish-fill" "$2/bench/get-load" "$nginx" || echo "albums_failed 1"
}
if [ "${3:-}" = --check ]; then
    nginx=
    albums "$1" "$2" | /usr/bin/python3 "$here/bounds.py" page_processor_ms_most 100 memory_peak_mib 64
else
    [ -n "$nginx" ] || { echo "albums: it needs nginx (./test hosts unpacks one)" >&2; exit 1; }
    albums "$1" "$2"
fi

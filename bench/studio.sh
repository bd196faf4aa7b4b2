#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# studio.sh OILSKIN BUILD_DIR: the page's core, under the page's own Node, against the native program on the same files
# (bench/studio.ts says how).
#
# Target: one region in a 12 megapixel JPEG in less than a second of WebAssembly, scrub and verification included. There is
# no peer: what pages do with a canvas keeps neither the other blocks nor the metadata's absence.
set -eu
build=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
node=$(ls "$root"/web/node_modules/node-linux-*/bin/node 2>/dev/null || true)
if [ -z "$node" ] || [ ! -e "$root/build/web/wasm/core.wasm" ]; then
    echo "studio: web/build.sh has not made the page yet" >&2
    exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
convert -seed 7 -size 4000x3000 plasma:fractal -attenuate 2 +noise Gaussian -blur 0x0.6 -sampling-factor 2x2 \
    -quality 90 "$scratch/made.jpg"
ffmpeg -v error -f lavfi -i testsrc2=size=1920x1080:rate=30 -vf noise=alls=40:allf=t -t 1.2 -c:v libx264 -preset ultrafast \
    -qp 10 -metadata title=secret "$scratch/made.mp4"
OILSKIN_BUILD=$build "$node" "$here/studio.ts" "$scratch/made.jpg" "$scratch/made.mp4"

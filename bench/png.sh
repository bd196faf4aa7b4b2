#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# png.sh OILSKIN BUILD_DIR: `oilskin scrub` of one 18 MB PNG, verification included, against one inflate of its pixels
# and one CRC pass over its chunks with the same library in one process. Target: 1.3. Every pixel stream has to be
# inflated to prove that nothing stands behind it, so 1.0 is the limit.
set -eu
oilskin=$1
build=$2
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
convert -size 4000x2800 -seed 7 plasma:fractal -attenuate 0.07 -seed 7 +noise Gaussian -depth 8 \
    -define png:color-type=2 -define png:compression-level=6 -set Comment "made by bench/png.sh" \
    "$scratch/in.png"
size=$(wc -c < "$scratch/in.png")
python3 "$here/cpu.py" 11 "$build/bench/inflate-pass" "$scratch/in.png" \
    -- "$oilskin" scrub "$scratch/in.png" -o "$scratch/out.png" --force \
    -- cp "$scratch/in.png" "$scratch/copy.png" > "$scratch/times"
{
    read -r pass
    read -r scrub
    read -r copy
} < "$scratch/times"
awk -v size="$size" -v pass="$pass" -v scrub="$scrub" -v copy="$copy" 'BEGIN {
    printf "png    one %.1f MB PNG: scrub %.0f ms, inflate + CRC pass %.0f ms, cp %.0f ms; ratio to the pass %.2f (target 1.30)\n",
        size / 1e6, scrub, pass, copy, scrub / pass }'

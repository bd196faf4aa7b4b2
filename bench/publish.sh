#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# publish.sh OILSKIN BUILD_DIR: what it takes to prove that a file may be public, with its smaller pictures, beside reading and
# hashing it once, below which nobody can prove anything of it.
#
# Target: a photo of 12 megapixels within a second; a video at less than 20 times what hashing it takes, beside the 30 seconds
# for which it is decoded at most. (SIZE_MB=1024; scratch in $TMPDIR, about 4 x SIZE_MB)
set -eu
oilskin=$(realpath "$1")
build=$(realpath "$2")
folder=$(mktemp -d "${TMPDIR:-/tmp}/oilskin-bench-publish.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir raw
draw() { # draw SIZE FRAMES OPTIONS... FILE
    size=$1 frames=$2
    shift 2
    ffmpeg -nostdin -v error -f lavfi -i "testsrc2=size=$size:rate=30,noise=alls=12:allf=t" -frames:v "$frames" "$@"
}
draw 4032x3024 1 -pix_fmt yuvj420p -q:v 4 raw/photo_12mp.jpg
draw 1080x2340 1 raw/screenshot.png
draw 2016x1512 1 -quality 80 raw/photo_3mp.webp
draw 480x270 60 raw/frames_60.gif
draw 1920x1080 240 -c:v libx264 -preset ultrafast -b:v 24M -maxrate 24M -bufsize 24M -g 60 -pix_fmt yuv420p clip.mp4
bytes=$(stat -c %s clip.mp4)
ffmpeg -nostdin -v error -stream_loop "$((${SIZE_MB:-1024} * 1048576 / bytes))" -i clip.mp4 -c copy raw/video_large.mp4
mv clip.mp4 raw/video_8s.mp4
echo "# name bytes cpu_ms clock_ms hash_ms clock/hash renditions rendition_bytes"
for file in raw/*; do
    name=$(basename "$file")
    "$oilskin" scrub "$file" -o "$name" >/dev/null
    rm "$file"
    "$build/bench/publish-rate" "$build/worker" "$name" | {
        read -r cpu clock hash count bytes
        awk -v n="${name%.*}" -v s="$(stat -c %s "$name")" -v p="$cpu" -v c="$clock" -v h="$hash" -v r="$count" -v b="$bytes" \
            'BEGIN { printf "publish_%s %d %d %d %d %.1f %d %d\n", n, s, p, c, h, c / (h > 0 ? h : 1), r, b }'
    }
    rm "$name"
done

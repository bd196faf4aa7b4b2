#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# look.sh OILSKIN BUILD_DIR: what it takes to look at a file that came in: a process in its sandbox unseals it, decodes it, draws
# a preview, makes a pack, and seals both. Beside it programs that draw the preview alone, in the clear and without a wall.
#
# Target: below twice those programs for stills, so that the wall is not what a flood is slowed by. For videos the peer
# decodes and scales the same frames a second, with one thread as here.
set -eu
build=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
draw() { # draw SIZE FRAMES OPTIONS... FILE
    size=$1 frames=$2
    shift 2
    ffmpeg -nostdin -v error -f lavfi -i "testsrc2=size=$size:rate=30,noise=alls=12:allf=t" -frames:v "$frames" "$@"
}
draw 4032x3024 1 -pix_fmt yuvj420p -q:v 4 "$folder/photo_12mp.jpg"
draw 1280x960 1 -pix_fmt yuvj420p -q:v 5 "$folder/photo_1mp.jpg"
draw 1080x2340 1 "$folder/screenshot.png"
draw 2016x1512 1 -quality 80 "$folder/photo_3mp.webp"
draw 480x270 60 "$folder/frames_60.gif"
draw 1920x1080 300 -c:v libx264 -preset fast -b:v 17M -pix_fmt yuv420p "$folder/video_1080p_10s.mp4"
milliseconds() { # milliseconds COMMAND...: of the processor, the mean of three
    python3 - "$@" <<'P'
import resource, subprocess, sys
for _ in range(3):
    subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f'{(used.ru_utime + used.ru_stime) * 1000 / 3:.1f}')
P
}
echo "# name cpu_ms looks_a_core_second clock_ms preview_bytes pack_bytes peer_cpu_ms look/peer"
for file in "$folder"/*; do
    name=$(basename "$file")
    case $name in
    *.mp4) program=$build/worker/oilskin-frames
        peer=$(milliseconds ffmpeg -nostdin -v error -y -threads 1 -i "$file" -vf "fps=8,scale=512:-1" -threads 1 -f null -) ;;
    *) program=$build/worker/oilskin-worker
        peer=$(MAGICK_THREAD_LIMIT=1 milliseconds convert "$file" -coalesce -resize "1024x1024>" -quality 85 "$folder.out.jpg")
        rm -f "$folder".out*.jpg ;;
    esac
    "$build/bench/look-rate" "$program" 3 "$file" | {
        read -r ms clock preview pack
        awk -v n="$name" -v m="$ms" -v c="$clock" -v v="$preview" -v p="$pack" -v q="$peer" \
            'BEGIN { printf "look_%s %s %.1f %s %d %d %s %.2f\n", n, m, 1000 / m, c, v, p, q, m / q }'
    }
done

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# redact.sh OILSKIN BUILD_DIR: `oilskin redact` of one 600 x 600 region in a 12 megapixel JPEG, scrub and verification
# included, against those who cover pixels without either.
#
# Processor time, cold process. Targets: 1.7 of `jpegtran -wipe`, which decodes and codes every symbol once and looks at
# nothing else; half of the fastest of vips, magick and ffmpeg, which decode and encode all pixels. Once with the standard
# Huffman tables, as most cameras have them, and once with tables made for the picture, which have to be made anew.
set -eu
oilskin=$1
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

convert -seed 7 -size 4000x3000 plasma:fractal -attenuate 2 +noise Gaussian -blur 0x0.6 -sampling-factor 2x2 \
    -quality 90 made.jpg
# jpegtran writes the standard tables unless it is told to optimise.
jpegtran -copy none -outfile standard.jpg made.jpg
jpegtran -copy none -optimize -outfile optimised.jpg made.jpg
vips black patch.v 600 600 --bands 3
mkdir out

peak() {
    python3 - "$@" <<'END'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print('%.0f' % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
END
}

for kind in standard optimised; do
    python3 "$here/cpu.py" 9 "$oilskin" redact $kind.jpg -d out --region rect:1700,1200,600,600 \
        -- "$oilskin" redact $kind.jpg -d out --region rect:1700,1200,600,600:blur \
        -- jpegtran -wipe 600x600+1700+1200 -outfile wiped.jpg $kind.jpg \
        -- vips insert $kind.jpg patch.v vips.jpg 1700 1200 \
        -- convert $kind.jpg -fill black -draw 'rectangle 1700,1200 2299,1799' magick.jpg \
        -- ffmpeg -v error -y -i $kind.jpg -vf drawbox=1700:1200:600:600:black:fill -q:v 2 ffmpeg.jpg > times
    memory=$(peak "$oilskin" redact $kind.jpg -d out --region rect:1700,1200,600,600:blur)
    { read -r fill; read -r blur; read -r wipe; read -r vips; read -r magick; read -r ffmpeg; } < times
    awk -v kind=$kind -v size="$(wc -c < $kind.jpg)" -v fill="$fill" -v blur="$blur" -v wipe="$wipe" -v vips="$vips" \
        -v magick="$magick" -v ffmpeg="$ffmpeg" -v memory="$memory" 'BEGIN {
        best = vips < magick ? vips : magick
        best = ffmpeg < best ? ffmpeg : best
        printf "redact %s 12 MP JPEG of %.1f MB: fill %.1f ms, blur %.1f ms, %d MB; jpegtran -wipe %.1f, vips %.1f, magick %.1f, ffmpeg %.1f ms; ratio to jpegtran %.2f and %.2f (target 1.7), to the fastest of the others %.2f and %.2f (target 0.5)\n",
            kind, size / 1e6, fill, blur, memory, wipe, vips, magick, ffmpeg, fill / wipe, blur / wipe, fill / best, blur / best }'
done

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# jpeg.sh OILSKIN BUILD_DIR: `oilskin scrub`, verification included, against jpegtran and exiftool.
#
# One photo-like JPEG of 12 megapixels, cold process, processor time: target 1/3 of `jpegtran -copy none`, which decodes
# and codes every symbol; `cp` is the limit. The same for a progressive one, where only the ratio is told.
# 1,000 JPEGs, two jobs, wall time: target 1/4 of jpegtran's processor time for all of them on one core. exiftool's batch
# mode, which looks at headers only, is told beside it.
set -eu
oilskin=$1
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# Noise that is blurred a little has as many and as long codes as a photo of foliage: 5 MB at quality 90.
draw() {
    convert -seed "$1" -size "$2" plasma:fractal -attenuate 2 +noise Gaussian -blur 0x0.6 \
        -sampling-factor 2x2 -quality "$3" -set comment "made by bench/jpeg.sh" "$4"
}
draw 7 4000x3000 90 one.jpg
jpegtran -copy all -progressive -outfile progressive.jpg one.jpg

mkdir copies
for kind in one progressive; do
    python3 "$here/cpu.py" 11 "$oilskin" scrub $kind.jpg -d copies \
        -- jpegtran -copy none -outfile peer.jpg $kind.jpg \
        -- cp $kind.jpg copy.jpg > times
    { read -r scrub; read -r peer; read -r copy; } < times
    awk -v kind=$kind -v size="$(wc -c < $kind.jpg)" -v scrub="$scrub" -v peer="$peer" -v copy="$copy" 'BEGIN {
        target = kind == "one" ? " (target 0.33)" : ""
        printf "jpeg   %s 12 MP JPEG of %.1f MB: scrub %.1f ms, jpegtran %.1f ms, cp %.1f ms; ratio to jpegtran %.2f%s, to cp %.1f\n",
            kind, size / 1e6, scrub, peer, copy, scrub / peer, target, scrub / copy }'
done

mkdir in ours theirs exif
for seed in 1 2 3 4 5 6 7 8 9 10; do
    draw $seed 1600x1200 88 photo-$seed.jpg
    i=0
    while [ $i -lt 100 ]; do
        cp photo-$seed.jpg in/$seed-$i.jpg
        i=$((i + 1))
    done
done
cp in/* exif/
sync
cat > jpegtran.sh <<'END'
for file in in/*; do
    jpegtran -copy none -outfile theirs/"${file#in/}" "$file"
done
END
python3 - "$oilskin" <<'END' > times
import resource, subprocess, sys, time
def run(*command):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (time.monotonic() - start,
            after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
for command in ((sys.argv[1], 'scrub', '-r', '-j2', 'in', '-d', 'ours'), ('sh', 'jpegtran.sh'),
                ('exiftool', '-q', '-overwrite_original', '-all=', 'exif')):
    print('%.3f %.3f' % run(*command))
END
[ "$(find ours -type f | wc -l)" -eq 1000 ] || { echo "jpeg: not every file was scrubbed" >&2; exit 1; }
{ read -r wall cpu; read -r peer_wall peer_cpu; read -r exif_wall exif_cpu; } < times
awk -v wall="$wall" -v cpu="$cpu" -v peer="$peer_cpu" -v exif="$exif_wall" 'BEGIN {
    printf "jpeg   1,000 JPEGs, -j2: %.2f s wall, %.2f s CPU; jpegtran %.2f s CPU, exiftool %.2f s wall; ratio to jpegtran %.2f (target 0.25), to exiftool %.2f\n",
        wall, cpu, peer, exif, wall / peer, wall / exif }'
: "$peer_wall" "$exif_cpu"

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A long video against a plain copy of it: wall time as a ratio to `cp` in the same run with a warm page cache, and
# peak memory.
# Targets: at most 1.3 x cp and 16 MiB, moov first and last; at most 2 x with an SEI message in every sample. What a
# scrub writes it reads again to verify it, so 1.0 would mean that walking and proving cost nothing.
# usage: bench/movie.sh OILSKIN [BUILD_DIR]     (SIZE_MB=1024 RUNS=5; scratch in $TMPDIR, about 4 x SIZE_MB)
set -eu
oilskin=$(realpath "$1")
size_mb=${SIZE_MB:-1024}
runs=${RUNS:-5}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/oilskin-bench-movie.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
if [ "$free_mb" -lt $((size_mb * 4 + 512)) ]; then
    echo "movie: $free_mb MB free in $scratch, $((size_mb * 4 + 512)) needed: set TMPDIR or SIZE_MB" >&2
    exit 1
fi

# Noise makes the frames as large as a camera's; eight seconds are enough to loop over.
make_clip() {
    ffmpeg -v error -y -f lavfi -i testsrc2=s=1920x1080:r=30:d=8 -f lavfi -i sine=r=48000:d=8 \
        -vf noise=alls=24:allf=t -c:v libx264 -preset ultrafast -b:v 24M -maxrate 24M -bufsize 24M -g 60 \
        -pix_fmt yuv420p -c:a aac -b:a 128k clip.mp4 </dev/null
    # The message goes before every parameter set, and a parameter set before every picture.
    ffmpeg -v error -y -i clip.mp4 -c copy -bsf:v "h264_mp4toannexb,dump_extra=freq=all,h264_metadata=\
sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+bench" clip-sei.mp4 </dev/null
}

# Loops a clip to the wanted size without coding it again.
# $1 clip, $2 output, $3 where moov goes
make_long() {
    local bytes loops flags=
    bytes=$(stat -c %s "$1")
    loops=$((size_mb * 1048576 / bytes))
    [ "$3" = first ] && flags='-movflags +faststart'
    # shellcheck disable=SC2086
    ffmpeg -v error -y -stream_loop "$loops" -i "$1" -map 0 -c copy -map_metadata -1 -metadata title=bench \
        $flags "$2" </dev/null
}

# Best wall and processor time of the runs, in seconds, and the peak memory in MiB: "WALL CPU RSS", or "failed 0 0".
# $1 a command with {in} and {out}, $2 input
measure() {
    local command=${1//'{in}'/$2}
    command=${command//'{out}'/out.mp4}
    python3 - "$runs" "$2" "$command" <<'END'
import os, resource, subprocess, sys, time
runs, path, command = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(' ')
best, least, peak = None, None, 0


def processor():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


for _ in range(runs):
    if os.path.exists('out.mp4'):
        os.unlink('out.mp4')
    with open(path, 'rb') as file:
        while file.read(1 << 20):
            pass
    spent = processor()
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # getrusage() would count this interpreter, which the child was before it became the command.
    while child.poll() is None:
        try:
            with open(f'/proc/{child.pid}/status') as status:
                peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith('VmHWM')])
        except OSError:
            pass
        time.sleep(0.002)
    code = child.returncode
    took = time.perf_counter() - start
    if code != 0:
        print('failed 0 0')
        sys.exit(0)
    spent = processor() - spent
    best = took if best is None else min(best, took)
    least = spent if least is None else min(least, spent)
print(f'{best:.3f} {least:.3f} {(peak + 1023) // 1024}')
END
}

report() { # $1 name, $2 input, $3 command, $4 wall and $5 processor seconds of cp
    local took cpu rss
    read -r took cpu rss <<<"$(measure "$3" "$2")"
    if [ "$took" = failed ]; then
        printf '%-28s %-22s failed\n' "$2" "$1"
    else
        printf '%-28s %-22s %6.2f s  %5.2f x cp  %5.2f x its CPU  %4d MiB\n' "$2" "$1" "$took" \
            "$(awk "BEGIN { print $took / $4 }")" "$(awk "BEGIN { print $cpu / $5 }")" "$rss"
    fi
}

make_clip
make_long clip.mp4 moov-last.mp4 last
make_long clip.mp4 moov-first.mp4 first
make_long clip-sei.mp4 sei-everywhere.mp4 last
rm -f clip*.mp4
for input in moov-first.mp4 moov-last.mp4 sei-everywhere.mp4; do
    read -r cp_wall cp_cpu _ <<<"$(measure 'cp {in} {out}' "$input")"
    printf '%-28s %-22s %6.2f s\n' "$input" cp "$cp_wall"
    # Neither waits for the disk: a copy beside an untouched original is handed to the kernel.
    report oilskin "$input" "$oilskin scrub {in} -o {out}" "$cp_wall" "$cp_cpu"
    report 'ffmpeg -c copy' "$input" 'ffmpeg -v error -i {in} -map 0 -c copy -map_metadata -1 {out}' "$cp_wall" "$cp_cpu"
    command -v exiftool >/dev/null &&
        report 'exiftool -all=' "$input" 'exiftool -q -api LargeFileSupport=1 -all= -o {out} {in}' "$cp_wall" "$cp_cpu"
    rm -f "$input" out.mp4
done

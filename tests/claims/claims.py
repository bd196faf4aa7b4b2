#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/formats/ says is tolerated or refused, and what verify must find: a base file of tests/planted, one
change, and the exit code that must follow.

usage: claims.py OILSKIN PLANTED      ends with `N passed, N failed`
"""
import os
import struct
import subprocess
import sys
import zlib

OK, FOUND, BROKEN, UNSUPPORTED = 0, 1, 3, 4


def same(data):
    return data


def tail(data):
    return data + b'behind the end of it'


def half(data):
    return data[:len(data) // 2]


def swap(old, new):
    """The change of the first `old`, which must be there."""
    def change(data):
        at = data.find(old)
        assert at >= 0, f'{old!r} is not in the base file'
        return data[:at] + new + data[at + len(old):]
    return change


def chunk(kind, body, wrong=0):
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body) ^ wrong)


def after_header(piece):
    """A PNG chunk behind IHDR."""
    return lambda data: data[:33] + piece + data[33:]


def put(at, piece):
    return lambda data: data[:at] + piece + data[at + len(piece):]


def without_end(count):
    return lambda data: data[:-count]


SCRUB = [
    ('png-base-rgb.png', 'a broken ancillary chunk goes', after_header(chunk(b'tEXt', b'a\0b', wrong=1)), OK),
    ('png-base-rgb.png', 'bytes behind IEND go', tail, OK),
    ('png-base-rgb.png', 'a critical chunk of unknown meaning', after_header(chunk(b'UNKN', b'')), UNSUPPORTED),
    ('png-base-rgb.png', 'a wrong checksum of IHDR', put(29, b'\0\0\0\0'), BROKEN),
    ('png-base-rgb.png', 'half of the file', half, BROKEN),
    ('jpg-base-baseline.jpg', 'no end marker', without_end(2), OK),
    ('jpg-base-baseline.jpg', 'bytes behind the end marker', tail, OK),
    ('jpg-base-baseline.jpg', 'an APP segment shorter than its length', swap(b'\xff\xdb', b'\xff\xe5\0\0\xff\xdb'), OK),
    ('jpg-base-baseline.jpg', 'arithmetic coding', swap(b'\xff\xc0', b'\xff\xc9'), UNSUPPORTED),
    ('jpg-base-baseline.jpg', 'a scan that ends early', half, BROKEN),
    ('gif-base-static.gif', 'no end mark', without_end(1), OK),
    ('gif-base-static.gif', 'bytes behind the end mark', tail, OK),
    ('webp-base-lossy.webp', 'a RIFF size that is too large', put(4, b'\xff\xff\xff\0'), OK),
    ('webp-base-lossy.webp', 'half of the file', half, BROKEN),
    ('bmp-base-info.bmp', 'a wrong size of the file', put(2, b'\xff\xff\xff\x7f'), OK),
    ('bmp-base-info.bmp', 'a JPEG in place of pixels', put(30, b'\4\0\0\0'), UNSUPPORTED),
    ('bmp-base-info.bmp', 'half of the file', half, BROKEN),
    ('tif-base-strips.tif', 'bytes behind the end', tail, OK),
    ('tif-base-strips.tif', 'a directory behind the end of the file', put(4, b'\xff\xff\xff\0'), BROKEN),
    ('jxl-base-lossy.jxl', 'bytes behind the last frame', tail, OK),
    ('jxl-base-lossy.jxl', 'half of the file', half, BROKEN),
    ('heic-base-single.heic', 'bytes behind the last box', tail, OK),
    ('heic-base-single.heic', 'a file that ends inside of its picture', without_end(40), BROKEN),
    ('avif-base-single.avif', 'bytes behind the last box', tail, OK),
    ('avif-base-single.avif', 'a file that ends inside of its picture', without_end(40), BROKEN),
    ('mp4-base-moov-first.mp4', 'bytes behind the last box', tail, OK),
    ('mp4-base-mdat-to-end.mp4', 'a last box without a size', same, OK),
    ('mp4-base-moov-first.mp4', 'half of the file', half, BROKEN),
    ('mp4-base-moov-first.mp4', 'a coding that is not on the list', swap(b'avc1', b'zzz1'), UNSUPPORTED),
    ('mkv-base-h264.mkv', 'bytes behind the segment', tail, OK),
    ('mkv-base-h264.mkv', 'a codec that is not on the list', swap(b'V_MPEG4/ISO/AVC', b'V_MPEG9/ISO/AVC'), UNSUPPORTED),
    ('mkv-base-unknown-sizes.webm', 'segment and clusters of unknown size', same, OK),
    ('mkv-base-crc.mkv', 'checksums', same, OK),
]

# Of the scrubbed copy, which is changed and verified.
VERIFY = [
    ('mp4-base-ffmpeg-mpeg4.mp4', 'nothing in a copy', same, OK),
    ('mp4-base-ffmpeg-mpeg4.mp4', 'user data in a sample of MPEG-4 video', swap(b'\0\0\1\xb6', b'\0\0\1\xb2'), FOUND),
    ('png-base-rgb.png', 'text in a PNG', after_header(chunk(b'tEXt', b'a\0b')), FOUND),
    ('jpg-base-baseline.jpg', 'bytes behind a JPEG', tail, FOUND),
    ('mp4-base-moov-first.mp4', 'bytes behind a movie', tail, FOUND),
    ('mkv-base-h264.mkv', 'bytes behind a film', tail, FOUND),
]


def oilskin(program, words, data):
    ran = subprocess.run([program, *words], input=data, capture_output=True, timeout=60, check=False)
    return ran.returncode, ran.stdout, ran.stderr.decode('utf-8', 'replace')


def scrub(program, data):
    return oilskin(program, ['scrub', '-', '-o', '-'], data)


def main():
    program, folder = sys.argv[1:3]
    failed = 0
    cases = [(c, False) for c in SCRUB] + [(c, True) for c in VERIFY]
    for number, ((name, claim, change, wanted), verifies) in enumerate(cases, 1):
        with open(os.path.join(folder, name), 'rb') as file:
            data = file.read()
        if verifies:
            _, copy, _ = scrub(program, data)
            code, _, text = oilskin(program, ['verify', '-'], change(copy))
        else:
            code, _, text = scrub(program, change(data))
        good = code == wanted
        failed += not good
        print(f'{"ok" if good else "not ok"} {number} - {"verify: " if verifies else ""}{claim}: {name}')
        if not good:
            print(f'# wanted exit {wanted}, got {code}: {text.strip()[:300]}')
    print(f'{len(cases) - failed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""looks.py COVER_PPM OILSKIN OUT_DIR: contact sheets of every style, over drawn faces, plates and screens, for a person to judge.

One sheet for each size; each row is a ground, each column what was drawn and then fill, blur and mosaic. The sheets of JPEG come
from the command line, which rounds regions to blocks (and draws its randomness anew each time).
"""

import os
import struct
import subprocess
import sys
import zlib

import numpy as np

import faces

# Name, thing, size of it, size of the picture.
SHEETS = (("face-40", "face", 40, 160), ("face-200", "face", 200, 360), ("face-600", "face", 600, 900),
          ("plate-160", "plate", 160, 260), ("screen-240", "screen", 240, 340))


def write_png(path, pixels):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    height, width = pixels.shape[:2]
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + chunk(b"IEND", b""))


def region(thing, size, side, style):
    middle = side / 2
    if thing == "face":
        return f"ellipse:{middle - size * 0.44},{middle - size * 0.58},{size * 0.88},{size * 1.14}:{style}"
    tall = {"plate": 0.32, "screen": 0.7}[thing] * size
    return f"rect:{middle - size * 0.54},{middle - tall / 2},{size * 1.08},{tall}:{style}"


def cover(tool, picture, seed, *regions):
    done = subprocess.run([tool, str(seed), *regions], input=faces.to_ppm(picture), stdout=subprocess.PIPE, check=True)
    return faces.from_ppms(done.stdout)[0]


def cover_jpeg(oilskin, folder, picture, region_text):
    path = os.path.join(folder, "drawn.jpg")
    coded = subprocess.run(["cjpeg", "-quality", "90"], input=faces.to_ppm(picture), stdout=subprocess.PIPE, check=True)
    with open(path, "wb") as file:
        file.write(coded.stdout)
    command = [oilskin, "redact", path, "-o", path + ".out", "--force", "--region", region_text]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    done = subprocess.run(["djpeg", path + ".out"], stdout=subprocess.PIPE, check=True)
    os.remove(path)
    os.remove(path + ".out")
    return faces.from_ppms(done.stdout)[0]


def main():
    tool, oilskin, folder = sys.argv[1:4]
    os.makedirs(folder, exist_ok=True)
    for name, thing, size, side in SHEETS:
        rows = []
        jpeg_rows = []
        for number, (ground, draw) in enumerate(faces.GROUNDS.items()):
            picture = draw(np.random.default_rng(number + 11), side, side)
            faces.THINGS[thing](picture, side / 2, side / 2, size, number + size)
            picture = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
            regions = [region(thing, size, side, style) for style in ("fill", "blur", "mosaic")]
            rows.append([picture] + [cover(tool, picture, number + 5, text) for text in regions])
            jpeg_rows.append([picture] + [cover_jpeg(oilskin, folder, picture, text) for text in regions])
        for kind, sheet in (("", rows), ("-jpeg", jpeg_rows)):
            path = os.path.join(folder, f"{name}{kind}.png")
            write_png(path, np.concatenate([np.concatenate(row, axis=1) for row in sheet], axis=0))
            print(path)


main()

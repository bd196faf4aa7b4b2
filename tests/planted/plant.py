#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes one file for each place where a container can hide something, and manifest.json.

Every file carries one unique secret in exactly one place. --selftest opens the files with stock
readers as well: a planted file that no reader opens proves nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import base
import seek

READERS = {
    "jpg": [["djpeg", "-outfile", "{o}", "{i}"]],
    "png": [["identify", "-regard-warnings", "{i}"],
        ["ffmpeg", "-v", "error", "-i", "{i}", "-f", "null", "-"]],
    "apng": [["ffmpeg", "-v", "error", "-f", "apng", "-i", "{i}", "-f", "null", "-"]],
    "gif": [["identify", "{i}"]],
    "webp": [["dwebp", "-quiet", "{i}", "-o", "{o}"], ["identify", "{i}"]],
    "tif": [["identify", "-quiet", "{i}"], ["tiffinfo", "-d", "{i}"]],
    "bmp": [["identify", "-quiet", "{i}"], ["ffmpeg", "-v", "error", "-i", "{i}", "-f", "null",
        "-"]],
    "jxl": [["djxl", "--quiet", "{i}", "{o}.ppm"]],
    "heic": [["heif-convert", "{i}", "{o}.png"]],
    "avif": [["avifdec", "{i}", "{o}.png"]],
    "avifs": [["avifdec", "{i}", "{o}.y4m"]],
    "mp4": [["ffmpeg", "-v", "error", "-i", "{i}", "-f", "null", "-"]],
    "mkv": [["ffmpeg", "-v", "error", "-i", "{i}", "-f", "null", "-"]],
}


def opens(path, fmt):
    """Does at least one of the format's stock readers take the file?"""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        for command in READERS[fmt]:
            args = [a.replace("{i}", path).replace("{o}",
                os.path.join(folder, "o")) for a in command]
            if "null" in args:
                args.insert(1, "-nostdin")
            done = subprocess.run(args, capture_output=True, timeout=60, check=False)
            if done.returncode == 0 or (done.returncode == 2 and args[0] == "djpeg"):
                return True  # djpeg ends in 2 when it shows the picture with a warning.
    return False


def selftest(folder, rows):
    """Prints what no reader opens and what is not planted; returns how many rows fail."""
    bad = 0
    with ThreadPoolExecutor(2) as pool:
        opened = pool.map(lambda r: not r["opens"] or opens(os.path.join(folder, r["file"]),
            r["format"]), rows)
        for row, ok in zip(rows, opened):
            if not ok:
                print(f"no reader opens {row['file']}")
                bad += 1
    for row in rows:
        if row["place"] == "none":
            continue
        with open(os.path.join(folder, row["file"]), "rb") as f:
            if not seek.find(f.read(), bytes.fromhex(row["secret"]), row["how"]):
                print(f"not planted: {row['file']}")
                bad += 1
    return bad


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("outdir")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--only", action="append", metavar="FORMAT",
        help="jpg png apng gif webp tif bmp jxl heic "
                     "avif avifs mp4 mkv; may be given several times")
    ask.add_argument("--selftest", action="store_true")
    options = ask.parse_args()
    os.makedirs(options.outdir, exist_ok=True)
    rows = [base.write(e, options.outdir, options.seed) for e in base.entries(options.only)]
    secrets = Counter(r["secret"] for r in rows if r["secret"] and not r["slice"])
    assert max(secrets.values(), default=1) == 1, "two places share a secret"
    with open(os.path.join(options.outdir, "manifest.json"), "w", encoding="utf-8") as f:
        json.dump({"schema": "oilskin/planted/1", "seed": options.seed, "files": rows}, f, indent=1)
        f.write("\n")
    planted = [r for r in rows if r["place"] != "none"]
    print(f"{len(planted)} places, {len(rows) - len(planted)} base media in {options.outdir}")
    if options.selftest:
        bad = selftest(options.outdir, rows)
        print(f"{len(rows) - bad} passed, {bad} failed")
        return 1 if bad else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

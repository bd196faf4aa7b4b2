# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stock reader shows of a file, as a digest: a scrub must not change it."""

import hashlib
import os
import subprocess
import tempfile

MAGICK = ["convert", "-quiet", "{i}", "-depth", "8", "rgba:{o}"]
FIRST = ["convert", "-quiet", "{i}[0]", "-depth", "8", "rgba:{o}"]
MOVIE = ["ffmpeg", "-v", "error", "-nostdin", "-i", "{i}", "-map", "0:v:0?", "-map", "0:a:0?", "-f",
    "framemd5", "{o}"]
DECODERS = {
    "jpg": MAGICK, "png": MAGICK, "gif": MAGICK, "webp": MAGICK, "bmp": MAGICK, "tif": FIRST,
    "apng": ["ffmpeg", "-v", "error", "-nostdin", "-f", "apng", "-i", "{i}", "-f", "framemd5",
        "{o}"],
    "jxl": ["djxl", "--quiet", "{i}", "{o}.png"], "heic": ["heif-convert", "{i}", "{o}.png"],
    "avif": ["avifdec", "{i}", "{o}.y4m"], "avifs": MOVIE, "mp4": MOVIE, "mkv": MOVIE,
}


def is_fragmented(path):
    with open(path, "rb") as f:
        return b"moof" in f.read()


def digest(path, fmt, whole=False):
    """The digest of everything that is shown, or None where no reader opens the file.

    `whole` looks at all samples, whatever an edit list says: ffmpeg does not apply the edit lists
    of fragmented movies, and a scrub may join the fragments.
    """
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        args = [a.replace("{i}", path).replace("{o}",
            os.path.join(folder, "o")) for a in DECODERS[fmt]]
        if whole and fmt == "mp4":
            args[4:4] = ["-ignore_editlist", "1"]
        done = subprocess.run(args, capture_output=True, timeout=60, check=False)
        if done.returncode != 0:
            return None
        total = hashlib.sha256()
        names = sorted(os.listdir(folder))
        if fmt == "heic":
            names = names[:1]
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                data = f.read()
            if b"#" in data[:1]:
                data = b"\n".join(sorted(sums(data), key=lambda row: row[0]))
            elif name.endswith(".png"):
                data = pixels(os.path.join(folder, name))
            total.update(data)
        return total.hexdigest()


def sums(data):
    """Stream and digest of each frame, in the order that each stream has."""
    for line in data.splitlines():
        if not line.startswith(b"#"):
            cells = line.split(b",")
            yield cells[0] + cells[-1]


def pixels(path):
    """A decoder's PNG carries metadata of its own: only its pixels count."""
    return subprocess.run(["convert", path, "-depth", "8", "rgba:-"], capture_output=True,
        check=True).stdout

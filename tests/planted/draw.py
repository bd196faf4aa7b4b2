# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the pictures that base media are made of, and runs the stock tools that code them."""

import functools
import os
import struct
import subprocess
import tempfile
import zlib


def gradient(width, height, phase=0):
    """Packed RGB rows: a diagonal gradient with a bright disc, different for every phase."""
    out = bytearray()
    cx, cy, rad = width * (3 + phase % 5) // 9, height // 2, min(width, height) // 4
    for y in range(height):
        for x in range(width):
            inside = (x - cx) ** 2 + (y - cy) ** 2 < rad * rad
            out += bytes(
                (
                    (x * 255 // width + 40 * phase) & 255,
                    (y * 255 // height) & 255,
                    230 if inside else (x + y + 16 * phase) & 127,
                )
            )
    return bytes(out)


def grey(width, height, phase=0):
    return gradient(width, height, phase)[1::3]


def ppm(width, height, phase=0):
    return b"P6\n%d %d\n255\n" % (width, height) + gradient(width, height, phase)


def pgm(width, height, phase=0):
    return b"P5\n%d %d\n255\n" % (width, height) + grey(width, height, phase)


def png_chunk(kind, payload):
    body = kind + payload
    return struct.pack(">I", len(payload)) + body + struct.pack(">I", zlib.crc32(body))


@functools.lru_cache(None)
def png(width, height, phase=0, alpha=False):
    """A plain 8-bit PNG, used as the input of other encoders."""
    rgb = gradient(width, height, phase)
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            at = 3 * (y * width + x)
            rows += rgb[at : at + 3]
            if alpha:
                rows.append(min(255, 60 + x * 3))
    head = struct.pack(">IIBBBBB", width, height, 8, 6 if alpha else 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", head)
        + png_chunk(b"IDAT", zlib.compress(bytes(rows)))
        + png_chunk(b"IEND", b"")
    )


class ToolError(RuntimeError):
    pass


def run(args, inputs=None, output=None):
    """Runs a tool in a folder of its own.

    `inputs` maps file names to bytes. Returns the bytes of `output`, or of standard output.
    """
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        for name, data in (inputs or {}).items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
        done = subprocess.run(args, cwd=folder, capture_output=True, timeout=120, check=False)
        if done.returncode != 0:
            raise ToolError(f"{args[0]}: {done.stderr.decode(errors='replace')[-400:]}")
        if output is None:
            return done.stdout
        with open(os.path.join(folder, output), "rb") as f:
            return f.read()


def ffmpeg(args, output, inputs=None):
    """ffmpeg without version strings, dates or threads, so that its output never changes."""
    head = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
    tail = ["-threads", "1", "-bitexact", "-fflags", "+bitexact", "-map_metadata", "-1", output]
    return run(head + args + tail, inputs, output)

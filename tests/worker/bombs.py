#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are small until somebody opens them.

usage: bombs.py KIND OUT
"""
import struct
import sys
import zlib

PIECE = bytes(1 << 20)


def zeros(count):
    """So many zeros, deflated to a thousandth."""
    packer = zlib.compressobj(9)
    out = [packer.compress(PIECE) for _ in range(count >> 20)]
    out.append(packer.compress(bytes(count & (1 << 20) - 1)))
    return b''.join(out) + packer.flush()


def chunk(name, data):
    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))


def png(width, height, depth, data, between=b''):
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, depth, 0, 0, 0, 0))
            + between + chunk(b'IDAT', data) + chunk(b'IEND', b''))


def png_wide():
    """Valid: 2,500 megapixels of black."""
    return png(50000, 50000, 1, zeros(50000 * (1 + 50000 // 8)))


def png_large():
    """Valid, and 324 megapixels in 40 kilobytes."""
    return png(18000, 18000, 1, zeros(18000 * (1 + 18000 // 8)))


def png_deep():
    """48 rows, and 256 MiB behind them in the same stream."""
    return png(64, 48, 8, zeros(1 << 28))


def png_text():
    """A comment of 256 MiB."""
    return png(64, 48, 8, zeros(48 * 65), chunk(b'zTXt', b'Comment\0\0' + zeros(1 << 28)))


def gif(side, count):
    """Dots on a large canvas."""
    dot = (b'!\xf9\x04\x04\x0a\0\0\0' + b',' + struct.pack('<HHHHB', 0, 0, 1, 1, 0)
           + b'\x02\x02\x44\x01\0')
    return (b'GIF89a' + struct.pack('<HHBBB', side, side, 0x80, 0, 0) + b'\0\0\0\xff\xff\xff' + dot * count + b';')


def gif_wide():
    """4,295 megapixels of nothing."""
    return gif(65535, 1)


def gif_frames():
    """A million frames of 16 megapixels."""
    return gif(4000, 1000000)


KINDS = {'png-wide': png_wide, 'png-large': png_large, 'png-deep': png_deep, 'png-text': png_text, 'gif-wide': gif_wide,
         'gif-frames': gif_frames}
with open(sys.argv[2], 'wb') as out:
    out.write(KINDS[sys.argv[1]]())

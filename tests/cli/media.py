# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files that reveal something, drawn on the spot."""
import os
import struct
import subprocess
import zlib

SECRET = 'Greta Beispiel, 47.37503 N'


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(path, secret=SECRET, side=64, noise=False):
    """A PNG of one colour (or of noise) with a comment."""
    pixels = os.urandom(side * side * 3) if noise else b'\x40\x80\xc0' * side * side
    rows = b''.join(b'\0' + pixels[y * side * 3:(y + 1) * side * 3] for y in range(side))
    with open(path, 'wb') as out:
        out.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', side, side, 8, 2, 0, 0, 0)) +
                  (chunk(b'tEXt', b'Author\0' + secret.encode('latin-1')) if secret else b'') +
                  chunk(b'IDAT', zlib.compress(rows, 0 if noise else 6)) + chunk(b'IEND', b''))
    return path


def movie(path, seconds=1, metadata=None, size='64x48', extra=()):
    """A video with sound and tags, by ffmpeg."""
    command = ['ffmpeg', '-v', 'error', '-y', '-f', 'lavfi', '-i', f'testsrc=size={size}:rate=10:duration={seconds}',
               '-f', 'lavfi', '-i', f'sine=duration={seconds}', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac',
               '-movflags', 'use_metadata_tags', *extra]
    for key, value in (metadata or {'title': SECRET}).items():
        command += ['-metadata', f'{key}={value}']
    subprocess.run(command + [path], check=True, stdin=subprocess.DEVNULL)
    return path

# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files that reveal something, drawn on the spot."""
import os
import random
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


class Huffman:
    """The codes of a table of T.81 annex K: how many of each length, then the symbols."""

    def __init__(self, kind, counts, symbols):
        self.segment = bytes([kind, *counts, *symbols])
        self.codes, code, at = {}, 0, 0
        for length, count in enumerate(counts, 1):
            for symbol in symbols[at:at + count]:
                self.codes[symbol] = format(code, f'0{length}b')
                code += 1
            at, code = at + count, code << 1


DC = Huffman(0x00, (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0), range(12))
AC_FIRST = bytes.fromhex('01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282')
AC = Huffman(0x10, (0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125), AC_FIRST + bytes(
    s for s in range(1, 0xfb) if 1 <= s & 15 <= 10 and s not in AC_FIRST))


def noise_row(columns, chance):
    """A row of 4:2:0 MCUs of noise, as bits: its DC differences add up to nothing, so that it can follow itself."""
    bits, sums = [], [0, 0, 0]
    for column in range(columns):
        for block, part in enumerate((0, 0, 0, 0, 1, 2)):
            last = column == columns - 1 and (part > 0 or block == 3)
            difference = -sums[part] if last else chance.choice((-3, -2, 2, 3))
            if not last and abs(sums[part] + difference) > 200:
                difference = -difference
            sums[part] += difference
            size = abs(difference).bit_length()
            value = difference if difference > 0 else difference + (1 << size) - 1
            bits.append(DC.codes[size] + (format(value, f'0{size}b') if size else ''))
            for _ in range(32):
                size = chance.choice((2, 3, 4, 5))
                bits.append(AC.codes[size] + format(chance.getrandbits(size), f'0{size}b'))
            bits.append(AC.codes[0])
    return ''.join(bits)


def dense_jpeg(path, width, rows, restart=False, lead=b'', tail=b''):
    """A baseline JPEG of noise as dense as of quality 95: one row of MCUs again and again, `rows` of them in eights.
    `lead` stands behind the start, `tail` behind the end."""
    columns, chance = -(-width // 16), random.Random(7)
    row = noise_row(columns, chance)
    if restart:
        row += '1' * (-len(row) % 8)
        coded = int(row, 2).to_bytes(len(row) // 8, 'big').replace(b'\xff', b'\xff\0')
        eight = b''.join(coded + bytes([0xff, 0xd0 + n]) for n in range(8))
    else:
        eight = int(row * 8, 2).to_bytes(len(row), 'big').replace(b'\xff', b'\xff\0')

    def segment(marker, data):
        return b'\xff' + bytes([marker]) + struct.pack('>H', len(data) + 2) + data
    head = segment(0xdb, b'\0' + b'\2' * 64) + segment(
        0xc0, struct.pack('>BHHB', 8, rows * 16, width, 3) + b'\1\x22\0\2\x11\0\3\x11\0')
    head += segment(0xc4, DC.segment) + segment(0xc4, AC.segment)
    head += segment(0xdd, struct.pack('>H', columns)) if restart else b''
    head += segment(0xda, b'\3\1\0\2\0\3\0\0\x3f\0')
    with open(path, 'wb') as out:
        out.write(b'\xff\xd8' + lead + head)
        for _ in range(rows // 8 - 1):
            out.write(eight)
        out.write((eight[:-2] if restart else eight) + b'\xff\xd9' + tail)
    return path

# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files that claim huge pictures: refused in words, in no time, without the memory that they ask for."""
import os
import shutil
import struct
import subprocess
import sys
import time
import zlib

import harness
import media
from harness import Ran, Skip, has, read, write
from redact import photo, worker

RSS_MAX = 400 << 20
SECONDS_MAX = 60


# A process that was forked counts the memory of whoever forked it: that is a small program, not this one.
PEAK = ('import resource, subprocess, sys\n'
        'code = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL).returncode\n'
        'open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))\n'
        'sys.exit(code)\n')


def measured(*words):
    """Runs the command line; returns what it said, and the peak memory of it or of its worker."""
    started = time.time()
    done = subprocess.run([sys.executable, '-S', '-c', PEAK, 'peak.txt', harness.OILSKIN, *words], capture_output=True, check=False)
    assert time.time() - started < SECONDS_MAX, (words, time.time() - started)
    return Ran(done.returncode, done.stdout, done.stderr), int(read('peak.txt')) * 1024


def refuse(name, memory='2G'):
    """Every way to decode it is refused with a clear error."""
    for words in (('redact', name, '--region', 'rect:0,0,8,8'), ('redact', name, '--resize=100'),
                  ('scrub', name, '--flatten'), ('redact', name, '--region', 'rect:0,0,8,8', '--preview', 'look.png')):
        ran, peak = measured(*words, f'--memory={memory}', *(() if '--preview' in words else ('-o', 'copy')))
        assert peak < RSS_MAX, f'{words}: {peak >> 20} MiB'
        if words[0] == 'scrub' and ran.code == 0:
            # Nothing had to be decoded: bytes were kept as they are.
            os.remove('copy')
            continue
        assert ran.code in (3, 4, 5), (words, ran)
        has(ran.err, name + ': refused: ', 'What you can do: ')
        assert not os.path.exists('copy') and not os.path.exists('look.png'), words


def tool(name):
    if shutil.which(name) is None:
        raise Skip(name + ' is not installed')
    return name


def drawn(name):
    """A small picture in another format, by ImageMagick."""
    subprocess.run([tool('convert'), '-size', '64x48', 'gradient:red-blue', '-strip', name], check=True)
    return bytearray(read(name))


def png_header(width, height, depth=8, color=2):
    return b'\x89PNG\r\n\x1a\n' + media.chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, depth, color, 0, 0, 0))


def test_bomb_png():
    worker()
    for width, height in ((0x7FFFFFFF, 0x7FFFFFFF), (60000, 60000), (0x7FFFFFFF, 1)):
        write('a.png', png_header(width, height, 16, 6) + media.chunk(b'IDAT', zlib.compress(b'\0' * 100)) + media.chunk(b'IEND', b''))
        refuse('a.png')


def white_png(side):
    """Valid: one bit a pixel, all of them the same."""
    packer = zlib.compressobj(9)
    row = b'\0' + b'\xff' * ((side + 7) // 8)
    packed = b''.join(packer.compress(row * 100) for _ in range(side // 100)) + packer.flush()
    write('a.png', png_header(side, side, 1, 0) + media.chunk(b'IDAT', packed) + media.chunk(b'IEND', b''))


def test_bomb_png_that_is_valid():
    worker()
    white_png(20000)
    assert os.path.getsize('a.png') < 200000
    ran, peak = measured('redact', 'a.png', '--region', 'rect:0,0,8,8', '--memory=512M', '-o', 'copy')
    assert ran.code == 5, ran
    has(ran.err, '--memory=8G')
    assert peak < RSS_MAX, peak >> 20


def test_bomb_gif():
    worker()
    data = drawn('a.gif')
    at = data.index(b'\x2c\0\0\0\0\x40\0\x30\0')
    data[6:10] = b'\xff\xff\xff\xff'
    write('a.gif', bytes(data))
    refuse('a.gif')
    data[at + 5:at + 9] = b'\xff\xff\xff\xff'
    write('a.gif', bytes(data))
    refuse('a.gif')


def test_bomb_bmp():
    worker()
    def bmp(width, height, bits, compression, pixels):
        table = bytes(1024) if bits == 8 else b''
        return (b'BM' + struct.pack('<IHHI', 54 + len(table) + len(pixels), 0, 0, 54 + len(table)) +
                struct.pack('<IiiHHIIiiII', 40, width, height, 1, bits, compression, len(pixels), 0, 0, 0, 0) + table + pixels)
    for width, height, bits, compression, pixels in ((0x7FFFFFFF, 0x7FFFFFFF, 24, 0, b'\0' * 64), (60000, 60000, 24, 0, b''),
                                                     (60000, 60000, 8, 1, b'\0\1')):
        write('a.bmp', bmp(width, height, bits, compression, pixels))
        refuse('a.bmp')
    # Within the default: valid, and only as large as it claims.
    write('a.bmp', bmp(25000, 25000, 8, 1, b'\0\1'))
    refuse('a.bmp', '512M')


def test_bomb_tiff():
    worker()
    data = drawn('a.tif')
    order = '<' if data[:2] == b'II' else '>'
    at = struct.unpack(order + 'I', data[4:8])[0]
    for i in range(struct.unpack(order + 'H', data[at:at + 2])[0]):
        entry = at + 2 + 12 * i
        if struct.unpack(order + 'H', data[entry:entry + 2])[0] in (256, 257):
            struct.pack_into(order + 'HII', data, entry + 2, 4, 1, 0x7FFFFFFF)
    write('a.tif', bytes(data))
    refuse('a.tif')


def test_bomb_webp():
    worker()
    subprocess.run([tool('cwebp'), '-quiet', '-lossless', media.png('b.png'), '-o', 'a.webp'], check=True)
    data = bytearray(read('a.webp'))
    at = data.index(b'VP8L') + 9
    bits = struct.unpack('<I', data[at:at + 4])[0] >> 28 << 28
    struct.pack_into('<I', data, at, bits | 0x3FFF << 14 | 0x3FFF)
    write('a.webp', bytes(data))
    refuse('a.webp', '512M')
    subprocess.run(['cwebp', '-quiet', 'b.png', '-o', 'c.webp'], check=True)
    data = bytearray(read('c.webp'))
    at = data.index(b'\x9d\x01\x2a') + 3
    struct.pack_into('<HH', data, at, 0x3FFF, 0x3FFF)
    write('c.webp', bytes(data))
    refuse('c.webp', '512M')


def test_bomb_jpeg():
    worker()
    whole = read(photo())
    for kind in (b'\xff\xc0', b'\xff\xc2'):
        at = whole.rindex(b'\xff\xc0\0\x11\x08')
        write('a.jpg', whole[:at] + kind + whole[at + 2:at + 5] + b'\xff\xdc\xff\xdc' + whole[at + 9:])
        refuse('a.jpg')


def boxes_with(data, kind):
    """Where a box of this kind begins, each time."""
    at = data.find(kind)
    while at >= 0:
        yield at - 4
        at = data.find(kind, at + 4)


def claim_size(name, width, height):
    data = bytearray(read(name))
    found = list(boxes_with(data, b'ispe'))
    assert found, name
    for at in found:
        struct.pack_into('>II', data, at + 12, width, height)
    write(name, bytes(data))


def test_bomb_heif():
    worker()
    for width, height in ((60000, 60000), (0xFFFFFFFF, 0xFFFFFFFF), (16384, 16384)):
        subprocess.run([tool('heif-enc'), '-q', '50', media.png('b.png'), '-o', 'a.heic'], check=True, stdout=subprocess.DEVNULL)
        claim_size('a.heic', width, height)
        refuse('a.heic', '512M')


def test_bomb_avif():
    worker()
    for width, height in ((60000, 60000), (0xFFFFFFFF, 0xFFFFFFFF), (16384, 16384)):
        subprocess.run([tool('avifenc'), '-s', '9', media.png('b.png'), 'a.avif'], check=True, stdout=subprocess.DEVNULL)
        claim_size('a.avif', width, height)
        refuse('a.avif', '512M')


def jxl_size(side):
    """The first bits of a codestream: not small, height and width in 30 bits each, no ratio."""
    return [0] + [1, 1] + [side - 1 >> i & 1 for i in range(30)] + [0, 0, 0] + [1, 1] + [side - 1 >> i & 1 for i in range(30)]


def test_bomb_jxl():
    worker()
    tool('cjxl')
    subprocess.run(['cjxl', '--quiet', '-d', '0', '--container=0', media.png('b.png', side=64), 'a.jxl'], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    data = read('a.jxl')
    assert data[:2] == b'\xff\x0a'
    bits = [byte >> i & 1 for byte in data[2:] for i in range(8)]
    # 64 x 64 is small: a flag, five bits of height, three of ratio 1:1.
    assert bits[0] == 1 and bits[6:9] == [1, 0, 0], bits[:9]
    for side in (1 << 30, 60000, 20000):
        long = jxl_size(side) + bits[9:]
        long += [0] * (-len(long) % 8)
        write('a.jxl', data[:2] + bytes(sum(long[i + j] << j for j in range(8)) for i in range(0, len(long), 8)))
        refuse('a.jxl', '512M')

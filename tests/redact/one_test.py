#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one test of redaction, for every format: pictures that differ only under the regions give one file.

Inputs are drawn here and written by other people's encoders in every layout that the codecs know. JPEG is covered block by
block: libjpeg (tests/tools/jpeg_coefs) makes twins that differ in exactly the blocks that were covered, which are compared with
those that the shape touches. Everything else goes through the worker's driver in tests/tools/one_test.

usage: one_test.py BUILD_DIR [--long] [FORMAT...]     ends with `N passed, N failed, N skipped`
"""
import concurrent.futures
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'planted'))
import icc  # noqa: E402  (tests/planted/icc.py)

BUILD = os.path.abspath(sys.argv[1])
LONG = '--long' in sys.argv
WANTED = [word for word in sys.argv[2:] if not word.startswith('-')]
TOOLS = os.path.join(BUILD, 'tests')
WIDTH, HEIGHT = 67, 45

# What writes each file: {p} pictures drawn as PNG (grey, rgb, rgba, many: frame numbers follow), {o} the output.
PNG = 'convert {p}%s %s %s{o}'
RECIPES = {
    'png': {
        'grey.png': PNG % ('grey.png', '', 'png:'),
        'grey-16.png': PNG % ('rgb.png', '-colorspace gray -depth 16 -define png:color-type=0 -define png:bit-depth=16', 'png:'),
        'grey-1.png': PNG % ('grey.png', '-monochrome -define png:color-type=0 -define png:bit-depth=1', 'png:'),
        'grey-2.png': PNG % ('grey.png', '-posterize 4 -define png:color-type=0 -define png:bit-depth=2', 'png:'),
        'grey-4.png': PNG % ('grey.png', '-posterize 16 -define png:color-type=0 -define png:bit-depth=4', 'png:'),
        'grey-alpha.png': PNG % ('rgba.png', '-colorspace gray -define png:color-type=4', 'png:'),
        'rgb-icc.png': PNG % ('rgb.png', '-profile {p}srgb.icc -define png:color-type=2', 'png:'),
        'rgb-16-adam7.png': PNG % ('rgb.png', '-depth 16 -define png:color-type=2 -define png:bit-depth=16 -interlace PNG', 'png:'),
        'rgba.png': PNG % ('rgba.png', '-define png:color-type=6', 'png:'),
        'rgba-16.png': PNG % ('rgba.png', '-define png:color-type=6 -define png:bit-depth=16', 'png:'),
        'palette-1.png': PNG % ('rgb.png', '-colors 2 -define png:color-type=3 -define png:bit-depth=1', 'png:'),
        'palette-2.png': PNG % ('rgb.png', '-colors 4 -define png:color-type=3 -define png:bit-depth=2', 'png:'),
        'palette-4-adam7.png': PNG % ('rgb.png', '-colors 13 -define png:color-type=3 -define png:bit-depth=4 -interlace PNG', 'png:'),
        'palette-8.png': PNG % ('rgb.png', '-colors 200 -define png:color-type=3', 'png:'),
        'palette-full.png': PNG % ('rgb.png', '-colors 256 -define png:color-type=3', 'png:'),
        'palette-clear.png': PNG % ('rgba.png', '-channel A -threshold 50% +channel -colors 60 -define png:color-type=3', 'png:'),
        'animated.apng': 'ffmpeg -v error -y -i {p}many%d.png -f apng -plays 0 {o}',
        'animated-palette.apng': 'ffmpeg -v error -y -i {p}many%d.png -pix_fmt pal8 -f apng -plays 0 {o}',
        'animated-alpha.apng': 'ffmpeg -v error -y -i {p}clear%d.png -pix_fmt rgba -f apng {o}',
    },
    'gif': {
        'still.gif': 'convert {p}rgb.png -colors 60 gif:{o}',
        'full.gif': 'convert {p}rgb.png -colors 256 gif:{o}',
        'two.gif': 'convert {p}grey.png -monochrome gif:{o}',
        'interlaced.gif': 'convert {p}rgb.png -colors 100 -interlace GIF gif:{o}',
        'clear.gif': 'convert {p}rgba.png -channel A -threshold 50% +channel -colors 40 gif:{o}',
        'animated.gif': 'convert -delay 10 {p}many1.png {p}many2.png {p}many3.png {p}many4.png -colors 50 -loop 0 gif:{o}',
        'optimised.gif': 'convert -delay 10 {p}many1.png {p}many2.png {p}many3.png {p}many4.png -layers OptimizeFrame gif:{o}',
        'transparency.gif': 'convert -delay 10 {p}many1.png {p}many2.png {p}many3.png {p}many4.png -layers Optimize gif:{o}',
        'previous.gif': 'convert -delay 5 -dispose previous {p}clear1.png {p}clear2.png {p}clear3.png gif:{o}',
        'background.gif': 'convert -delay 5 -dispose background {p}clear1.png {p}clear2.png {p}clear3.png gif:{o}',
    },
    'webp': {
        'lossless.webp': 'cwebp -quiet -lossless {p}rgb.png -o {o}',
        'lossless-alpha.webp': 'cwebp -quiet -lossless -exact {p}rgba.png -o {o}',
        'lossy.webp': 'cwebp -quiet -q 80 {p}photo.png -o {o}',
        'lossy-low.webp': 'cwebp -quiet -q 40 {p}photo.png -o {o}',
        'lossy-alpha.webp': 'cwebp -quiet -q 80 {p}rgba.png -o {o}',
        'animated-lossless.webp': 'img2webp -lossless -d 80 {p}many1.png {p}many2.png {p}many3.png {p}many4.png -o {o}',
        'animated-lossy.webp': 'img2webp -lossy -q 75 -d 80 {p}many1.png {p}many2.png {p}many3.png {p}many4.png -o {o}',
        'animated-alpha.webp': 'img2webp -lossless -d 80 {p}clear1.png {p}clear2.png {p}clear3.png -o {o}',
    },
    'jxl': {
        'lossless.jxl': 'cjxl --quiet -d 0 {p}rgb.png {o}',
        'lossless-alpha.jxl': 'cjxl --quiet -d 0 {p}rgba.png {o}',
        'lossless-16.jxl': 'cjxl --quiet -d 0 {p}rgb16.png {o}',
        'grey.jxl': 'cjxl --quiet -d 0 {p}grey.png {o}',
        'lossy.jxl': 'cjxl --quiet -d 1 {p}photo.png {o}',
        'lossy-modular.jxl': 'cjxl --quiet -m 1 -d 1 {p}photo.png {o}',
        'from-jpeg.jxl': 'cjxl --quiet {p}photo.jpg {o}',
        'animated.jxl': 'cjxl --quiet -d 0 {p}many.gif {o}',
    },
    'bmp': {
        'rgb.bmp': 'convert {p}rgb.png -type TrueColor bmp3:{o}',
        'rgba.bmp': 'convert {p}rgba.png bmp:{o}',
        'palette-8.bmp': 'convert {p}rgb.png -colors 200 -type Palette -compress none bmp3:{o}',
        'palette-4.bmp': 'convert {p}rgb.png -colors 14 -type Palette -compress none bmp3:{o}',
        'palette-1.bmp': 'convert {p}grey.png -monochrome -compress none bmp3:{o}',
        'rle.bmp': 'convert {p}rgb.png -colors 30 -type Palette -compress RLE bmp3:{o}',
        'rgb-565.bmp': 'ffmpeg -v error -y -i {p}rgb.png -pix_fmt rgb565le -f image2 -c:v bmp {o}',
    },
    'tiff': {
        'none.tif': 'convert {p}rgb.png -compress none tiff:{o}',
        'lzw.tif': 'convert {p}rgb.png -compress lzw -define tiff:rows-per-strip=7 tiff:{o}',
        'zip-alpha.tif': 'convert {p}rgba.png -compress zip tiff:{o}',
        'rle.tif': 'convert {p}grey.png -compress rle tiff:{o}',
        'grey-16.tif': 'convert {p}rgb.png -colorspace gray -depth 16 -compress lzw tiff:{o}',
        'rgb-16.tif': 'convert {p}rgb16.png -depth 16 -compress zip tiff:{o}',
        'planes.tif': 'convert {p}rgb.png -interlace plane -compress zip tiff:{o}',
        'tiles.tif': 'convert {p}rgb.png -define tiff:tile-geometry=32x32 -compress lzw tiff:{o}',
        'palette.tif': 'convert {p}rgb.png -colors 100 -type Palette -compress lzw tiff:{o}',
        'group4.tif': 'convert {p}grey.png -monochrome -compress group4 tiff:{o}',
        'cmyk.tif': 'convert {p}rgb.png -colorspace CMYK -compress lzw tiff:{o}',
        'jpeg.tif': 'convert {p}photo.png -compress jpeg -quality 85 tiff:{o}',
        'pages.tif': 'convert {p}rgb.png {p}grey.png {p}photo.png -compress lzw tiff:{o}',
    },
    'heif': {
        'plain.heic': 'heif-enc -q 70 {p}photo.png -o {o}',
        'alpha.heic': 'heif-enc -q 70 {p}rgba.png -o {o}',
    },
    'avif': {
        'plain.avif': 'avifenc -s 8 --min 15 --max 25 {p}photo.png {o}',
        '444.avif': 'avifenc -s 8 -y 444 --min 10 --max 20 {p}photo.png {o}',
        'alpha.avif': 'avifenc -s 8 --min 15 --max 25 {p}rgba.png {o}',
        'deep.avif': 'avifenc -s 8 -d 10 --min 15 --max 25 {p}photo.png {o}',
        'turned.avif': 'avifenc -s 8 --min 15 --max 25 --irot 1 --imir 1 {p}photo.png {o}',
        'lossless.avif': 'avifenc -s 8 --lossless {p}photo.png {o}',
        'moving.avif': 'avifenc -s 8 --min 15 --max 25 --fps 10 {p}many1.png {p}many2.png {p}many3.png {p}many4.png {o}',
        'moving-alpha.avif': 'avifenc -s 8 --min 15 --max 25 --fps 10 {p}clear1.png {p}clear2.png {p}clear3.png {o}',
        'moving-deep.avif': 'avifenc -s 8 -d 10 -y 422 --min 15 --max 25 --fps 10 {p}many1.png {p}many2.png {p}many3.png {o}',
        'moving-turned.avif': 'avifenc -s 8 -y 444 --irot 1 --imir 1 --min 15 --max 25 --fps 10 {p}many1.png {p}many2.png {p}many3.png {o}',
    },
    'jpeg': {
        # Turned or shrunk ones are decoded; those that are only covered are not (below).
        'decoded-420.jpg': 'convert {p}photo.png -sampling-factor 2x2 -quality 85 jpeg:{o}',
        'decoded-444-progressive.jpg': 'convert {p}photo.png -sampling-factor 1x1 -interlace JPEG -quality 92 jpeg:{o}',
        'decoded-grey.jpg': 'convert {p}grey.png -quality 85 jpeg:{o}',
    },
}


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def run(*command, ok=True):
    done = subprocess.run(command, capture_output=True, text=True, errors='replace', check=False)
    if ok and done.returncode != 0:
        raise AssertionError(f'{os.path.basename(command[0])} {" ".join(command[1:])}: {done.returncode} {done.stderr.strip()[-300:]}')
    return done


# ---- pictures ----

def png(path, samples, pixel, width=WIDTH, height=HEIGHT, depth=8):
    def chunk(name, data):
        return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
    kind = {1: 0, 3: 2, 4: 6}[samples]
    rows = b''.join(b'\0' + b''.join(pixel(x, y) for x in range(width)) for y in range(height))
    write(path, b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, depth, kind, 0, 0, 0))
          + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def noise(x, y, seed):
    h = (x * 0x9E3779B1 ^ (y + seed * 7919) * 0x85EBCA6B) & 0xFFFFFFFF
    h = (h ^ h >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    return h ^ h >> 13


def shade(x, y, seed=0):
    """Something with edges, slopes and grain."""
    stripes = 60 if (x // 7 + y // 9) % 2 else 0
    n = noise(x, y, seed) % 24
    return (30 + x * 2 % 150 + stripes + n) % 256, (20 + y * 3 % 140 + stripes + n) % 256, (90 + (x + y) % 100 + n) % 256


def smooth(x, y):
    """What a camera sees: little grain."""
    return 60 + x + (noise(x, y, 5) & 7), 40 + 2 * y + (noise(x, y, 6) & 7), 180 - x - y // 2 + (noise(x, y, 7) & 7)


def moved(x, y, frame, clear):
    """A square that wanders over a ground that stays."""
    inside = 10 * frame <= x < 10 * frame + 17 and 6 * frame <= y < 6 * frame + 14
    if clear and not inside:
        return bytes((0, 0, 0, 0))
    color = (200, 30 * frame % 256, x * 4 % 256) if inside else ((x // 8 * 30) % 256, (y // 8 * 40) % 256, 90)
    return bytes(color) + (b'\xff' if clear else b'')


def draw(folder):
    def path(name):
        return os.path.join(folder, name)
    png(path('grey.png'), 1, lambda x, y: bytes((shade(x, y)[0],)))
    png(path('rgb.png'), 3, lambda x, y: bytes(shade(x, y)))
    png(path('rgb16.png'), 3, lambda x, y: struct.pack('>HHH', *(v * 257 ^ noise(x, y, 3) & 255 for v in shade(x, y))), depth=16)
    png(path('rgba.png'), 4, lambda x, y: bytes((*shade(x, y), 255 if x < 30 else (x * 9 + y) % 256)))
    png(path('photo.png'), 3, lambda x, y: bytes(smooth(x, y)))
    for frame in range(1, 5):
        png(path(f'many{frame}.png'), 3, lambda x, y, f=frame: moved(x, y, f, False))
        png(path(f'clear{frame}.png'), 4, lambda x, y, f=frame: moved(x, y, f, True))
    write(path('srgb.icc'), icc.profile())
    run('convert', path('photo.png'), '-quality', '88', path('photo.jpg'))
    run('convert', '-delay', '10', *(path(f'many{n}.png') for n in range(1, 5)), path('many.gif'))


# ---- JPEG, block by block ----

SHAPES = {
    'rect': ['rect:22%,31%,33.3%,29%'], 'ellipse': ['ellipse:40%,10%,45%,50%'],
    'polygon': ['polygon:10%,10%,60%,25%,30%,70%'], 'stroke': ['stroke:5%,10%,80%,50%,40%,70%,60%'],
    'invert': ['--invert', 'rect:25%,20%,60%,60%'], 'edge': ['rect:60%,55%,40%,45%'],
    'two': ['rect:5%,5%,30%,30%', 'ellipse:30%,25%,40%,40%'],
}
STYLES = ['fill', 'mosaic', 'blur']
JPEGS = [('ycc', '22,11,11', 163, 131, '-'), ('ycc', '22,11,11', 163, 131, 'p'), ('ycc', '21,11,11', 120, 97, 'o5'),
         ('ycc', '11,11,11', 97, 60, 'op'), ('ycc', '12,11,11', 88, 99, 'o'), ('grey', '11', 131, 77, 'p3'),
         ('cmyk', '11,11,11,11', 70, 66, '-'), ('ycck', '22,11,11,22', 101, 83, 'p')]


def turn(path, orientation):
    """Puts an Exif tag into a JPEG."""
    tiff = b'MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0' + bytes([orientation]) + b'\0\0\0\0\0\0'
    segment = b'Exif\0\0' + tiff
    data = read(path)
    write(path, data[:2] + b'\xff\xe1' + (len(segment) + 2).to_bytes(2, 'big') + segment + data[2:])


def touched(kind, shape, orientation):
    """The MCUs that a shape touches, from its pixels."""
    color, factors, width, height, _ = kind
    across = 8 * (1 if color == 'grey' else max(int(f[0]) for f in factors.split(',')))
    down = 8 * (1 if color == 'grey' else max(int(f[1]) for f in factors.split(',')))
    words = [w for w in SHAPES[shape] if not w.startswith('--')]
    if shape == 'invert':
        numbers = [float(v) for v in re.findall(r'([\d.]+)%', words[0])]
        text = ('{"version":1,"invert":true,"regions":[{"shape":"rect","unit":"pct","x":%g,"y":%g,"w":%g,"h":%g}]}' % tuple(numbers))
    else:
        text = '\n'.join(words)
    done = subprocess.run([os.path.join(TOOLS, 'regions'), str(width), str(height), str(orientation), '1', '0'], input=text,
                          capture_output=True, text=True, check=True)
    rows = done.stdout.splitlines()
    assert len(rows) == height, done.stdout[:200]
    return {(x // across, y // down) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell != '.'}


def jpeg_case(folder, kind, shape, orientation):
    """What is wrong, or None."""
    color, factors, width, height, coding = kind
    coefs, redact = os.path.join(TOOLS, 'jpeg_coefs'), os.path.join(TOOLS, 'redact_jpeg')
    with tempfile.TemporaryDirectory(dir=folder) as here:
        base, out, cells = (os.path.join(here, name) for name in ('base.jpg', 'out.jpg', 'cells'))
        run(coefs, 'make', base, str(width), str(height), color, factors, '80', '1', coding)
        if orientation != 1:
            turn(base, orientation)
        expected = touched(kind, shape, orientation)
        write(cells, ''.join(f'{x} {y} {x + 1} {y + 1}\n' for x, y in sorted(expected)).encode())
        twins = [base]
        for seed in ('3', '4'):
            twins.append(os.path.join(here, f'twin{seed}.jpg'))
            run(coefs, 'alter-boxes', base, twins[-1], seed, cells, coding)
        if len({read(t) for t in twins}) != 3:
            return 'the twins are one'
        # libjpeg may code the same coefficients otherwise in its first file, so that one only shows what is outside.
        for style in STYLES:
            options = [w for w in SHAPES[shape] if w.startswith('--')] + ['--seed', '9']
            words = [w if shape == 'invert' else f'{w}:{style}' for w in SHAPES[shape] if not w.startswith('--')]
            run(redact, *options, base, out, *words)
            lines = run(coefs, 'compare', base, out).stdout.splitlines()
            found = {tuple(map(int, line.split())) for line in lines[1:]}
            if not lines[0].endswith('warnings 0') or found != expected:
                return f'{style}: other blocks than those touched: {sorted(found ^ expected)[:6]}'
            results = []
            for twin in twins[1:]:
                run(redact, *options, twin, out, *words)
                results.append(read(out))
            if results[0] != results[1]:
                return f'{style} tells of what it covers'
    return None


def test_jpegs(folder):
    cases = []
    for i, kind in enumerate(JPEGS):
        for j, shape in enumerate(SHAPES):
            turned = range(1, 9) if LONG else [(i * 3 + j) % 8 + 1]
            cases += [(kind, shape, orientation) for orientation in turned]
    lines = []
    for kind, shape, orientation in cases:
        try:
            bad = jpeg_case(folder, kind, shape, orientation)
        except (AssertionError, subprocess.CalledProcessError) as error:
            bad = str(error)
        name = f'jpeg {kind[0]} {kind[1]} {kind[4]}: {shape}, every style, turned {orientation}'
        lines.append(f'{"not ok" if bad else "ok"} - {name}' + (f'\n# {bad}' if bad else ''))
    return '\n'.join(lines)


# ---- all others ----

def test_file(folder, form, name, recipe):
    path = os.path.join(folder, name)
    words = [word.replace('{p}', folder + '/').replace('{o}', path) for word in recipe.split()]
    try:
        made = run(*words, ok=False)
    except FileNotFoundError:
        return f'ok - {form}: {name} # skip {words[0]} is not installed'
    if made.returncode != 0 or not os.path.exists(path):
        return f'not ok - {form}: {name} is made\n# {made.stderr.strip()[-200:]}'
    done = run(os.path.join(TOOLS, 'one_test'), *(['--long'] if LONG else []), form, path, ok=False)
    text = done.stdout
    if done.returncode not in (0, 1) or not re.search(r'^1\.\.\d+$', text, re.M):
        text += f'\nnot ok - {form}: {name} ended with {done.returncode}\n# {done.stderr.strip()[-1500:]}'
    return text


def main():
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        draw(folder)
        jobs = [('jpeg', pool.submit(test_jpegs, folder))] if not WANTED or 'jpeg' in WANTED else []
        for form, recipes in RECIPES.items():
            if not WANTED or form in WANTED:
                jobs += [(form, pool.submit(test_file, folder, form, *item)) for item in recipes.items()]
        counts = {}
        for form, job in jobs:
            text = job.result()
            skips = len(re.findall(r'^ok\b.*# skip', text, re.M))
            good, bad = len(re.findall(r'^ok\b', text, re.M)) - skips, len(re.findall(r'^not ok\b', text, re.M))
            passed, failed, skipped = passed + good, failed + bad, skipped + skips
            total = counts.setdefault(form, [0, 0])
            total[0], total[1] = total[0] + good, total[1] + bad
            for line in text.splitlines():
                if line.startswith(('not ok', '#')) or '# skip' in line:
                    print(line, flush=True)
        for form, (good, bad) in counts.items():
            print(f'  {form:5} {good} passed, {bad} failed')
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())

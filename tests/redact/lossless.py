#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of every kind that PNG, GIF, BMP and TIFF have, drawn by outside tools, with a box painted over.

Asked of each: outside the box nothing changes, and pictures that differ only inside it give one file (`repaint
--check`); outside readers see the same, with the same timing; and the file is still of the same kind.

usage: lossless.py REPAINT    (TAP on standard output)
"""
import os
import shutil
import subprocess
import sys
import tempfile

BOX = (10, 8, 31, 23)
DRAWN = 'drawbox=x={}:y={}:w={}:h={}:color=black:t=fill'.format(*BOX)
RECT = 'rectangle {},{} {},{}'.format(BOX[0], BOX[1], BOX[0] + BOX[2] - 1, BOX[1] + BOX[3] - 1)

# name: arguments of ImageMagick between the drawn picture and the output.
STILLS = {
    'rgb8.png': '', 'rgb16.png': '-depth 16 PNG48:', 'rgba8.png': '-alpha set -channel A -evaluate set 50% PNG32:',
    'rgba16.png': '-depth 16 -alpha set -channel A -evaluate set 50% PNG64:',
    'grey1.png': '-colorspace gray -define png:color-type=0 -define png:bit-depth=1 -depth 1',
    'grey2.png': '-colorspace gray -define png:color-type=0 -define png:bit-depth=2 -depth 2',
    'grey4.png': '-colorspace gray -define png:color-type=0 -define png:bit-depth=4 -depth 4',
    'grey16.png': '-colorspace gray -define png:color-type=0 -define png:bit-depth=16 -depth 16',
    'palette16.png': '-colors 16 PNG8:', 'palette256.png': '-colors 256 PNG8:',
    'key.png': '-colorspace gray -define png:color-type=0 -transparent gray(128)',
    'interlaced.png': '-interlace PNG', 'interlaced1.png': '-interlace PNG -colorspace gray -threshold 40% -depth 1',
    'still.gif': '-colors 200', 'full.gif': '-colors 256', 'interlaced.gif': '-colors 64 -interlace GIF',
    'bits24.bmp': 'BMP3:', 'bits8.bmp': '-colors 200 -type Palette BMP3:', 'bits4.bmp': '-colors 16 -type Palette BMP3:',
    'bits1.bmp': '-colors 2 -type Palette BMP3:', 'runs8.bmp': '-colors 20 -type Palette -compress RLE BMP3:',
    'bits565.bmp': '-define bmp:subtype=RGB565',
    'none.tif': '-compress None', 'lzw.tif': '-compress LZW', 'zip16be.tif': '-endian MSB -depth 16 -compress Zip',
    'packbits.tif': '-compress RLE', 'grey.tif': '-colorspace gray -compress LZW',
    'palette.tif': '-colors 100 -type Palette -compress LZW', 'cmyk.tif': '-colorspace CMYK -compress LZW',
    'fax4.tif': '-colorspace gray -threshold 50% -type bilevel -compress Group4',
    'fax3.tif': '-colorspace gray -threshold 50% -type bilevel -compress Fax',
    'tiled.tif': '-define tiff:tile-geometry=32x32 -compress LZW', 'planar.tif': '-interlace plane -compress Zip',
    'turned.tif': '-orient RightTop -compress LZW',
}
# JPEG inside TIFF is lossy: only `repaint --check` speaks about it.
LOSSY = {
    'jpeg-strips.tif': '-define tiff:rows-per-strip=16 -compress JPEG',
    'jpeg-tiles.tif': '-define tiff:tile-geometry=32x32 -compress JPEG',
}
PALETTE = 'split[a][b];[a]palettegen{}[p];[b][p]paletteuse{}'
# name: arguments of ffmpeg behind its test picture.
MOVING = {
    'rgb.png': '-f apng -plays 3', 'rgba.png': '-pix_fmt rgba -f apng', 'grey.png': '-pix_fmt gray -f apng',
    'rgb16.png': '-pix_fmt rgb48be -f apng', 'palette.png': '-vf ' + PALETTE.format('', '') + ' -pix_fmt pal8 -f apng',
    'global.gif': '-vf ' + PALETTE.format('', ''),
    'local.gif': '-vf ' + PALETTE.format('=stats_mode=single', '=new=1') + ' -loop 4',
}
# Canvases that are transparent outside the box: name: arguments of ImageMagick behind the drawn picture.
HOLE = ' -alpha set -region 9x7+50+34 -alpha transparent +region'
CLEAR = {
    'half.gif': '-colors 2 -alpha set -region 97x24+0+37 -alpha transparent +region',
    'small.gif': '-colors 60' + HOLE + ' -crop 60x40+5+4',
    'interlaced-small.gif': '-colors 60' + HOLE + ' -crop 60x40+5+4 -interlace GIF',
    'disposed.gif': '-colors 60' + HOLE + ' ( -clone 0 -crop 60x40+5+4 ) ( -clone 0 -crop 53x38+3+2 ) ( -clone 0 -crop 55x35+1+6 ) -delete 0'
                    ' -set dispose background -set delay 20 -loop 0',
}


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True)


class Suite:
    def __init__(self, repaint, folder):
        self.repaint = repaint
        self.folder = folder
        self.lines = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def say(self, name, bad):
        number = len(self.lines) + 1
        for line in bad or []:
            print('# ' + line)
        self.lines.append(not bad)
        print(f'{"not ok" if bad else "ok"} {number} - {name}', flush=True)

    def check(self, name, path):
        kind = {'tif': 'tiff'}.get(path.rsplit('.', 1)[1], path.rsplit('.', 1)[1])
        out = run(self.repaint, '--check', kind, path)
        bad = [line for line in out.stdout.decode().splitlines() if line.startswith(('not ok', '#'))]
        if out.returncode != 0 and not bad:
            bad = [out.stderr.decode().strip() or f'ends with {out.returncode}']
        self.say(f'lossless__{name}_changes_only_in_the_box', bad)
        return kind

    def painted(self, kind, path):
        out = self.path('out.' + path.rsplit('.', 1)[1])
        result = run(self.repaint, kind, path, out, ','.join(map(str, BOX)))
        return out, ([] if result.returncode == 0 else [result.stderr.decode().strip()])

    def still(self, name, path):
        kind = self.check(name, path)
        out, bad = self.painted(kind, path)
        if not bad:
            draw = ('-colorspace', 'sRGB', '-fill', 'black', '-draw', RECT)
            both = [run('convert', file, '-depth', '16', *draw, 'rgba:-').stdout for file in (path, out)]
            # What is transparent has no colour that anybody sees; painting makes it opaque in the box only.
            if len(both[0]) == 0 or both[0] != both[1]:
                bad.append('an outside reader sees a difference outside the box')
            facts = [run('identify', '-format', '%m %w %h %x %y %U %C %[orientation] %[colorspace] %z ', f).stdout
                     for f in (path, out)]
            if facts[0] != facts[1]:
                bad.append(f'{facts[0]} became {facts[1]}')
        self.say(f'lossless__{name}_is_the_same_to_others', bad)

    def moving(self, name, path):
        kind = self.check('moving_' + name, path)
        out, bad = self.painted(kind, path)
        if not bad:
            seen = []
            for file in (path, out):
                text = run('ffmpeg', '-nostdin', '-v', 'error', '-i', file, '-vf', DRAWN + ',format=rgba64', '-f', 'framemd5', '-')
                rows = [line.split(',') for line in text.stdout.decode().splitlines() if not line.startswith('#')]
                seen.append([(row[2].strip(), row[5].strip()) for row in rows])
            if not seen[0] or seen[0] != seen[1]:
                bad.append('an outside reader sees other frames or times')
        self.say(f'lossless__moving_{name}_is_the_same_to_others', bad)


def main():
    if not shutil.which('convert') or not shutil.which('ffmpeg'):
        print('1..0 # SKIP ImageMagick or ffmpeg is not here')
        return 0
    print(f'1..{2 * len(STILLS) + len(LOSSY) + 2 * len(MOVING) + 2 * len(CLEAR)}')
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(sys.argv[1], folder)
        drawn = suite.path('drawn.miff')
        run('convert', '-seed', '7', '-size', '97x61', 'plasma:fractal', '-strip', '-depth', '8', '-units', 'PixelsPerInch',
            '-density', '96', drawn)
        for name, how in {**STILLS, **LOSSY}.items():
            words = how.split()
            prefix = words.pop() if words and words[-1].endswith(':') else ''
            path = suite.path(name)
            run('convert', drawn, *words, prefix + path)
            if name in LOSSY:
                suite.check(name, path)
            else:
                suite.still(name, path)
        for name, how in MOVING.items():
            path = suite.path('moving-' + name)
            run('ffmpeg', '-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc=s=96x64:r=10:d=1', *how.split(), path)
            suite.moving(name, path)
        for name, how in CLEAR.items():
            path = suite.path('clear-' + name)
            run('convert', drawn, *how.split(), path)
            suite.moving('clear_' + name, path)
    return 0 if all(suite.lines) else 1


sys.exit(main())

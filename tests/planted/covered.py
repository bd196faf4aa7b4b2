#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Covers a part of pictures that carry a second picture, and proves that no copy holds that one.

covered.py OILSKIN DIR runs over DIR/manifest.json as plant.py wrote it. A preview, a further page, a gain map, a picture
behind the end: each shows what was covered in the one that is seen. A refusal is as good as a copy without it, but each
format must give at least one copy, else nothing was proven of it.
"""
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import seek

# Places that hold pictures, of each format of stills.
PICTURES = {
    'jpg': 'exif-thumbnail exif-thumbnail-coded 8bim-thumbnail jfif-thumbnail mpf-second-image mpf-second-image-coded '
           'trailer-second-jpeg trailer-motion-photo',
    'png': 'trailer-second-png trailer-cut-screenshot idat-second-stream',
    'apng': 'default-image frames-past-count',
    'gif': 'trailer-second-gif frame-off-canvas frame-over-the-edge frame-over-the-edge-interlaced',
    'webp': 'second-picture second-exif trailer',
    'tif': 'photoshop-8bim-thumbnail subifd-thumbnail thumbnail-page trailer-pages',
    'bmp': 'trailer trailer-past-size',
    'jxl': 'gain-map gain-map-before second-codestream container-trailer-jpeg',
    'heic': 'exif-thumbnail thumbnail thumbnail-jpeg aux-depth aux-gain-map-apple aux-matte tone-map-gain-map hidden-item '
            'second-picture alternate-picture',
    'avif': 'exif-thumbnail thumbnail thumbnail-jpeg aux-depth aux-gain-map-apple aux-matte tone-map-gain-map hidden-item '
            'second-picture alternate-picture',
    'avifs': 'thumbnail-track auxiliary-track',
}
MAY_REFUSE_ALL = {'avifs'}  # Their still is of another size; tests/cli/redact.py covers one beneath a sequence.
REFUSED = {3, 4, 5}
REGIONS = ('--region', 'rect:20%,20%,50%,50%:blur', '--region', 'ellipse:40%,40%,50%,50%')


def load(path):
    with open(path, 'rb') as file:
        return file.read()


def run(*words):
    done = subprocess.run(words, capture_output=True, timeout=120, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, (done.stderr or done.stdout).decode(errors='replace').strip()[:200]


def examine(oilskin, folder, row, out):
    """(a copy was made, what is wrong or None)."""
    path, secret = os.path.join(folder, row['file']), bytes.fromhex(row['secret'])
    if not seek.find(load(path), secret, row['how']):
        return False, 'the generator did not plant the picture'
    code, words = run(oilskin, 'redact', path, '-o', out, *REGIONS)
    if code != 0:
        if os.path.exists(out):
            return False, f'exit {code}, and yet there is a copy'
        return False, None if code in REFUSED else f'exit {code}: {words}'
    where = seek.find(load(out), secret, row['how'])
    if where:
        return True, f'the second picture is still there ({where})'
    code, words = run(oilskin, 'verify', out)
    return True, None if code == 0 else f'verify exit {code}: {words}'


def main():
    oilskin, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    with open(os.path.join(folder, 'manifest.json'), encoding='utf-8') as file:
        rows = [r for r in json.load(file)['files'] if r['place'] in PICTURES.get(r['format'], '').split()]
    there = {(r['format'], r['place']) for r in rows}
    wanted = {(kind, place) for kind, places in PICTURES.items() for place in places.split()}
    failed, copies = 0, Counter()
    for kind, place in sorted(wanted - there):
        print(f'not ok - covered__{kind}_{place}\n# nothing was planted there')
        failed += 1
    with tempfile.TemporaryDirectory(prefix='covered-') as scratch, ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda r: examine(oilskin, folder, r, os.path.join(scratch, r['file'])), rows))
    for row, (made, wrong) in zip(rows, found):
        copies[row['format']] += made
        failed += wrong is not None
        print(f'{"not ok" if wrong else "ok"} - covered__{row["format"]}_{row["place"]}{"" if made else " (refused)"}')
        if wrong:
            print(f'# {row["file"]}: {wrong}')
    kinds = [kind for kind in PICTURES if kind not in MAY_REFUSE_ALL]
    for kind in kinds:
        failed += not copies[kind]
        print(f'{"ok" if copies[kind] else "not ok"} - covered__{kind}_gives_copies ({copies[kind]})')
    print(f'{len(rows) + len(kinds) + len(wanted - there) - failed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

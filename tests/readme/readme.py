#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every command of the README and compares what it prints.

usage: readme.py ROOT OILSKIN SAMPLE_TOOL     (TAP)

In a ```console block, a line `$ COMMAND` is run (with `./run` standing for the command line that was built, in a folder
that holds photo.jpg, the drawn sample), and the lines below it must be what it prints; `…` stands for anything within a
line, a line `…` for any lines. A block marked ```console no-run is a set-up step, which other tests run.

A `./run COMMAND` within the text, and the recipe in docs/pictures, must end well; the picture of that recipe into which no
chance goes must be the one that stands there.
"""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

# `./run export` and `./run try` are of ./run itself, which other tests run.
INLINE = re.compile(r'`(\./run (?!export|try)[a-z][^`…]+)`')
FENCE = re.compile(r'^```console( no-run)?\n(.*?)^```', re.S | re.M)


def commands(text):
    """[(command, expected lines)] of the blocks that are run."""
    out = []
    for no_run, block in FENCE.findall(text):
        if no_run:
            continue
        for line in block.splitlines():
            if line.startswith('$ '):
                out.append((line[2:], []))
            else:
                out[-1][1].append(line)
    return out


def matches(expected, got):
    pattern = ''
    for line in expected:
        if line == '…':
            pattern += r'(?:[^\n]*\n)*'
        else:
            pattern += ''.join('[^\n]*' if piece == '…' else re.escape(piece)
                               for piece in re.split('(…)', line)) + r'\n'
    return re.fullmatch(pattern, got)


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def make_files(folder):
    """The files that commands within the text name: two folders of pictures, regions, a picture that is refused, a video."""
    def path(*words):
        return os.path.join(folder, *words)
    for name in ('PHOTOS', 'march', 'march-regions'):
        os.mkdir(path(name))
    for name in ('PHOTOS', 'march'):
        shutil.copy(path('photo.jpg'), path(name, 'a.jpg'))
    with open(path('march-regions/a.jpg.json'), 'w', encoding='utf-8') as out:
        json.dump({'version': 1, 'regions': [{'shape': 'rect', 'x': 9, 'y': 9, 'w': 90, 'h': 90}]}, out)
    with open(path('odd.jxl'), 'wb') as out:
        # No name counts: a PNG with a part that readers must understand and nobody does.
        out.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 8, 8, 8, 0, 0, 0, 0)) + chunk(b'ABCD', b'') +
                  chunk(b'IDAT', zlib.compress(bytes(72))) + chunk(b'IEND', b''))
    if shutil.which('ffmpeg') is not None:
        subprocess.run(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=1', '-f', 'lavfi', '-i',
                        'sine=duration=1', '-c:v', 'libx264', '-c:a', 'aac', path('clip.mp4')], check=True,
                       stdin=subprocess.DEVNULL)


def check_inline(folder, text, number):
    """Runs the commands within the text; returns how many failed."""
    bad = 0
    found = INLINE.findall(text)
    for number, command in enumerate(found, number):
        if 'clip.mp4' in command and not os.path.exists(os.path.join(folder, 'clip.mp4')):
            print(f'ok {number} - readme__{command} # SKIP ffmpeg is not installed')
            continue
        run = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60,
                             stdin=subprocess.DEVNULL)
        bad += run.returncode != 0
        print(f'{"ok" if run.returncode == 0 else "not ok"} {number} - readme__{command}')
        if run.returncode != 0:
            print('\n'.join('# ' + line for line in (run.stdout + run.stderr).splitlines()))
    return bad


def check_pictures(root, folder, number):
    """The recipe of the pictures makes them."""
    with open(os.path.join(root, 'docs/pictures/README.md'), encoding='utf-8') as file:
        recipe = re.search(r'^```\n(.*?)^```', file.read(), re.S | re.M).group(1)
    for name in ('before.jpg', 'after.jpg'):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    run = subprocess.run(recipe.replace('oilskin redact', './run redact'), shell=True, cwd=folder, capture_output=True, text=True,
                         timeout=60, stdin=subprocess.DEVNULL)
    good = run.returncode == 0
    for name in ('before.jpg', 'after.jpg'):
        with open(os.path.join(folder, name), 'rb') as made, open(os.path.join(root, 'docs/pictures', name), 'rb') as kept:
            one, other = made.read(), kept.read()
        good = good and (one == other if name == 'before.jpg' else abs(len(one) - len(other)) < len(other) / 10)
    print(f'{"ok" if good else "not ok"} {number} - readme__pictures_come_from_their_recipe')
    if not good:
        print('\n'.join('# ' + line for line in (run.stdout + run.stderr).splitlines()))
    return not good


def main():
    root, oilskin, sample = (os.path.abspath(word) for word in sys.argv[1:4])
    with open(os.path.join(root, 'README.md'), encoding='utf-8') as file:
        text = file.read()
    runs = commands(text)
    inline = len(INLINE.findall(text))
    print(f'1..{len(runs) + inline + 1}')
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sample, os.path.join(folder, 'photo.jpg')], check=True)
        os.symlink(oilskin, os.path.join(folder, 'run'))
        for number, (command, expected) in enumerate(runs, 1):
            run = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60,
                                 stdin=subprocess.DEVNULL)
            got = run.stdout + run.stderr
            good = matches(expected, got)
            bad += not good
            print(f'{"ok" if good else "not ok"} {number} - readme__{command}')
            if not good:
                for line in got.splitlines():
                    print(f'# {line}')
        make_files(folder)
        bad += check_inline(folder, text, len(runs) + 1)
        bad += check_pictures(root, folder, len(runs) + inline + 1)
    return 1 if bad or not runs else 0


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every command of the README and compares what it prints.

usage: readme.py ROOT OILSKIN SAMPLE_TOOL     (TAP)

In a ```console block, a line `$ COMMAND` is run (with `./run` standing for the command line that was built, in a folder
that holds photo.jpg, the drawn sample), and the lines below it must be what it prints; `…` stands for anything within a
line, a line `…` for any lines. A block marked ```console no-run is a set-up step, which other tests run.
"""
import os
import re
import subprocess
import sys
import tempfile

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


def main():
    root, oilskin, sample = (os.path.abspath(word) for word in sys.argv[1:4])
    with open(os.path.join(root, 'README.md'), encoding='utf-8') as file:
        runs = commands(file.read())
    print(f'1..{len(runs)}')
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
    return 1 if bad or not runs else 0


sys.exit(main())

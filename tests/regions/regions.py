#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every example of docs/regions.md and compares what it covers, or what is said about it.

usage: regions.py ROOT REGIONS_TOOL     (TAP)

An example is a block ```json or ```region with the size of the picture (and `orientation N`, `frame N`) or the word `wrong`
behind it, and the block ```cells or ```says that follows it.
"""
import os
import re
import subprocess
import sys

PAIR = re.compile(r'^```(json|region) ([^\n]*)\n(.*?)^```\n\n^```(cells|says)\n(.*?)^```', re.S | re.M)
BLOCK = re.compile(r'^```(json|region)\b', re.M)


def arguments(words):
    if words == 'wrong':
        return ['16', '16']
    size = re.match(r'(\d+)x(\d+)', words)
    orientation = re.search(r'orientation (\d+)', words)
    frame = re.search(r'frame (\d+)', words)
    return [*size.groups(), orientation.group(1) if orientation else '1', '1', frame.group(1) if frame else '0']


def main():
    root, tool = sys.argv[1:3]
    with open(os.path.join(root, 'docs/regions.md'), encoding='utf-8') as file:
        text = file.read()
    pairs = PAIR.findall(text)
    print(f'1..{len(pairs) + 1}')
    bad = 0
    for number, (kind, words, example, wants, expected) in enumerate(pairs, 1):
        run = subprocess.run([tool, *arguments(words)], input=example.rstrip('\n') if kind == 'region' else example,
                             capture_output=True, text=True, timeout=60, check=False)
        good = run.stdout == expected and run.returncode == (wants == 'says')
        bad += not good
        print(f'{"ok" if good else "not ok"} {number} - regions__example_{number}_{kind}')
        if not good:
            print('\n'.join('# ' + line for line in (example + run.stdout + run.stderr).splitlines()))
    whole = len(pairs) == len(BLOCK.findall(text)) and len(pairs) > 8
    print(f'{"ok" if whole else "not ok"} {len(pairs) + 1} - regions__every_example_has_an_outcome')
    return 1 if bad or not whole else 0


sys.exit(main())

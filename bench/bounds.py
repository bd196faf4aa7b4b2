#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the numbers of a benchmark (`name value` lines, from its standard input, which it passes on) against bounds.

usage: BENCHMARK | bounds.py NAME MOST [NAME MOST]...
"""
import sys

figures = {}
for line in sys.stdin:
    print(line, end='', flush=True)
    words = line.split()
    if len(words) == 2:
        figures[words[0]] = words[1]
failed = 0
for name, most in zip(sys.argv[1::2], sys.argv[2::2]):
    # A number that is not there holds nothing.
    holds = name in figures and float(figures[name]) <= float(most)
    failed += not holds
    print(f'{"ok" if holds else "not ok"} - {name} is at most {most}   # {figures.get(name)}')
print(f'{len(sys.argv[1::2]) - failed} passed, {failed} failed, 0 skipped')
sys.exit(failed != 0)

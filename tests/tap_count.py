#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one TAP program and counts. usage: tap_count.py PROGRAM ARGS...

Ends with `N passed, N failed, N skipped`. cmocka writes `not ok` before a test that skipped itself.
"""
import re
import subprocess
import sys


def main():
    run = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, errors='replace', check=False)
    skipped = len(re.findall(r'^(?:not )?ok\b.*# skip\b', run.stdout, re.M | re.I))
    failed = len(re.findall(r'^not ok\b(?!.*# skip\b)', run.stdout, re.M | re.I))
    passed = len(re.findall(r'^ok\b(?!.*# skip\b)', run.stdout, re.M | re.I))
    for line in run.stdout.splitlines():
        if line.startswith(('not ok', '#')):
            print(line)
    if run.returncode != 0 and failed == 0:
        print(f'# {sys.argv[1]} ended with {run.returncode}')
        failed = 1
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed or passed == 0 else 0


sys.exit(main())

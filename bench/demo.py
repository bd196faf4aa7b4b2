#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""demo.py COMMAND...: what a story costs that tells itself, and what its files became; one number a line."""

import re
import resource
import subprocess
import sys
import time


def main():
    begun = time.monotonic()
    done = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = re.search(r'([\d,]+) files in (\d+) seconds are (\d+) rows', done.stdout)
    if done.returncode != 0 or found is None:
        sys.exit(f'demo: it did not come to its end: {done.stdout[-800:]}{done.stderr[-800:]}')
    print('# the target is 60 seconds by the clock')
    print(f'demo_files {found.group(1).replace(",", "")}')
    print(f'demo_rows {found.group(3)}')
    print(f'demo_folded_seconds {found.group(2)}')
    print(f'demo_seconds {seconds:.1f}')
    print(f'demo_processor_seconds {used.ru_utime + used.ru_stime:.1f}')


main()

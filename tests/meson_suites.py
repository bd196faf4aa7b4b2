#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the suites that meson knows and counts single tests rather than programs.

usage: meson_suites.py BUILD_DIR [SUITE...]

Prints what failed, one line for each suite, and ends with `N passed, N failed, N skipped`.
"""
import json
import os
import re
import subprocess
import sys

TAP = re.compile(r'^(ok|not ok)\b(.*)$', re.M)


def count(test):
    """(passed, failed, skipped, lines that say what failed) of one program."""
    lines = TAP.findall(test.get('stdout', ''))
    # cmocka writes a skipped test as "not ok", with the directive that TAP has for it; meson takes that for a failure.
    left_out = [(state, rest) for state, rest in lines if re.match(r'[^#]*#\s*skip', rest, re.I)]
    skipped = len(left_out)
    lines = [line for line in lines if line not in left_out]
    passed = sum(1 for state, _ in lines if state == 'ok')
    bad = [f'not ok{rest}' for state, rest in lines if state == 'not ok']
    failed = len(bad)
    if test['result'] == 'SKIP' and not lines and not left_out:
        skipped = 1
    elif test['result'] == 'FAIL' and left_out and failed == 0 and test['returncode'] == 0:
        pass
    elif test['result'] not in ('OK', 'EXPECTEDFAIL', 'SKIP') and failed == 0:
        # It crashed, ran out of time, or a sanitizer spoke after the last line.
        failed = 1
        bad = [f'{test["name"]}: {test["result"]}'] + test.get('stderr', '').splitlines()[-25:]
    elif not lines and test['result'] == 'OK':
        passed = 1
    return passed, failed, skipped, bad


def main():
    build, suites = sys.argv[1], sys.argv[2:]
    # Other suites run beside them.
    command = ['meson', 'test', '-C', build, '--no-rebuild', '--timeout-multiplier', '4']
    for suite in suites:
        command += ['--suite', suite]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    totals = {}
    with open(os.path.join(build, 'meson-logs', 'testlog.json'), encoding='utf-8') as log:
        for line in log:
            test = json.loads(line)
            suite = re.sub(r'^[^:]*:| / .*$', '', test['name'])
            passed, failed, skipped, bad = count(test)
            if bad:
                print(f'# {test["name"]}')
                print('\n'.join(bad))
            total = totals.setdefault(suite, [0, 0, 0])
            for index, number in enumerate((passed, failed, skipped)):
                total[index] += number
    for suite, (passed, failed, skipped) in sorted(totals.items()):
        print(f'  {suite:12} {passed} passed, {failed} failed, {skipped} skipped')
    passed, failed, skipped = (sum(total[i] for total in totals.values()) for i in range(3))
    if not totals:
        failed = 1
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

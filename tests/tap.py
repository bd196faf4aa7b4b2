# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the tests of one file and says what became of them, in TAP and in the line that ./test counts."""
import sys
import time


class Skip(Exception):
    """Raised by a test that this machine has no means for; says what is missing."""


# A test that asks for the day more than once has this long, on a busy machine, too.
DAY_S = 86400
BEFORE_MIDNIGHT_S = 120


def wait_for_midnight():
    """Returns at once, but for the last two minutes of a day (UTC, as the server counts): then when the next one has begun."""
    while DAY_S - (now := time.time()) % DAY_S < BEFORE_MIDNIGHT_S:
        time.sleep(DAY_S - now % DAY_S)


def run(names, *given):
    """Runs each test_ function of `names`, in their order; those that take arguments get `given`.

    No test begins shortly before midnight, so that none has two days. Returns the exit code. Ends with `N passed, N failed, N skipped`.
    """
    tests = [(name[5:], test) for name, test in names.items() if name.startswith('test_')]
    passed = failed = skipped = 0
    print(f'1..{len(tests)}')
    for number, (name, test) in enumerate(tests, 1):
        wait_for_midnight()
        began = time.monotonic()
        took = lambda: f'({round(1000 * (time.monotonic() - began))} ms)'  # noqa: E731  pylint: disable=cell-var-from-loop
        try:
            test(*(given if test.__code__.co_argcount else ()))
            passed += 1
            print(f'ok {number} - {name} {took()}')
        except Skip as why:
            skipped += 1
            print(f'ok {number} - {name} # skip {why}')
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f'not ok {number} - {name} {took()}\n# {type(error).__name__}: {str(error)[:500]}')
        sys.stdout.flush()
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed else 0

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a person meets it: every option, every exit code, every way a run can end.

usage: cli.py OILSKIN [--long] [NAME...]

Each function called `test_*` is one promise. Ends with `N passed, N failed, N skipped`.
"""
import os
import shutil
import sys
import tempfile
import time
import traceback

import asked
import bombs
import chance
import desk
import displayed
import faults
import harness
import large
import options
import redact
import sandbox
import sealing
import setup
import terminal
import words


def tests(names):
    for module in (words, options, redact, asked, displayed, sandbox, bombs, chance, desk, faults, large, sealing, setup,
                   terminal):
        for name in sorted(vars(module)):
            if name.startswith('test_') and (not names or name in names or name[5:] in names):
                yield name, getattr(module, name)


def main():
    flags = [w for w in sys.argv[2:] if w.startswith('--')]
    names = [w for w in sys.argv[2:] if not w.startswith('--')]
    harness.OILSKIN = os.path.abspath(sys.argv[1])
    harness.LONG = '--long' in flags
    passed = failed = skipped = 0
    home = os.getcwd()
    for name, test in tests(names):
        folder = tempfile.mkdtemp(prefix='oilskin-cli-')
        os.chdir(folder)
        began = time.monotonic()
        try:
            test()
            passed += 1
            print(f'ok {name} ({round(1000 * (time.monotonic() - began))} ms)')
        except harness.Skip as why:
            skipped += 1
            print(f'ok {name} # skip {why}')
        except Exception:  # a test that breaks has failed, whatever broke it
            failed += 1
            print(f'not ok {name}')
            print('\n'.join('# ' + line for line in traceback.format_exc().splitlines()[-9:]))
        finally:
            os.chdir(home)
            shutil.rmtree(folder, ignore_errors=True)
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())

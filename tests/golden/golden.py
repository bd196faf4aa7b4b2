#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings and plans of small files as reviewable text.

usage: golden.py PLAN_TOOL RECIPE_DIR            TAP: each fixture's plan must be what stands here
       golden.py --update PLAN_TOOL RECIPE_DIR   writes them; review the difference before you commit
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    update = sys.argv[1] == '--update'
    tool, recipes = sys.argv[-2:]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, os.path.join(recipes, 'assemble.py'), recipes, folder], check=True,
                       stdout=subprocess.DEVNULL)
        names = sorted(os.listdir(folder))
        if not update:
            print(f'1..{len(names)}')
        for number, name in enumerate(names, 1):
            run = subprocess.run([tool, os.path.join(folder, name)], capture_output=True, text=True, timeout=60)
            got = run.stdout if run.returncode in (0, 1) else f'exit {run.returncode}\n{run.stderr}'
            path = os.path.join(HERE, name + '.plan')
            if update:
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(got)
                continue
            want = open(path, encoding='utf-8').read() if os.path.exists(path) else '(no golden)\n'
            same = got == want
            bad += not same
            print(f'{"ok" if same else "not ok"} {number} - golden__{name}')
            if not same:
                for mark, text in (('-', want), ('+', got)):
                    for line in text.splitlines():
                        print(f'# {mark}{line}')
    return 1 if bad else 0


sys.exit(main())

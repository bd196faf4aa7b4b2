#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the policy tables, which are generated from the code, into docs/formats/<name>.md.

usage: generate.py POLICY_TOOL           writes the tables
       generate.py --check POLICY_TOOL   TAP: fails on any page that is not what the code says
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BEGIN = '<!-- policy table: written by generate.py -->\n'
END = '<!-- end of the policy table -->\n'


def tool_output(tool, *words):
    return subprocess.run([tool, *words], check=True, capture_output=True, text=True).stdout


def page_with_table(text, title, table):
    """The page with the table between its markers; both are added to a page that lacks them."""
    if BEGIN not in text:
        text = (text or f'# {title}\n') + f'\n## What becomes of each part\n\n{BEGIN}{END}'
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    return head + BEGIN + table + END + tail


def main():
    check = sys.argv[1] == '--check'
    tool = sys.argv[-1]
    formats = [line.split('\t') for line in tool_output(tool).splitlines()]
    if check:
        print(f'1..{len(formats)}')
    bad = 0
    for number, (name, title) in enumerate(formats, 1):
        path = os.path.join(HERE, name + '.md')
        old = open(path, encoding='utf-8').read() if os.path.exists(path) else ''
        new = page_with_table(old, title, tool_output(tool, name))
        if not check:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(new)
        else:
            bad += old != new
            print(f'{"ok" if old == new else "not ok"} {number} - docs__{name}_page_is_what_the_code_says')
    return 1 if bad else 0


sys.exit(main())

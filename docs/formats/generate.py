#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts what is generated into docs/formats/<name>.md: policy tables from the code, plans from the goldens.

usage: generate.py POLICY_TOOL           writes the tables
       generate.py --check POLICY_TOOL   TAP: fails on any page that is not what the code says, and on
                                         any dump that is not, byte for byte, what its recipe makes, or
                                         in which a part of the plan has no row of its own
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.join(HERE, '..', '..', 'tests')
sys.path.insert(0, os.path.join(TESTS, 'recipes'))
import assemble  # noqa: E402  (it stands among the tests)

BEGIN = '<!-- policy table: written by generate.py -->\n'
END = '<!-- end of the policy table -->\n'
PLAN = re.compile(r'^```plan (\S+)\n(.*?)^```\n', re.M | re.S)
DUMP = re.compile(r'^```dump (\S+)\n(.*?)^```\n', re.M | re.S)
STEP = re.compile(r'^(?:keep|rewrite|drop) .*? @(\d+)\+', re.M)
ROW = re.compile(r'([0-9a-f]{8})  ((?:[0-9a-f]{2} )*[0-9a-f]{2}) *\|')


def tool_output(tool, *words):
    return subprocess.run([tool, *words], check=True, capture_output=True, text=True).stdout


def page_with_table(text, title, table):
    """The page with the table between its markers; both are added to a page that lacks them."""
    if BEGIN not in text:
        text = (text or f'# {title}\n') + f'\n## What becomes of each part\n\n{BEGIN}{END}'
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    return head + BEGIN + table + END + tail


def page_with_plans(text):
    """The page with each plan as it stands among the goldens."""
    def fill(match):
        with open(os.path.join(TESTS, 'golden', match[1] + '.plan'), encoding='utf-8') as golden:
            return f'```plan {match[1]}\n{golden.read()}```\n'
    return PLAN.sub(fill, text)


def dump_fault(name, rows):
    """What is wrong with a dump of the fixture `name`, or None."""
    with open(os.path.join(TESTS, 'recipes', name + '.txt'), encoding='utf-8') as recipe:
        data = assemble.assemble(recipe.read())
    with open(os.path.join(TESTS, 'golden', name + '.plan'), encoding='utf-8') as golden:
        steps = {int(offset) for offset in STEP.findall(golden.read())} - {len(data)}
    at = 0
    for line in rows.splitlines():
        if line.startswith('*'):
            at += int(line.split()[1])
            continue
        row = ROW.match(line)
        if row is None:
            return f'not a row: {line}'
        these = bytes.fromhex(row[2])
        if int(row[1], 16) != at or data[at:at + len(these)] != these:
            return f'not what the recipe makes: {line}'
        steps.discard(at)
        at += len(these)
    if steps:
        return f'no row begins at byte {min(steps)}, where a part begins'
    return None if at == len(data) else f'ends at {at} of {len(data)} bytes'


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
        new = page_with_plans(page_with_table(old, title, tool_output(tool, name)))
        dumps = DUMP.findall(new)
        faults = [fault for fault in (dump_fault(*dump) for dump in dumps) if fault is not None]
        if not dumps:
            faults.append('no worked example')
        if not check:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(new)
        else:
            good = old == new and not faults
            bad += not good
            print(f'{"ok" if good else "not ok"} {number} - docs__{name}_page_is_what_the_code_says')
        for fault in faults:
            print(f'# {name}.md: {fault}')
    return 1 if bad else 0


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The leak audit over real camera files, and the committed list of refusals.

usage: run.py OILSKIN SHARED_DIR SCRATCH_DIR [--short] [--only FORMATS] [--report-only]

SHARED_DIR holds audit/audit.py and corpus/. Without it the suite skips and says so. Fails on: a leak, a file that was
given back as it came though it reveals something, changed pixels, lost orientation, colour or frames, a refusal that is
not in refusals.tsv, a line of refusals.tsv that is no longer true, and more than 3 % refusals of a format's well-formed
files. What the audit counts though nothing was
lost stands in explained.tsv with the reason. Ends with `N passed, N failed, N skipped`.
"""
import csv
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Reasons for which a valid file may be refused; anything else must be the clause that the file violates.
ALLOWED = {'arithmetic-coded JPEG', 'HEIF crop', 'codestream preview', 'undisplayed frames', 'RAW/DNG',
           'media segment without its init', 'JXL with an ICC profile inside the codestream'}


# Not counted in the 3 %: a segment is no file by itself, and a profile inside a JPEG XL codestream is coded with the
# codestream's own entropy coder, so that every such file is refused.
UNCOUNTED = {'media segment without its init', 'JXL with an ICC profile inside the codestream'}


def listed(name, key=1):
    """The rows of a list; the first `key` columns are the key, the first being 12 digits of the file's SHA-1."""
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file if line.strip() and not line.startswith('#')]
    return {row[0] if key == 1 else tuple(row[:key]): tuple(row[1:]) for row in rows}


def corpus_list(shared, scratch, short):
    """Every file, or in the short tier every fifth one, as a list for the audit."""
    files = sorted(os.path.join(top, name) for top, _, names in os.walk(os.path.join(shared, 'corpus'))
                   for name in names if name != 'MANIFEST.tsv')
    if short:
        files = files[::5]
    path = os.path.join(scratch, 'list.txt')
    with open(path, 'w', encoding='utf-8') as out:
        out.write('\n'.join(files) + '\n')
    return path


def faults_of(row, known, explained):
    """What is wrong with one line of the audit's report."""
    faults = []
    ident = os.path.basename(row['path']).split('.')[0]
    if row['status'] in ('crash', 'timeout'):
        return [row['status']]
    if row['status'] == 'refused':
        return [] if ident in known else [f'refused, not in refusals.tsv: {row["stderr"][:140]}']
    if ident in known:
        faults.append('listed in refusals.tsv but not refused')
    if row['leaks']:
        faults.append(f'leaks {row["leaks"]} {row["bytes"][:80]} {row["where"][:80]}')
    if row['weak']:
        faults.append(f'weak leaks {row["weak"]}')
    if row['pixels'] in ('CORRUPT', 'FRAMES', 'DIMS', 'diff'):
        faults.append(f'pixels {row["pixels"]}')
    faults += [f'appearance {flag}' for flag in row['appearance'].split(',') if flag[:1].isupper()]
    return [fault for fault in faults if (ident, fault) not in explained]


def count_refusals(rows, known):
    """{format: (valid files refused, well-formed files)}"""
    counts = {}
    for row in rows:
        reason = known.get(os.path.basename(row['path']).split('.')[0], ('', ''))[1]
        if row['status'] == 'refused' and (reason not in ALLOWED or reason in UNCOUNTED):
            continue  # malformed, or not counted
        refused, total = counts.get(row['fmt'], (0, 0))
        counts[row['fmt']] = (refused + (row['status'] == 'refused'), total + 1)
    return counts


def main():
    words = [w for w in sys.argv[1:] if not w.startswith('--')]
    oilskin, shared, scratch = words[:3]
    if not os.path.exists(os.path.join(shared, 'audit', 'audit.py')):
        print(f'# skipped: no audit and corpus at {shared}')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    os.makedirs(scratch, exist_ok=True)
    command = [sys.executable, os.path.join(shared, 'audit', 'audit.py'),
               f"'{os.path.abspath(oilskin)}' scrub {{in}} -o {{out}} --force",
               corpus_list(shared, scratch, '--short' in sys.argv), os.path.join(scratch, 'out')]
    if '--only' in sys.argv:
        command += ['--only', sys.argv[sys.argv.index('--only') + 1]]
    if '--report-only' in sys.argv:
        command += ['--report-only']
    env = {**os.environ, 'AUDIT_SCRATCH': scratch, 'PYTHONDONTWRITEBYTECODE': '1'}
    subprocess.run(command, check=True, env=env)
    with open(os.path.join(scratch, 'out', 'report.tsv'), encoding='utf-8', errors='replace', newline='') as file:
        rows = list(csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE))
    known = listed('refusals.tsv')
    explained = set(listed('explained.tsv', 2))
    failed = 0
    for row in rows:
        faults = faults_of(row, known, explained)
        failed += bool(faults)
        for fault in faults:
            print(f'not ok - {row["fmt"]} {os.path.basename(row["path"])}: {fault}')
    for name, (refused, total) in sorted(count_refusals(rows, known).items()):
        over = refused > max(1, round(total * 0.03))
        if refused:
            print(f'{"not ok" if over else "#"} {name}: {refused} of {total} well-formed files refused')
        failed += over
    print(f'{len(rows) - failed} passed, {failed} failed')
    return 1 if failed or not rows else 0


sys.exit(main())

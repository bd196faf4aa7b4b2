#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects every string literal of the worker's sources into the list of host/worker_words.h.

usage: words.py OUT.c SOURCE...
"""
import re
import sys

# One token after another, so that a quotation mark in a comment or a character begins no string.
TOKEN = re.compile(r'/\*.*?\*/|^\s*#\s*include[^\n]*|\'(?:[^\'\\\n]|\\.)+\'|"(?:[^"\\\n]|\\.)*"|\S', re.S | re.M)
# What can be in a fault: plain words, without escapes.
PLAIN = re.compile(r'^[ -!#-\[\]-~]{1,300}$')


def words(path):
    with open(path, encoding='utf-8') as file:
        tokens = TOKEN.findall(file.read())
    word = None
    for token in tokens + [';']:
        if token.startswith('"'):
            word = (word or '') + token[1:-1]
        elif word is not None and not token.startswith('/*'):
            if PLAIN.match(word):
                yield word
            word = None


def main():
    found = sorted({''}.union(*(words(path) for path in sys.argv[2:])), key=lambda w: w.encode())
    lines = ['/* SPDX-License-Identifier: GPL-3.0-or-later */', '/* Made by worker/words.py. */',
             '#include "host/worker_words.h"', '', 'const char *const osk_worker_words[] = {']
    lines += [f'    "{word}",' for word in found]
    lines += ['};', f'const uint32_t osk_worker_word_count = {len(found)};', '']
    with open(sys.argv[1], 'w', encoding='utf-8') as out:
        out.write('\n'.join(lines))


main()

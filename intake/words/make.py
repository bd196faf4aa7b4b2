#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes intake/receipt_words.c, the list that receipts are drawn from.

    intake/words/make.py SMALL MEDIUM > intake/receipt_words.c

SMALL and MEDIUM are american-english-small and american-english of Debian's packages wamerican-small and wamerican,
version 2020.12.07-2 (their words come from SCOWL and are free to copy). The list is never made again for a running drop:
receipts on paper are words of this one.

What a person writes down by hand, perhaps in a second language, and types again a week later has to be: a root that
can be counted or done (its form in -s is a word), of 4 to 8 letters, all small ones; told from every other by four
letters; no form of another word; nothing that frightens, insults or sorts people (avoid.txt). Where several share four
letters the one with the largest family of derived words is taken, which is a fair measure of how common a root is, and
the 2,048 largest families make the list.
"""

import pathlib
import re
import sys

COUNT = 2048


def read(path):
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if re.fullmatch("[a-z]{3,14}", line)}


def forms(word):
    """What -s makes of it."""
    if word.endswith("y") and word[-2] not in "aeiou":
        return [word[:-1] + "ies"]
    if re.search("(s|x|z|ch|sh)$", word):
        return [word + "es"]
    return [word + "s"]


def is_derived(word, small):
    """Forms and derivations of a shorter word: one of a family is enough."""
    if re.search("(ed|ing|ly|ness|less|ship|ism|ist|ity|ally|[^aeiou]s)$", word):
        return True
    if word.endswith("er") or word.endswith("or"):
        return word[:-2] in small or word[:-1] in small or (len(word) > 5 and word[-3] == word[-4])
    return word.endswith("s") and word[:-1] in small


def family(word, medium):
    stem = word[:-1] if word[-1] in "ey" else word
    return sum(1 for other in medium if other.startswith(stem))


def main():
    small, medium = read(sys.argv[1]), read(sys.argv[2])
    avoid = pathlib.Path(__file__).with_name("avoid.txt").read_text(encoding="utf-8").split("\n")
    avoid = {line for line in avoid if line and not line.startswith("#")}
    by_prefix = {}
    for word in medium:
        by_prefix.setdefault(word[:4], []).append(word)
    best = {}
    for word in sorted(small):
        if not 4 <= len(word) <= 8 or word in avoid or is_derived(word, small):
            continue
        if not all(form in medium for form in forms(word)):
            continue
        size = family(word, by_prefix[word[:4]]) if len(word) >= 5 else family(word, medium)
        rank = (size, -len(word), word)
        if rank > best.get(word[:4], (0, 0, "")):
            best[word[:4]] = rank
    ranked = sorted(best.values(), key=lambda rank: (-rank[0], -rank[1], rank[2]))
    if len(ranked) < COUNT:
        sys.exit(f"only {len(ranked)} words")
    words = sorted(rank[2] for rank in ranked[:COUNT])
    print("/* SPDX-License-Identifier: GPL-3.0-or-later */")
    print("/* Made by intake/words/make.py. Never change a word: receipts that people have on paper are")
    print(" * made of these. */")
    print('#include "intake/receipt_words.h"')
    print("")
    print("/* clang-format off */")
    print("const char *const osk_receipt_words[OSK_RECEIPT_WORD_COUNT] = {")
    line = "   "
    for word in words:
        piece = f' "{word}",'
        if len(line) + len(piece) > 100:
            print(line)
            line = "   "
        line += piece
    print(line)
    print("};")
    print("/* clang-format on */")


main()

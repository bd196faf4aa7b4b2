# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of a running server, read from outside, as by somebody who takes the machine."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402  pylint: disable=wrong-import-position

GIB = 1 << 30


def memory_of(pid):
    """Each mapped piece that can be read."""
    try:
        with open(f'/proc/{pid}/maps', encoding='ascii') as maps, open(f'/proc/{pid}/mem', 'rb', 0) as memory:
            for line in maps:
                first, last, rights = re.match(r'([0-9a-f]+)-([0-9a-f]+) (\S+)', line).groups()
                start, length = int(first, 16), int(last, 16) - int(first, 16)
                if rights[0] != 'r' or length > GIB:
                    continue
                try:
                    memory.seek(start)
                    yield memory.read(length) or b''
                except (OSError, ValueError, OverflowError):
                    continue
    except PermissionError as why:
        raise tap.Skip('reading the memory of another process needs root here') from why


def found_in(pid, needles):
    """The names of the needles that are there."""
    found, total = set(), 0
    for piece in memory_of(pid):
        total += len(piece)
        found |= {name for name, needle in needles.items() if needle in piece}
    assert total > 1 << 20, f'only {total} bytes could be read'
    return found

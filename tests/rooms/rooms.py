#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walls of the house: reads the table of ARCHITECTURE.md and fails on any #include it does not allow,
on any symbol that the hermetic rooms may not use, on banned calls and on missing licence lines.

usage: rooms.py SOURCE_DIR LIBRARY.a...    (TAP on standard output)
"""
import os
import re
import subprocess
import sys

ROOM_ROW = re.compile(r'^\| `([a-z0-9/_]+)` \|[^|]*\| (.*) \|$')
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
FREESTANDING = set('stdbool stddef stdint string stdlib limits assert stdarg'.split())
# What the hermetic rooms may take from outside: memory, byte moves, the libraries of inflate and seal (of the
# latter not its randomness), compiler support: clang asks bcmp() where a memcmp() is but compared with nought.
SYMBOLS = re.compile(r'^(malloc|calloc|realloc|free|memcpy|memmove|memset|memcmp|bcmp|memchr|strlen|strchr|strcmp|'
                     r'strncmp|qsort|bsearch|floor|ceil|sqrtf?|abort|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|'
                     r'__mem(cpy|move|set)_chk|__u?divti3|__u?modti3|__u?divmodti4|libdeflate_[a-z0-9_]+|(crypto|sodium|nettle_sha256|gcry)_[a-z0-9_]+|osk_[a-z0-9_]+|'
                     r'__cpu_(model|indicator_init)|__(asan|ubsan|sanitizer|lsan)_.*|__llvm_.*|__sancov.*)$')
BANNED = re.compile(r'\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|alloca)\s*\(')
SOURCES = ('.c', '.h', '.py', '.sh', '.build', '.ts', '.js', '.fish', '.bash', '.zsh')


def read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


def table(root):
    """{room folder: [allowed words]} from ARCHITECTURE.md."""
    rooms = {}
    for line in read(os.path.join(root, 'ARCHITECTURE.md')).splitlines():
        match = ROOM_ROW.match(line)
        if match:
            rooms[match.group(1)] = [w.strip(' `') for w in match.group(2).split(',')]
    return rooms


def room_of(path, rooms):
    fits = [r for r in rooms if path.startswith(r + '/')]
    return max(fits, key=len) if fits else None


def resolve(root, path, name, rooms):
    """The room that `name`, included from `path`, lives in; None for a system header."""
    for base in ('include', 'src', '', os.path.dirname(path)):
        full = os.path.normpath(os.path.join(base, name))
        if os.path.exists(os.path.join(root, full)):
            return room_of(full, rooms)
    return None


def allowed_in(path, words):
    """The words of a room's row that hold for one of its files: `X in Y` is for the file Y alone."""
    out = []
    for word in words:
        name, _, only = word.replace('`', '').partition(' in ')
        if only in ('', os.path.basename(path)):
            out.append(name)
    return out


def check_include(root, path, name, rooms):
    """A complaint, or None."""
    room = room_of(path, rooms)
    allowed = allowed_in(path, rooms[room])
    owned = [w.split('` in ')[0] for w in rooms[room] if '` in ' in w]
    target = resolve(root, path, name, rooms)
    if target is None:
        if name in owned and name not in allowed:
            return f'{path}: <{name}> has one adapter in {room}'
        hermetic = room.startswith('src/') or room == 'include/oilskin'
        codec = path.startswith('src/pixels/codec_')
        if not hermetic or codec or name in allowed or name[:-2] in FREESTANDING:
            return None
        return f'{path}: <{name}> is not for {room}'
    if target == room or target in allowed or target.split('/')[-1] in allowed:
        return None
    return f'{path}: "{name}" ({target}) is not for {room}'


def c_files(root, folders):
    for folder in folders:
        for top, _, names in os.walk(os.path.join(root, folder)):
            for name in sorted(names):
                if name.endswith(('.c', '.h')):
                    yield os.path.relpath(os.path.join(top, name), root)


def includes(root):
    rooms = table(root)
    bad = []
    if len(rooms) < 8:
        bad.append('the table of ARCHITECTURE.md could not be read')
    for path in c_files(root, ('include', 'src', 'host', 'worker', 'http', 'store', 'intake', 'desk', 'web/wasm', 'cli')):
        if room_of(path, rooms) is None:
            bad.append(f'{path}: lives in no room of ARCHITECTURE.md')
            continue
        for _, name in INCLUDE.findall(read(os.path.join(root, path))):
            complaint = check_include(root, path, name, rooms)
            if complaint:
                bad.append(complaint)
    return bad


def symbols(library):
    out = subprocess.run(['nm', '-u', '-A', library], capture_output=True, text=True, check=True).stdout
    bad = []
    count = 0
    for line in out.splitlines():
        where, symbol = line.rsplit(None, 1)
        count += 1
        if not SYMBOLS.match(symbol.split('@')[0]):
            bad.append(f'{where.split(":")[-2] if ":" in where else where}: uses {symbol}')
    if count == 0:
        bad.append('nm listed no symbols')
    return sorted(set(bad))


def banned(root):
    bad = []
    for path in c_files(root, ('include', 'src', 'host', 'worker', 'http', 'store', 'intake', 'desk', 'web/wasm', 'cli', 'examples', 'bench', 'tests')):
        for match in BANNED.finditer(read(os.path.join(root, path))):
            bad.append(f'{path}: {match.group(1)} is banned')
    return bad


def tracked(root):
    out = subprocess.run(['git', '-c', 'safe.directory=*', '-C', root, 'ls-files', '-co', '--exclude-standard'],
                         capture_output=True, text=True)
    if out.returncode == 0:
        return out.stdout.split('\n')[:-1]
    return [os.path.relpath(os.path.join(t, n), root) for t, _, ns in os.walk(root) for n in ns]


def licences(root):
    bad = []
    for path in tracked(root):
        full = os.path.join(root, path)
        if path.endswith(SOURCES) and os.path.exists(full):
            if 'SPDX-License-Identifier: GPL-3.0-or-later' not in '\n'.join(read(full).split('\n')[:3]):
                bad.append(f'{path}: no SPDX line')
        if re.search(r'(^|/)(utils?|misc|common|helpers?)(\.[a-z]+)?(/|$)', path):
            bad.append(f'{path}: a name that only collects leftovers')
    return bad


def main():
    root, libraries = sys.argv[1], sys.argv[2:]
    tests = (('rooms__every_include_is_allowed', includes(root)),
             ('rooms__hermetic_rooms_touch_nothing_outside', [bad for library in libraries for bad in symbols(library)]),
             ('rooms__no_banned_call', banned(root)),
             ('rooms__every_source_names_its_licence', licences(root)))
    print(f'1..{len(tests)}')
    for number, (name, bad) in enumerate(tests, 1):
        for line in bad:
            print(f'# {line}')
        print(f'{"not ok" if bad else "ok"} {number} - {name}')
    return 1 if any(bad for _, bad in tests) else 0


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns what wasm2js writes, a module that is one instance, into a module that makes instances.

usage: script.py IN OUT
"""
import re
import sys

HEAD = '''/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made by web/wasm/build.sh of the module beside it, for browsers in which WebAssembly is switched off. */
export default function instantiate({ read, write, random }) {
'''


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        text = file.read()
    text, imports = re.subn(r"^import \{ (read|write|random) \} from 'oilskin';\n", '', text, flags=re.M)
    text, exports = re.subn(r'^export var (\w+) = retasmFunc\.\1;\n', '', text, flags=re.M)
    # Anything else is another version's output, which this has not been tried with.
    if imports != 3 or exports != 6 or re.search(r'^(im|ex)port\b', text, re.M):
        sys.exit(f'{sys.argv[1]}: {imports} imports and {exports} exports, where 3 and 6 were expected')
    body = '\n'.join(line.lstrip() for line in text.split('\n') if line.strip())
    with open(sys.argv[2], 'w', encoding='utf-8') as file:
        file.write(HEAD + body + '\nreturn retasmFunc;\n}\n')


main()

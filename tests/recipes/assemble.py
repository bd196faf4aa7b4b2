#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assembles fixtures from commented text recipes.

usage: assemble.py RECIPE.txt OUT        one
       assemble.py RECIPE_DIR OUT_DIR    all: NAME.EXT.txt gives NAME.EXT

A recipe is words; `#` begins a comment. Inside braces stands a nested group.
  00 ff 1a        bytes, hexadecimal pairs
  "text"          bytes of the text (\\n \\0 \\" \\\\ as usual)
  u8:7 u16be:7 u16le:7 u32be:7 u32le:7 u64be:7   integers (decimal or 0x..)
  zeros:10 fill:10:ab                            runs
  len16be+2{ }    a length of the group plus 2, then the group (len8, len16be, len16le, len32be, len32le)
  box:moov{ }     ISOBMFF box (_ is a space)   full:hdlr:0:0{ }  full box with version and flags
  chunk:IDAT{ }   PNG chunk with CRC  riff:VP8L{ }     RIFF chunk, padded
  ebml:1a45dfa3{ }  EBML element, 4-byte size
  zlib{ }         the group, deflated
  at:name         a label at this position
  pos32be:name pos32le:name pos64be:name   the absolute position of a label
"""
import os
import re
import struct
import sys
import zlib

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s{}"#]+)|([{}])|#[^\n]*')
INTS = {'u8': '>B', 'u16be': '>H', 'u16le': '<H', 'u32be': '>I', 'u32le': '<I', 'u64be': '>Q', 'u64le': '<Q',
        'i32be': '>i'}
POSITIONS = {'pos32be': '>I', 'pos32le': '<I', 'pos64be': '>Q'}


def unescape(text):
    return re.sub(r'\\(.)', lambda m: {'n': '\n', '0': '\0'}.get(m.group(1), m.group(1)), text).encode('latin1')


class Assembler:
    def __init__(self, text, labels):
        self.tokens = [m for m in TOKEN.finditer(text) if m.group(1) is not None or m.group(2) or m.group(3)]
        self.at = 0
        self.known = labels
        self.labels = {}

    def group(self, base):
        """Bytes up to the closing brace or the end; `base` is their absolute position."""
        out = bytearray()
        while self.at < len(self.tokens):
            match = self.tokens[self.at]
            self.at += 1
            if match.group(3) == '}':
                return bytes(out)
            if match.group(1) is not None:
                out += unescape(match.group(1))
            else:
                out += self.word(match.group(2), base + len(out))
        return bytes(out)

    def nested(self, base):
        if self.tokens[self.at].group(3) != '{':
            raise SystemExit(f'a group must follow, near {self.tokens[self.at].group(0)}')
        self.at += 1
        return self.group(base)

    def word(self, word, base):
        name, *args = word.split(':')
        if re.fullmatch(r'[0-9a-fA-F]{2}', word):
            return bytes([int(word, 16)])
        if name in INTS:
            return struct.pack(INTS[name], int(args[0], 0))
        if name in POSITIONS:
            return struct.pack(POSITIONS[name], self.known.get(args[0], 0))
        if name == 'at':
            self.labels[args[0]] = base
            return b''
        if name == 'zeros':
            return bytes(int(args[0]))
        if name == 'fill':
            return bytes([int(args[1], 16)]) * int(args[0])
        if name.startswith('len'):
            kind, _, plus = name[3:].partition('+')
            code = {'8': '>B', '16be': '>H', '16le': '<H', '32be': '>I', '32le': '<I'}[kind]
            body = self.nested(base + struct.calcsize(code))
            return struct.pack(code, len(body) + int(plus or 0)) + body
        if name in ('box', 'full'):
            head = b'' if name == 'box' else struct.pack('>I', int(args[1]) << 24 | int(args[2], 0))
            body = head + self.nested(base + 8 + len(head))
            return struct.pack('>I', 8 + len(body)) + unescape(args[0]).replace(b'_', b' ') + body
        if name == 'chunk':
            body = args[0].encode() + self.nested(base + 8)
            return struct.pack('>I', len(body) - 4) + body + struct.pack('>I', zlib.crc32(body))
        if name == 'riff':
            body = self.nested(base + 8)
            return args[0].ljust(4).encode() + struct.pack('<I', len(body)) + body + bytes(len(body) % 2)
        if name == 'ebml':
            code = bytes.fromhex(args[0])
            body = self.nested(base + len(code) + 4)
            return code + struct.pack('>I', len(body) | 0x10000000) + body
        if name == 'zlib':
            return zlib.compress(self.nested(0), 9)
        raise SystemExit(f'unknown word {word}')


def assemble(text):
    labels = {}
    for _ in range(3):  # labels may stand behind their use
        assembler = Assembler(text, labels)
        out = assembler.group(0)
        labels = assembler.labels
    return out


def main():
    source, target = sys.argv[1:3]
    if not os.path.isdir(source):
        pairs = [(source, target)]
    else:
        os.makedirs(target, exist_ok=True)
        pairs = [(os.path.join(source, n), os.path.join(target, n[:-4]))
                 for n in sorted(os.listdir(source)) if n.endswith('.txt')]
    for recipe, out in pairs:
        with open(recipe, encoding='utf-8') as file:
            data = assemble(file.read())
        with open(out, 'wb') as file:
            file.write(data)
    print(f'{len(pairs)} fixtures')


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: GPL-3.0-or-later
"""ISO base media boxes (ISO/IEC 14496-12): a reader into a tree and a writer that needs no sums."""

import struct


def box(kind, *payload):
    body = b"".join(payload)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind, version, flags, *payload):
    return box(kind, struct.pack(">I", version << 24 | flags), *payload)


def big(kind, *payload):
    """A box with a 64-bit size."""
    body = b"".join(payload)
    return struct.pack(">I4sQ", 1, kind, 16 + len(body)) + body


def uuid(ident, *payload):
    return box(b"uuid", ident.ljust(16, b"\0")[:16], *payload)


def parse(data):
    """[(kind, payload)] of the boxes in `data`."""
    out, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = len(data) - at
        out.append((kind, data[at + head : at + size]))
        at += size
    return out


def child(data, *path):
    """The payload of the first box under a path of kinds (full boxes' headers are not skipped)."""
    for kind in path:
        data = next(p for k, p in parse(data) if k == kind)
        if kind == b"meta":
            data = data[4:]
    return data


def children(data, kind):
    return [p for k, p in parse(data) if k == kind]


def unpack_table(payload, fmt, start):
    """The rows of a sample table: a 32-bit count at `start`, then `fmt` for each."""
    count, width = struct.unpack_from(">I", payload, start)[0], struct.calcsize(fmt)
    return [struct.unpack_from(fmt, payload, start + 4 + width * i) for i in range(count)]

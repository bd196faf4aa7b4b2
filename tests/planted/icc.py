# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a small RGB matrix ICC profile (ICC.1:2022) with one secret in one of its places."""

import struct

from place import Secret


def s15(value):
    return struct.pack(">i", round(value * 65536))


def xyz(x, y, z):
    return b"XYZ \0\0\0\0" + s15(x) + s15(y) + s15(z)


def mluc(text):
    body = text.decode().encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(body), 28) + body


def desc_v2(text):
    tail = bytes(8) + bytes(2 + 1 + 67)
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + tail


def text_tag(text):
    return b"text\0\0\0\0" + text + b"\0"


CURVE = b"curv\0\0\0\0" + struct.pack(">IH", 1, 0x0233) + b"\0\0"
GREY = b"curv\0\0\0\0" + struct.pack(">IH", 1, 0x01CD) + b"\0\0"


def profile(extra=(), replace=None, header=None, gap=b"", tail=b"", version=0x02400000):
    """`extra` are (tag, data) pairs; `header` maps offsets to bytes."""
    tags = {
        b"desc": desc_v2(b"c"),
        b"cprt": text_tag(b"c"),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.4361, 0.2225, 0.0139),
        b"gXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": CURVE,
        b"gTRC": CURVE,
        b"bTRC": CURVE,
    }
    tags.update(replace or {})
    tags.update(dict(extra))
    table, body = bytearray(struct.pack(">I", len(tags))), bytearray(gap)
    start = 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        while (start + len(body)) % 4:
            body += b"\0"
        table += struct.pack(">4sII", tag, start + len(body), len(data))
        body += data
    while len(body) % 4:
        body += b"\0"
    body += tail
    head = bytearray(128)
    struct.pack_into(">I4sI4s4s4s", head, 0, 128 + len(table) + len(body), b"\0" * 4, version,
                     b"mntr", b"RGB ", b"XYZ ")
    head[36:40] = b"acsp"
    head[68:80] = s15(0.9642) + s15(1.0) + s15(0.8249)
    for at, value in (header or {}).items():
        head[at : at + len(value)] = value
    return bytes(head + table + body)


# (name, how found, builder): the builder gets a Secret and returns the profile.
PLACES = [
    ("desc", "raw", lambda s: profile(replace={b"desc": desc_v2(s.raw)})),
    ("desc-mluc", "utf16", lambda s: profile(replace={b"desc": mluc(s.raw)}, version=0x04300000)),
    ("copyright", "raw", lambda s: profile(replace={b"cprt": text_tag(s.raw)})),
    ("device-maker", "raw", lambda s: profile([(b"dmnd", desc_v2(s.raw))])),
    ("device-model", "raw", lambda s: profile([(b"dmdd", desc_v2(s.raw))])),
    ("viewing-conditions", "raw", lambda s: profile([(b"vued", desc_v2(s.raw))])),
    ("char-target", "raw", lambda s: profile([(b"targ", text_tag(s.raw))])),
    ("technology", "raw", lambda s: profile([(b"calt", b"dtim\0\0\0\0" + s.binary(12))])),
    ("metadata-dict", "raw", lambda s: profile([(b"meta", b"dict\0\0\0\0" + s.raw)])),
    ("vendor-tag", "raw", lambda s: profile([(b"mmod", b"mmod\0\0\0\0" + s.raw)])),
    ("private-tag", "raw", lambda s: profile([(b"zzzz", text_tag(s.raw))])),
    ("header-date", "raw", lambda s: profile(header={24: s.binary(12)})),
    ("header-device", "raw", lambda s: profile(header={48: s.binary(8)})),
    ("header-profile-id", "raw", lambda s: profile(header={84: s.binary(16)})),
    ("header-reserved", "raw", lambda s: profile(header={100: s.raw})),
    ("gap-before-tags", "raw", lambda s: profile(gap=s.raw)),
    ("tail-after-tags", "raw", lambda s: profile(tail=s.raw)),
    ("tag-slack", "raw", lambda s: profile(replace={b"wtpt": xyz(0.9642, 1.0, 0.8249) + s.raw})),
    ("broken-signature", "raw", lambda s: profile(replace={b"desc": desc_v2(s.raw)}, header={36: b"none"})),
    ("broken-curve", "raw", lambda s: profile(replace={b"rTRC": CURVE[:8] + b"\x7f\0\0\0" + s.raw})),
    ("curve-slack", "raw", lambda s: profile(replace={b"rTRC": CURVE + s.raw})),
]


def simple(secret: Secret):
    return profile(replace={b"desc": desc_v2(secret.raw)})

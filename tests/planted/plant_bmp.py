# SPDX-License-Identifier: GPL-3.0-or-later
"""BMP (Microsoft wingdi.h; OS/2 headers): where a secret can stand."""

import struct

import draw
import icc
from place import base, place

W, H = 21, 13
INFO, V2, V3, V4, V5 = 40, 52, 56, 108, 124
SRGB, LINKED, EMBEDDED = b"BGRs", b"KNIL", b"DEBM"


def rows(depth=24, pad=None):
    """Bottom-up rows; `pad` gives the bytes that fill each row to four."""
    rgb, out, fill = draw.gradient(W, H), bytearray(), bytearray(pad or b"")
    for y in reversed(range(H)):
        row = bytearray()
        for x in range(W):
            r, g, b = rgb[3 * (y * W + x) :][:3]
            row += {24: bytes((b, g, r)), 32: bytes((b, g, r, 255)), 8: bytes([g >> 5]),
                    16: struct.pack("<H", (r >> 3) << 10 | (g >> 3) << 5 | b >> 3)}[depth]
        need = -len(row) % 4
        row += bytes(fill[:need]).ljust(need, b"\0")
        del fill[:need]
        out += row
    return bytes(out)


def header(kind, depth=24, compression=0, size=0, colours=0, space=SRGB, profile=(0, 0),
    ppm=(2835, 2835),
           v5_reserved=0):
    if kind == 12:
        return struct.pack("<IHHHH", 12, W, H, 1, depth)
    out = struct.pack("<IiiHHIIiiII", kind, W, H, 1, depth, compression, size, *ppm, colours, 0)
    if kind >= V2:
        out += struct.pack("<III", 0xFF0000, 0xFF00, 0xFF) if depth == 32 else bytes(12)
    if kind >= V3:
        out += struct.pack("<I", 0xFF000000 if depth == 32 else 0)
    if kind >= V4:
        out += space + bytes(36 + 12)
    if kind >= V5:
        out += struct.pack("<IIII", 4, *profile, v5_reserved)
    return out


def make(kind=INFO, depth=24, gap=b"", tail=b"", reserved=bytes(4), pad=None, table=b"",
    pixels=None,
         length=None, **fields):
    head = header(kind, depth, **fields)
    pixels = pixels or rows(depth, pad)
    start = 14 + len(head) + len(table) + len(gap)
    total = start + len(pixels) + len(tail)
    file = b"BM" + struct.pack("<I", length or total) + reserved + struct.pack("<I", start)
    return file + head + table + gap + pixels + tail


TABLE = b"".join(bytes((i * 36, 255 - i * 30, i * 17, 0)) for i in range(8))
MASKS = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)

for _name, _how in (
    ("core", {"kind": 12}), ("info", {}), ("v4", {"kind": V4}), ("v5", {"kind": V5}),
    ("v3-alpha", {"kind": V3, "depth": 32, "compression": 3}),
    ("palette", {"depth": 8, "table": TABLE, "colours": 8}),
    ("masks", {"depth": 32, "compression": 3, "table": MASKS}), ("five-bits", {"depth": 16}),
):
    base("bmp", _name, spec="BITMAPINFOHEADER")(lambda s, h=_how: make(**h))


def rle(tail=b""):
    rows_ = rows(8)
    stride = (W + 3) // 4 * 4
    out = b""
    for y in range(H):
        out += b"".join(bytes((1, v)) for v in rows_[y * stride : y * stride + W]) + b"\0\0"
    return out + b"\0\1" + tail


base("bmp", "rle8", spec="BI_RLE8")(
    lambda s: make(depth=8, table=TABLE, colours=8, compression=1, size=len(rle()), pixels=rle()))

PLACES = [
    ("gap-before-pixels", lambda s: make(gap=s.raw), {}),
    ("gap-before-pixels-v5", lambda s: make(V5, gap=s.raw), {}),
    ("gap-after-palette", lambda s: make(depth=8, table=TABLE, colours=8, gap=s.raw), {}),
    ("gap-core", lambda s: make(12, gap=s.raw), {}),
    ("trailer", lambda s: make(tail=s.raw), {}),
    ("trailer-past-size", lambda s: make(length=14 + 40 + len(rows())) + s.raw, {}),
    ("reserved-fields", lambda s: make(reserved=s.binary(4)), {}),
    ("rle-slack", lambda s: make(depth=8, table=TABLE, colours=8, compression=1,
                                 size=len(rle(s.raw)), pixels=rle(s.raw)), {}),
    ("unused-palette", lambda s: make(depth=8, table=TABLE + s.raw, colours=14),
     {"expect": "named-limit", "inspect": False}),
    ("palette-in-true-colour", lambda s: make(table=s.raw, colours=6), {}),
    ("v4-unused-endpoints", lambda s: make(V4, table=b"").replace(
        SRGB + bytes(48), SRGB + s.fit(48)), {}),
    ("v5-reserved", lambda s: make(V5, v5_reserved=struct.unpack("<I", s.binary(4))[0]), {}),
    ("resolution", lambda s: make(ppm=struct.unpack("<ii", s.binary(8, 1, 127))),
     {"expect": "named-limit", "inspect": False}),
]
for _name, _make, _how in PLACES:
    place("bmp", _name, "BITMAPFILEHEADER, BITMAPV5HEADER", **_how)(_make)


@place("bmp", "row-padding", "BITMAPINFOHEADER: rows end on four bytes")
def _(s):
    """One free byte a row: the secret is a window over two of them."""
    lines = rows(24, s.binary(H))
    s.use(lines[63 : 63 + 65])
    return make(pixels=lines)


@place("bmp", "palette-reserved-bytes", "RGBQUAD rgbReserved")
def _(s):
    free = s.binary(8)
    table = b"".join(TABLE[4 * i : 4 * i + 3] + bytes([v]) for i, v in enumerate(free))
    s.use(table)
    return make(depth=8, colours=8, table=table)


def with_profile(data, space=EMBEDDED):
    """The profile stands after the pixels; its offset counts from the info header."""
    pixels = rows()
    return make(V5, space=space, profile=(V5 + len(pixels), len(data)), tail=data)


@place("bmp", "linked-profile-name", "BITMAPV5HEADER PROFILE_LINKED")
def _(s):
    return with_profile(s.raw + b"\0", LINKED)


for _name, _how, _make in icc.PLACES:
    place("bmp", f"icc-{_name}", "BITMAPV5HEADER PROFILE_EMBEDDED; ICC.1:2022", how=_how)(
        lambda s, m=_make: with_profile(m(s)))


@place("bmp", "profile-without-flag", "BITMAPV5HEADER: profile data that no flag names")
def _(s):
    return with_profile(icc.simple(s), SRGB)


@place("bmp", "row-padding-bits", "BITMAPINFOHEADER: free bits of a 1-bit row",
    expect="clean-or-refused")
def _(s):
    """Rows of one pixel: 31 free bits each, three bytes of them whole."""
    pads = s.raw
    lines = b"".join(b"\0" + pads[i : i + 3] for i in range(0, 24, 3))
    s.use(lines[:16])
    head = struct.pack("<IiiHHIIiiII", 40, 1, 8, 1, 1, 0, 0, 0, 0, 2, 0)
    table = b"\0\0\0\0\xff\xff\xff\0"
    start = 14 + 40 + 8
    return b"BM" + struct.pack("<III", start + 32, 0, start) + head + table + lines

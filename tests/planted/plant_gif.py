# SPDX-License-Identifier: GPL-3.0-or-later
"""GIF (CompuServe GIF89a): where a secret can stand."""

import struct

import draw
from place import base, place

W, H = 24, 20
GLOBAL = bytes(b for i in range(8) for b in (i * 36, 255 - i * 30, i * 17))
TRAILER = b"\x3b"


def blocks(data):
    """A chain of data sub-blocks with its terminator."""
    out = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data),
        255))
    return out + b"\0"


class Codes:
    """Packs LZW codes, low bit first."""

    def __init__(self):
        self.out, self.acc, self.have = bytearray(), 0, 0

    def put(self, code, width):
        self.acc |= code << self.have
        self.have += width
        while self.have >= 8:
            self.out.append(self.acc & 255)
            self.acc >>= 8
            self.have -= 8

    def done(self):
        if self.have:
            self.out.append(self.acc & 255)
        return bytes(self.out)


def lzw(pixels, size=3, stop=True, extra=b""):
    """A small but true LZW coder; `extra` pixels are coded past the picture's last one."""
    clear, out = 1 << size, Codes()
    table, width = {}, size + 1
    out.put(clear, width)
    table, after, prefix = {bytes([i]): i for i in range(clear)}, clear + 2, b""
    for value in pixels + extra:
        word = prefix + bytes([value])
        if word in table:
            prefix = word
            continue
        out.put(table[prefix], width)
        if after < 4096:
            table[word] = after
            if after == 1 << width and width < 12:
                width += 1
            after += 1
        else:
            out.put(clear, width)
            table, after, width = {bytes([i]): i for i in range(clear)}, clear + 2, size + 1
        prefix = bytes([value])
    out.put(table[prefix], width)
    if stop:
        out.put(clear + 1, width)
    return out.done()


def pixels(phase=0, width=W, height=H):
    return bytes(v >> 5 for v in draw.grey(width, height, phase))


def interlaced(data):
    order = [*range(0, H, 8), *range(4, H, 8), *range(2, H, 4), *range(1, H, 2)]
    return b"".join(data[y * W : (y + 1) * W] for y in order)


def image(phase=0, flags=0, table=b"", data=None, left=0, top=0):
    head = struct.pack("<BHHHHB", 0x2C, left, top, W, H, flags)
    return head + table + b"\3" + (data or blocks(lzw(pixels(phase))))


def gce(delay=10, tail=b"", flags=4):
    body = struct.pack("<BHB", flags, delay, 0) + tail
    return b"\x21\xf9" + bytes([len(body)]) + body + b"\0"


def extension(label, data):
    return b"\x21" + bytes([label]) + data


def application(ident, data):
    return extension(0xFF, b"\x0b" + ident + data)


LOOP = application(b"NETSCAPE2.0", b"\3\1\0\0\0")


def make(early=b"", between=b"", late=b"", end=TRAILER, tail=b"", frames=1, first=None, loop=LOOP,
         palette=GLOBAL, version=b"GIF89a", gce_first=None):
    head = version + struct.pack("<HHBBB", W, H, 0xF2, 0, 0) + palette
    if frames == 1:
        return head + early + (gce_first or b"") + (first or image()) + late + end + tail
    out = head + loop + early
    for i in range(frames):
        frame = first if i == 0 and first else image(i)
        control = gce_first if i == 0 and gce_first is not None else gce()
        out += control + frame + (between if i + 1 < frames else b"")
    return out + late + end + tail


base("gif", "static", spec="GIF89a 17 to 27")(lambda s: make())
base("gif", "animated", spec="GIF89a")(lambda s: make(frames=3))
base("gif", "interlaced", spec="GIF89a 20, appendix E")(
    lambda s: make(first=image(flags=0x40, data=blocks(lzw(interlaced(pixels()))))))
base("gif", "local-palette", spec="GIF89a 21")(
    lambda s: make(first=image(flags=0x82, table=GLOBAL)))
base("gif", "no-end-code", spec="GIF89a appendix F; many writers leave it out")(
    lambda s: make(first=image(data=blocks(lzw(pixels(), stop=False)))))
base("gif", "gifsicle", spec="GIF89a; another writer")(
    lambda s: draw.run(["gifsicle", "-O2", "i.gif", "-o", "o.gif"], {"i.gif": make(frames=3)},
        "o.gif"))

EXTENSIONS = [
    ("comment", lambda v: extension(0xFE, blocks(v))),
    ("comment-chain", lambda v: extension(0xFE, blocks(b"." * 255 + v))),
    ("application-unknown", lambda v: application(b"DRAWNAPP1.0", blocks(v))),
    ("application-name", lambda v: application(v[:11], blocks(v))),
    ("application-over-long", lambda v: extension(0xFF,
        bytes([35]) + b"NETSCAPE2.0" + v + b"\3\1\0\0\0")),
    ("loop-extra-block", lambda v: application(b"NETSCAPE2.0", b"\3\1\0\0" + blocks(v))),
    ("loop-over-long", lambda v: application(b"NETSCAPE2.0", bytes([27]) + b"\1\0\0" + v + b"\0")),
    ("loop-buffering", lambda v: application(b"NETSCAPE2.0", b"\3\1\0\0" + b"\x19\2" + v + b"\0")),
    ("animexts", lambda v: application(b"ANIMEXTS1.0", b"\3\1\0\0" + blocks(v))),
    ("xmp", lambda v: application(b"XMP DataXMP",
        b"<x:xmpmeta>" + v + b"\1" + bytes(range(255, -1, -1)) + b"\0")),
    ("icc", lambda v: application(b"ICCRGBG1012", blocks(v))),
    ("imagemagick", lambda v: application(b"ImageMagick", blocks(b"gamma=" + v))),
    ("fractint", lambda v: application(b"fractint001", blocks(v))),
    ("plain-text", lambda v: extension(0x01, b"\x0c" + struct.pack("<HHHHBBBB", 0, 0, 24, 8, 8, 8,
        1, 0) + blocks(v))),
    ("unknown-label", lambda v: extension(0x42, blocks(v))),
]
for _name, _wrap in EXTENSIONS:
    place("gif", _name, "GIF89a 24 to 26")(lambda s, w=_wrap: make(early=w(s.raw)))
    if _name in ("comment", "application-unknown", "plain-text", "unknown-label", "xmp"):
        place("gif", f"{_name}-between-frames", "GIF89a 24 to 26")(
            lambda s, w=_wrap: make(frames=3, between=w(s.raw)))
        place("gif", f"{_name}-after-last", "GIF89a 24 to 26")(
            lambda s, w=_wrap: make(frames=2, late=w(s.raw)))


@place("gif", "comment-between-gce-and-image", "GIF89a 23")
def _(s):
    return make(frames=2, gce_first=gce() + extension(0xFE, blocks(s.raw)))


@place("gif", "gce-over-long", "GIF89a 23", expect="clean-or-refused")
def _(s):
    return make(frames=2, gce_first=gce(tail=s.raw))


@place("gif", "gce-extra-block", "GIF89a 23", expect="clean-or-refused")
def _(s):
    return make(frames=2, gce_first=gce()[:-1] + blocks(s.raw))


@place("gif", "lzw-after-end-code", "GIF89a appendix F")
def _(s):
    return make(first=image(data=blocks(lzw(pixels()) + s.raw)))


@place("gif", "lzw-extra-sub-block", "GIF89a appendix F")
def _(s):
    return make(first=image(data=blocks(lzw(pixels()))[:-1] + blocks(s.raw)))


@place("gif", "lzw-extra-sub-block-animated", "GIF89a appendix F")
def _(s):
    return make(frames=3, first=image(data=blocks(lzw(pixels()))[:-1] + blocks(s.raw)))


@place("gif", "lzw-after-missing-end-code", "GIF89a appendix F", expect="clean-or-refused")
def _(s):
    coded = lzw(pixels(), stop=False)
    return make(first=image(data=blocks(coded)[:-1] + blocks(b"\x2d\1" + s.raw)))


@place("gif", "lzw-extra-pixels", "GIF89a appendix F: codes past the last pixel", how="gif",
       expect="clean-or-refused")
def _(s):
    hidden = s.binary(40, 0, 7)
    return make(first=image(data=blocks(lzw(pixels(), extra=hidden))))


@place("gif", "trailer", "GIF89a 27")
def _(s):
    return make(tail=s.raw)


@place("gif", "trailer-second-gif", "GIF89a 27")
def _(s):
    return make(tail=make(early=extension(0xFE, blocks(s.raw))))


@place("gif", "trailer-animated", "GIF89a 27")
def _(s):
    return make(frames=2, tail=bytes(64) + s.raw)


@place("gif", "no-trailer-byte", "GIF89a 27", expect="clean-or-refused")
def _(s):
    return make(end=b"", late=b"\0\0" + s.raw)


@place("gif", "unused-global-palette", "GIF89a 19: every frame has its own table",
       expect="clean-or-refused")
def _(s):
    return make(palette=s.raw, first=image(flags=0x82, table=GLOBAL))


@place("gif", "unused-palette-entries", "GIF89a 19: entries that no pixel uses",
       expect="named-limit", inspect=False)
def _(s):
    table = GLOBAL + s.raw
    return (b"GIF89a" + struct.pack("<HHBBB", W, H, 0xF3, 0, 0) + table + image() + TRAILER)


@place("gif", "frame-off-canvas", "GIF89a 20: an image outside the logical screen", how="gif")
def _(s):
    hidden = s.binary(W * H, 0, 7)
    data = blocks(lzw(hidden))
    s.use(hidden[:64])
    return make(frames=2, late=gce() + image(left=W * 2, top=H * 2, data=data))


def half_shown(s, rows):
    """A frame of which the left half of the first row alone is on the screen."""
    hidden = s.binary(W * H, 0, 7)
    s.use(hidden[W // 2 : W])
    return blocks(lzw(rows(hidden)))


@place("gif", "frame-over-the-edge", "GIF89a 20: an image that reaches beyond the screen", how="gif")
def _(s):
    return make(frames=2, late=gce() + image(left=W // 2, data=half_shown(s, bytes)))


@place("gif", "frame-over-the-edge-interlaced", "GIF89a 20, appendix E", how="gif")
def _(s):
    return make(frames=2, late=gce() + image(left=W // 2, flags=0x40,
        data=half_shown(s, interlaced)))


@place("gif", "frame-over-the-edge-colours", "GIF89a 21: colours that only hidden pixels use")
def _(s):
    table = bytes(12) + s.fit(12)
    data = blocks(lzw(bytes(4 + x * 3 // W if x >= W // 2 else 0 for _ in range(H)
        for x in range(W))))
    return make(frames=2, late=gce() + image(left=W // 2, flags=0x82, table=table, data=data))

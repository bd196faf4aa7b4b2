# SPDX-License-Identifier: GPL-3.0-or-later
"""JPEG XL (ISO/IEC 18181-1 codestream, 18181-2 container): where a secret can stand."""

import functools
import struct

import draw
import exif
from boxes import big, box, parse
from place import base, place
from plant_jpeg import after_jfif, seg

SIGNATURE = box(b"JXL ", b"\r\n\x87\n")
FTYP = box(b"ftyp", b"jxl \0\0\0\0jxl ")


@functools.lru_cache(None)
def codestream(kind="lossy"):
    options = {
        "lossy": ["-d", "2"], "lossless": ["-d", "0"], "alpha": ["-d", "1"],
        "progressive": ["-p", "-d", "2"],
        "modular": ["-m", "1", "-d", "2"],
    }[kind]
    source = draw.png(64, 48, alpha=kind == "alpha")
    args = ["cjxl", "i.png", "o.jxl", *options, "-e", "3", "--container=0", "--quiet"]
    return draw.run(args, {"i.png": source}, "o.jxl")


def animated():
    from plant_png import apng
    return draw.run(["cjxl", "i.png", "o.jxl", "-d", "0", "-e", "3", "--quiet"], {"i.png": apng()},
        "o.jxl")


def brotli(data):
    """A brotli stream (RFC 7932) of one stored block: readable without a decoder."""
    head = (0 << 0) | (0 << 1) | (0 << 2) | (len(data) - 1) << 4 | 1 << 20
    return head.to_bytes(3, "little") + data + b"\3"


def contain(before=b"", after=b"", code=None, parts=1, level=b"", tail=b"", middle=b""):
    """The container with boxes before, between and after the codestream."""
    code = code or codestream()
    if parts == 1:
        image = box(b"jxlc", code)
    else:
        step, image = -(-len(code) // parts), b""
        for i in range(parts):
            index = i | (0x80000000 if i == parts - 1 else 0)
            image += box(b"jxlp", struct.pack(">I", index), code[i * step : (i + 1) * step])
            image += middle if i + 1 < parts else b""
    return SIGNATURE + FTYP + level + before + image + after + tail


@functools.lru_cache(None)
def from_jpeg(data):
    """A transcoded JPEG: the jbrd box keeps what the JPEG's segments said."""
    return draw.run(["cjxl", "i.jpg", "o.jxl", "-j", "1", "--container=1", "--quiet"],
        {"i.jpg": data}, "o.jxl")


for _kind in ("lossy", "lossless", "alpha", "progressive", "modular"):
    base("jxl", _kind, spec="18181-1")(lambda s, k=_kind: codestream(k))
base("jxl", "animated", spec="18181-1")(lambda s: animated())
base("jxl", "container", spec="18181-2")(lambda s: contain())
base("jxl", "container-parts", spec="18181-2 9.9")(lambda s: contain(parts=3))
base("jxl", "container-level", spec="18181-2 9.2")(lambda s: contain(level=box(b"jxll", b"\5")))
base("jxl", "from-jpeg", spec="18181-2 9.6")(lambda s: from_jpeg(after_jfif(b"")))

BOXES = [
    ("exif", lambda v: box(b"Exif", bytes(4) + exif.simple(v)), "18181-2 9.4"),
    ("exif-offset", lambda v: box(b"Exif", b"\0\0\0\x18" + v + exif.tiff(exif.Ifd())),
        "18181-2 9.4"),
    ("xml", lambda v: box(b"xml ", b"<x:xmpmeta>" + v), "18181-2 9.5"),
    ("jumb", lambda v: box(b"jumb", box(b"jumd", b"c2pa" + bytes(12) + b"\3x\0"), box(b"json", v)),
        "18181-2 9.3"),
    ("brob-exif", lambda v: box(b"brob", b"Exif", brotli(bytes(4) + exif.simple(v))),
        "18181-2 9.7"),
    ("brob-xml", lambda v: box(b"brob", b"xml ", brotli(b"<x>" + v)), "18181-2 9.7"),
    ("brob-unknown", lambda v: box(b"brob", b"drwn", brotli(v)), "18181-2 9.7"),
    ("unknown", lambda v: box(b"drwn", v), "18181-2 9"),
    ("unknown-big", lambda v: big(b"drwn", v), "18181-2 9"),
    ("uuid", lambda v: box(b"uuid", b"drawn-by-test-16", v), "18181-2 9"),
    ("free", lambda v: box(b"free", v), "14496-12 8.1.2"),
    ("frame-index", lambda v: box(b"jxli", b"\0\0\0\0\1\0\0\0\1" + v), "18181-2 9.10"),
    ("gain-map", lambda v: box(b"jhgm", b"\0" + v), "ISO 21496-1; 18181-2 amendment"),
]
for _name, _wrap, _spec in BOXES:
    place("jxl", _name, _spec)(lambda s, w=_wrap: contain(after=w(s.raw)))
    place("jxl", f"{_name}-before", _spec, opens=_name != "unknown-big")(
        lambda s, w=_wrap: contain(before=w(s.raw)))  # libjxl 0.7 misreads 64-bit sizes.
for _name in ("exif", "unknown", "free"):
    _wrap = next(w for n, w, _ in BOXES if n == _name)
    place("jxl", f"{_name}-between-parts", "18181-2 9.9")(
        lambda s, w=_wrap: contain(parts=3, middle=w(s.raw)))


@place("jxl", "ftyp-brands", "18181-2 9.1; 14496-12 4.3")
def _(s):
    return SIGNATURE + box(b"ftyp", b"jxl \0\0\0\0jxl ", s.raw) + box(b"jxlc", codestream())


@place("jxl", "ftyp-minor-version", "18181-2 9.1", expect="clean-or-refused", opens=False)
def _(s):
    return SIGNATURE + box(b"ftyp", b"jxl ", s.binary(4), b"jxl ") + box(b"jxlc", codestream())


@place("jxl", "level-over-long", "18181-2 9.2", expect="clean-or-refused")
def _(s):
    return contain(level=box(b"jxll", b"\5", s.raw))


@place("jxl", "container-trailer", "18181-2 9: bytes too short for a box",
    expect="clean-or-refused")
def _(s):
    return contain(tail=b"\0\0\0\0" + s.raw)


@place("jxl", "container-trailer-jpeg", "18181-2 9", expect="clean-or-refused")
def _(s):
    return contain(tail=b"\xff\xd8\xff\xfe\0\x1a" + s.raw)


@place("jxl", "boxed-codestream-slack", "18181-1: bytes after the last frame in jxlc",
       expect="clean-or-refused")
def _(s):
    return contain(code=codestream() + s.raw)


@place("jxl", "boxed-parts-slack", "18181-1: bytes after the last frame in jxlp",
    expect="clean-or-refused")
def _(s):
    return contain(code=codestream() + s.raw, parts=2)


@place("jxl", "codestream-trailer", "18181-1: bytes after the last frame",
    expect="clean-or-refused")
def _(s):
    return codestream() + s.raw


@place("jxl", "codestream-trailer-box", "18181-1: a box after a bare codestream",
    expect="clean-or-refused")
def _(s):
    return codestream() + box(b"Exif", bytes(4) + exif.simple(s.raw))


@place("jxl", "second-codestream", "18181-2 9.8: one jxlc only", expect="clean-or-refused",
    opens=False)
def _(s):
    return contain(after=box(b"jxlc", codestream("lossless") + s.raw))


@place("jxl", "jpeg-reconstruction", "18181-2 9.6: jbrd keeps the JPEG's segments")
def _(s):
    data = from_jpeg(after_jfif(seg(0xFE, s.raw * 8) + seg(0xEA, s.raw)))
    s.use(next(p for k, p in parse(data) if k == b"jbrd")[:40])
    return data


@place("jxl", "jpeg-exif-kept", "18181-2 9.4, 9.6")
def _(s):
    data = from_jpeg(after_jfif(seg(0xE1, b"Exif\0\0" + exif.simple(s.raw))))
    s.use(next(p for k, p in parse(data) if k in (b"Exif", b"brob"))[4:44])
    return data

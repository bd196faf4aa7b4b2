# SPDX-License-Identifier: GPL-3.0-or-later
"""TIFF 6.0, BigTIFF and the supplements: where a secret can stand."""

import struct
import zlib

import draw
import exif
import icc
from exif import ASCII, BYTE, LONG, RATIONAL, SHORT, UNDEFINED
from place import base, place
from plant_jpeg import PHOTOSHOP, coded as jpeg, tiny

W, H = 32, 24
SUB = 13
LONG8 = 16


class Writer:
    """Writes pages; every page is a dictionary of tag: (type, bytes or [numbers])."""

    def __init__(self, order="<", big=False):
        self.order, self.big = order, big
        self.out = bytearray((b"II" if order == "<" else b"MM"))
        if big:
            self.out += struct.pack(order + "HHHQ", 43, 8, 0, 0)
            self.link = 8
        else:
            self.out += struct.pack(order + "HI", 42, 0)
            self.link = 4

    def num(self, count, value):
        return struct.pack(self.order + {1: "B", 2: "H", 4: "I", 8: "Q"}[count], value)

    def put(self, data):
        """Appends bytes at an even offset, which it returns."""
        if len(self.out) % 2:
            self.out += b"\0"
        self.out += data
        return len(self.out) - len(data)

    def value(self, kind, value):
        if isinstance(value, list):
            return b"".join(self.num(exif.SIZE[kind], v) for v in value)
        return value

    def ifd(self, tags):
        """Writes a directory that is linked by nobody yet; returns (offset, link slot)."""
        wide, entries = 8 if self.big else 4, b""
        for tag in sorted(tags):
            kind, value = tags[tag]
            raw = self.value(kind, value)
            count = len(raw) // exif.SIZE[kind]
            field = raw.ljust(wide, b"\0") if len(raw) <= wide else self.num(wide, self.put(raw))
            entries += self.num(2, tag) + self.num(2, kind) + self.num(wide, count) + field
        count = self.num(8 if self.big else 2, len(tags))
        at = self.put(count + entries + bytes(wide))
        return at, len(self.out) - wide

    def page(self, tags):
        at, link = self.ifd(tags)
        wide = 8 if self.big else 4
        self.out[self.link : self.link + wide] = self.num(wide, at)
        self.link = link
        return at


def picture(w, phase=0, compression=1, tile=False, gap=b"", slack=b"", rows=8):
    """Writes coded strips or tiles and returns the tags that describe them."""
    rgb, parts = draw.gradient(W, H, phase), []
    if tile:
        for y in range(0, H, 16):
            for x in range(0, W, 16):
                part = b"".join(
                    rgb[3 * ((y + j) * W + x) :][:48].ljust(48, b"\0") if y + j < H else bytes(48)
                    for j in range(16)
                )
                parts.append(part)
    else:
        parts = [rgb[3 * W * y : 3 * W * min(H, y + rows)] for y in range(0, H, rows)]
    if compression == 8:
        parts = [zlib.compress(p) for p in parts]
    elif compression == 32773:
        parts = [b"".join(b"\x7f" + p[i : i + 128] for i in range(0, len(p), 128)) for p in parts]
    offsets, sizes = [], []
    for part in parts:
        offsets.append(w.put(part + slack))
        sizes.append(len(part + slack))
        if gap:
            w.put(gap)
    tags = {
        256: (SHORT, [W]), 257: (SHORT, [H]), 258: (SHORT, [8, 8, 8]), 259: (SHORT, [compression]),
        262: (SHORT, [2]), 277: (SHORT, [3]),
    }
    kind = LONG8 if w.big else LONG
    if tile:
        tags.update({322: (SHORT, [16]), 323: (SHORT, [16]), 324: (kind, offsets),
            325: (LONG, sizes)})
    else:
        tags.update({273: (kind, offsets), 278: (SHORT, [rows]), 279: (LONG, sizes)})
    return tags


def make(extra=None, order="<", big=False, pages=1, second=None, head=b"", tail=b"", sub=None,
    **how):
    """A TIFF whose first page has the `extra` tags and the second page the `second` ones."""
    w = Writer(order, big)
    if head:
        w.put(head)
    for n in range(pages):
        tags = picture(w, n, **how)
        tags.update((extra(w) if callable(extra) else extra or {}) if n == 0 else second or {})
        for tag, inner in (sub or {}).items() if n == 0 else ():
            at, _ = w.ifd(inner(w))
            tags[tag] = (SUB if tag == 330 else LONG, [at])
        w.page(tags)
    if tail:
        w.put(tail)
    return bytes(w.out)


for _name, _how in (
    ("strips", {}), ("one-strip", {"rows": H}), ("big-endian", {"order": ">"}),
    ("big", {"big": True}),
    ("big-mm", {"big": True, "order": ">"}), ("tiles", {"tile": True}), ("pages", {"pages": 3}),
    ("deflate", {"compression": 8}), ("packbits", {"compression": 32773}),
    ("deflate-tiles", {"compression": 8, "tile": True}),
):
    base("tif", _name, spec="TIFF 6.0")(lambda s, h=_how: make(**h))


def by_tool(*options):
    args = ["convert", "i.ppm", *options, "-strip", "o.tif"]
    return draw.run(args, {"i.ppm": draw.ppm(W, H)}, "o.tif")


base("tif", "lzw", spec="TIFF 6.0 section 13")(lambda s: by_tool("-compress", "LZW"))
base("tif", "jpeg", spec="TIFF TechNote 2")(lambda s: by_tool("-compress", "JPEG"))
base("tif", "grey-deflate", spec="TIFF supplement")(
    lambda s: by_tool("-colorspace", "Gray", "-compress", "Zip"))
base("tif", "fax", spec="TIFF 6.0 section 11")(
    lambda s: by_tool("-monochrome", "-compress", "Group4"))

for _name, _dir, _tag, _kind, _wrap in exif.TAGS:
    if _dir != "0":
        continue
    place("tif", f"tag-{_name}", f"TIFF 6.0 tag 0x{_tag:04X}", how=exif.how_found(_name, _wrap))(
        lambda s, t=_tag, k=_kind, f=_wrap: make({t: (k, f(s.raw))}))
for _name, _tag, _kind in (
    ("image-id", 0x800D, ASCII), ("date-reserved", 0x9C00, BYTE),
    ("leaf", 0x8606, UNDEFINED), ("gdal-metadata", 0xA480, ASCII), ("gdal-nodata", 0xA481, ASCII),
    ("geo-ascii", 0x87B1, ASCII), ("geo-doubles", 0x87B0, 12), ("model-tiepoint", 0x8482, 12),
    ("model-pixel-scale", 0x830E, 12), ("geo-keys", 0x87AF, SHORT), ("x-position", 0x011E, RATIONAL),
    ("y-position", 0x011F, RATIONAL), ("transfer-function", 0x012D, SHORT),
    ("annotations", 0x80A4, UNDEFINED), ("private-low", 0x8001, ASCII),
    ("private-high", 0xFFFE, UNDEFINED),
    ("scanner-maker", 0x8474, ASCII), ("wang", 0x80A6, BYTE), ("micro-manager", 0xC7B3, ASCII),
    ("imagej", 0xC697, BYTE), ("object-data", 0xC660, BYTE), ("c2pa", 0xCD41, UNDEFINED),
    ("unknown-type", 0xC999, 14),
):
    exif.SIZE.setdefault(14, 1)
    place("tif", f"tag-{_name}", f"TIFF tag 0x{_tag:04X}", opens=_kind != 14)(
        lambda s, t=_tag, k=_kind: make({t: (k, exif.text(s.raw) if k == ASCII else s.raw)}))
place("tif", "tag-ink-names", "TIFF 6.0 section 16")(
    lambda s: make({0x014D: (ASCII, b"a\0b\0" + exif.text(s.raw))}))

for _name, _dir, _tag, _kind, _wrap in exif.TAGS:
    if _name in ("body-serial", "makernote", "user-comment", "gps-latitude", "gps-date",
        "datetime-original"):
        place("tif", f"exif-{_name}", f"Exif 3.0 tag 0x{_tag:04X}")(
            lambda s, d=_dir, t=_tag, k=_kind, f=_wrap: make(
                sub={34853 if d == "gps" else 34665: lambda w: {t: (k, f(s.raw))}}))

for _name, _how, _make in icc.PLACES:
    place("tif", f"icc-{_name}", "TIFF/EP tag 34675; ICC.1:2022", how=_how)(
        lambda s, m=_make: make({34675: (UNDEFINED, m(s))}))


@place("tif", "xmp", "XMP part 3, 1.1.2 tag 700")
def _(s):
    return make({700: (BYTE, b"<x:xmpmeta>" + s.raw)})


@place("tif", "iptc", "IPTC IIM; tag 33723")
def _(s):
    return make({33723: (UNDEFINED, b"\x1c\2\x78\0\x18" + s.raw)})


for _name, _wrap in PHOTOSHOP[:1] + PHOTOSHOP[4:]:
    place("tif", f"photoshop-{_name}", "Photoshop TIFF tag 34377")(
        lambda s, f=_wrap: make({34377: (BYTE, f(s.raw))}))


@place("tif", "photoshop-layers", "Photoshop TIFF tag 37724")
def _(s):
    return make({37724: (UNDEFINED, b"Adobe Photoshop Document Data Block\0" + s.raw)})


def inner(s, data=None):
    """A reduced picture in a directory of its own."""

    def build(w):
        at = w.put(data or s.raw)
        return {
            254: (LONG, [1]), 256: (SHORT, [4]), 257: (SHORT, [2]), 258: (SHORT, [8, 8, 8]),
            259: (SHORT, [1]), 262: (SHORT, [2]), 273: (LONG, [at]), 277: (SHORT, [3]),
            278: (SHORT, [2]), 279: (LONG, [24]),
        }

    return build


@place("tif", "subifd-thumbnail", "TIFF tech note 1, tag 330")
def _(s):
    return make(sub={330: inner(s)})


@place("tif", "subifd-long", "TIFF tech note 1, tag 330 of type LONG")
def _(s):
    return make(lambda w: {330: (LONG, [w.ifd(inner(s)(w))[0]])})


@place("tif", "subifd-text", "TIFF tech note 1, tag 330")
def _(s):
    return make(sub={330: lambda w: {**inner(s, bytes(24))(w), 270: (ASCII, exif.text(s.raw))}})


@place("tif", "thumbnail-page", "TIFF 6.0 tag 254: a reduced copy as a later page")
def _(s):
    w = Writer()
    w.page(picture(w))
    w.page(inner(s)(w))
    return bytes(w.out)


for _n, _tag in (("description", 270), ("artist", 315), ("software", 305), ("unknown", 0xFDE9)):
    place("tif", f"second-page-{_n}", f"TIFF 6.0 tag {_tag} of a later page")(
        lambda s, t=_tag: make(pages=2, second={t: (ASCII, exif.text(s.raw))}))


@place("tif", "second-page-exif", "Exif 3.0 in a later page")
def _(s):
    w = Writer()
    w.page(picture(w))
    tags = picture(w, 1)
    at, _ = w.ifd({0xA431: (ASCII, exif.text(s.raw))})
    tags[34665] = (LONG, [at])
    w.page(tags)
    return bytes(w.out)


LAYOUTS = [
    ("before-first-strip", lambda s: make(head=s.raw)),
    ("before-first-strip-mm", lambda s: make(head=s.raw, order=">")),
    ("before-first-strip-big", lambda s: make(head=s.raw, big=True)),
    ("between-strips", lambda s: make(gap=s.raw)),
    ("between-tiles", lambda s: make(gap=s.raw, tile=True)),
    ("between-tiles-big", lambda s: make(gap=s.raw, tile=True, big=True, order=">")),
    ("trailer", lambda s: make(tail=s.raw)),
    ("trailer-pages", lambda s: make(tail=s.raw, pages=2)),
    ("strip-slack", lambda s: make(slack=s.raw)),
    ("tile-slack", lambda s: make(slack=s.raw, tile=True)),
    ("deflate-slack", lambda s: make(slack=s.raw, compression=8)),
    ("packbits-slack", lambda s: make(slack=b"\x17" + s.raw, compression=32773)),
]
for _name, _make in LAYOUTS:
    place("tif", _name, "TIFF 6.0 section 2: unreferenced bytes",
          expect="clean-or-refused" if "slack" in _name else "clean")(_make)


@place("tif", "text-after-nul", "TIFF 6.0 section 2: several strings in one ASCII value")
def _(s):
    return make({305: (ASCII, b"x\0" + s.raw + b"\0")})


@place("tif", "inline-slack", "TIFF 6.0 section 2: unused bytes of a value field", inspect=False)
def _(s):
    """Six one-byte-wide values leave two or three free bytes each."""
    data = bytearray(make())
    at = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, at)[0]
    for i in range(count):
        slot = at + 2 + 12 * i
        tag, kind, items = struct.unpack_from("<HHI", data, slot)
        if kind == SHORT and items == 1 and tag in (256, 257):
            data[slot + 10 : slot + 12] = s._rng.randbytes(2)
    slot = data.index(struct.pack("<HHI", 256, 3, 1))
    s.use(bytes(data[slot + 8 : slot + 24]))
    return bytes(data)


@place("tif", "jpeg-strip-comment", "TIFF TechNote 2: a COM segment inside a JPEG strip")
def _(s):
    body = jpeg("444")
    body = body[:2] + b"\xff\xfe\0\x1a" + s.raw + body[2:]
    w = Writer()
    at = w.put(body)
    w.page({
        256: (SHORT, [67]), 257: (SHORT, [45]), 258: (SHORT, [8, 8, 8]), 259: (SHORT, [7]),
        262: (SHORT, [6]), 273: (LONG, [at]), 277: (SHORT, [3]), 278: (SHORT, [45]),
        279: (LONG, [len(body)]), 530: (SHORT, [1, 1]),
    })
    return bytes(w.out)


@place("tif", "jpeg-strip-trailer", "TIFF TechNote 2: bytes after EOI in a JPEG strip",
       expect="clean-or-refused")
def _(s):
    body = jpeg("444") + s.raw
    w = Writer()
    at = w.put(body)
    w.page({
        256: (SHORT, [67]), 257: (SHORT, [45]), 258: (SHORT, [8, 8, 8]), 259: (SHORT, [7]),
        262: (SHORT, [6]), 273: (LONG, [at]), 277: (SHORT, [3]), 278: (SHORT, [45]),
        279: (LONG, [len(body)]), 530: (SHORT, [1, 1]),
    })
    return bytes(w.out)


@place("tif", "old-jpeg-interchange", "TIFF 6.0 section 22: a whole JPEG beside the strips")
def _(s):
    def extra(w):
        thumb = tiny(s.raw)
        return {513: (LONG, [w.put(thumb)]), 514: (LONG, [len(thumb)])}

    return make(extra)


@place("tif", "free-list", "TIFF 6.0 tags 288 and 289: free bytes")
def _(s):
    return make(lambda w: {288: (LONG, [w.put(s.raw)]), 289: (LONG, [24])})


@place("tif", "unused-colour-map", "TIFF 6.0 tag 320 in an RGB picture")
def _(s):
    return make({320: (SHORT, (s.raw * 64)[:1536])})


@place("tif", "reference-black-white", "TIFF 6.0 tag 532 in an RGB picture",
    expect="clean-or-refused")
def _(s):
    return make({532: (RATIONAL, s.binary(48))})


@place("tif", "resolution", "TIFF 6.0 tags 282, 283", expect="named-limit", inspect=False)
def _(s):
    return make({282: (RATIONAL, s.binary(8)), 283: (RATIONAL, s.value)})


@place("tif", "dng-private", "DNG 1.7: raw pictures are not handled", expect="clean-or-refused")
def _(s):
    return make({0xC612: (BYTE, b"\1\4\0\0"), 0xC634: (BYTE, s.raw)})

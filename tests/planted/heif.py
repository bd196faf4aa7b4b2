# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes HEIF files (ISO/IEC 23008-12) from coded items that stock encoders made."""

import functools
import struct
from dataclasses import dataclass, field

import draw
from boxes import box, child, children, full, parse


@dataclass
class Item:
    kind: bytes
    data: bytes = b""
    props: list = field(default_factory=list)
    name: bytes = b""
    hidden: bool = False
    mime: bytes = b""
    method: int = 0
    infe_tail: bytes = b""
    version: int = 2


@functools.lru_cache(None)
def coded(codec="hevc", phase=0, alpha=False, size=64):
    """[(item type, data, [property boxes])] as heif-enc or avifenc wrote them."""
    source = draw.png(size, size, phase, alpha)
    if codec == "hevc":
        data = draw.run(["heif-enc", "i.png", "-q", "40", "-o", "o.heic"], {"i.png": source},
            "o.heic")
    else:
        data = draw.run(["avifenc", "-s", "9", "i.png", "o.avif"], {"i.png": source}, "o.avif")
    meta = child(data, b"meta")
    iloc, out = child(meta, b"iloc"), []
    at = 8
    places = {}
    for _ in range(struct.unpack_from(">H", iloc, 6)[0]):
        ident = struct.unpack_from(">H", iloc, at)[0]
        base_size = iloc[5] >> 4
        lead = int.from_bytes(iloc[at + 4 : at + 4 + base_size], "big")
        count = struct.unpack_from(">H", iloc, at + 4 + base_size)[0]
        at += 6 + base_size
        start, length = struct.unpack_from(">II", iloc, at)
        places[ident] = lead + start, length
        at += 8 * count
    boxes = [box(k, p) for k, p in parse(child(meta, b"iprp", b"ipco"))]
    ipma = child(meta, b"iprp", b"ipma")
    at, owned = 8, {}
    for _ in range(struct.unpack_from(">I", ipma, 4)[0]):
        ident, count = struct.unpack_from(">HB", ipma, at)
        owned[ident] = [(boxes[(b & 127) - 1], b >> 7) for b in ipma[at + 3 : at + 3 + count]]
        at += 3 + count
    for infe in children(child(meta, b"iinf")[6:], b"infe"):
        ident = struct.unpack_from(">H", infe, 4)[0]
        start, length = places[ident]
        out.append((infe[8:12], data[start : start + length], owned[ident]))
    return out


def item(codec="hevc", phase=0, alpha=False, size=64, index=0):
    kind, data, props = coded(codec, phase, alpha, size)[index]
    return Item(kind, data, list(props))


class Heif:
    """Items get numbers from 1 in the order of `items`; `refs` are (type, from, [to])."""

    def __init__(self, codec="hevc"):
        self.codec = codec
        self.items, self.refs, self.props, self.primary = [], [], [], 1
        self.meta_early = self.meta_late = self.ipco_extra = self.iprp_extra = b""
        self.top_early = self.top_late = self.trailer = b""
        self.mdat_head = self.mdat_gap = self.mdat_tail = b""
        self.idat_tail = b""
        self.hdlr_name, self.hdlr_reserved = b"\0", bytes(12)
        self.brands = [b"mif1", b"heic"] if codec == "hevc" else [b"avif", b"mif1", b"miaf"]
        self.minor = bytes(4)
        self.dinf = b""
        self.iloc_gap = False

    def add(self, new):
        self.items.append(new)
        return len(self.items)

    def ftyp(self):
        major = b"heic" if self.codec == "hevc" else b"avif"
        return box(b"ftyp", major, self.minor, *self.brands)

    def infe(self, ident, it):
        flags = 1 if it.hidden else 0
        body = struct.pack(">HH4s", ident, 0, it.kind) + it.name + b"\0"
        if it.kind == b"mime":
            body += it.mime + b"\0"
        elif it.kind == b"uri ":
            body += it.mime + b"\0"
        return full(b"infe", it.version, flags, body + it.infe_tail)

    def properties(self):
        pool, rows = [], b""
        for ident, it in enumerate(self.items, 1):
            if not it.props:
                continue
            marks = b""
            for prop, essential in it.props:
                if prop not in pool:
                    pool.append(prop)
                marks += bytes([(essential << 7) | (pool.index(prop) + 1)])
            rows += struct.pack(">HB", ident, len(it.props)) + marks
        count = sum(1 for it in self.items if it.props)
        ipco = box(b"ipco", *pool, self.ipco_extra)
        return box(b"iprp", ipco, full(b"ipma", 0, 0, struct.pack(">I", count), rows),
            self.iprp_extra)

    def meta(self, offsets):
        iloc = struct.pack(">BBH", 0x44, 0, len(self.items))
        idat = b""
        for ident, it in enumerate(self.items, 1):
            if it.method == 1:
                where, idat = len(idat), idat + it.data
            else:
                where = offsets[ident - 1]
            iloc += struct.pack(">HHHHII", ident, it.method, 0, 1, where, len(it.data))
        idat += self.idat_tail
        infes = [self.infe(i, it) for i, it in enumerate(self.items, 1)]
        refs = b"".join(
            box(k, struct.pack(">HH", a, len(to)), *[struct.pack(">H", t) for t in to]) for k, a,
            to in self.refs)
        return full(
            b"meta", 0, 0,
            full(b"hdlr", 0, 0, bytes(4), b"pict", self.hdlr_reserved, self.hdlr_name),
            self.meta_early, self.dinf,
            full(b"pitm", 0, 0, struct.pack(">H", self.primary)),
            full(b"iloc", 1, 0, iloc),
            full(b"iinf", 0, 0, struct.pack(">H", len(infes)), *infes),
            full(b"iref", 0, 0, refs) if refs else b"",
            self.properties(),
            box(b"idat", idat) if idat else b"",
            self.meta_late,
        )

    def bytes(self):
        lead = self.ftyp() + self.top_early
        at = len(lead) + len(self.meta([0] * len(self.items))) + 8 + len(self.mdat_head)
        offsets, body = [], self.mdat_head
        for it in self.items:
            offsets.append(at)
            if it.method == 0:
                body += it.data + self.mdat_gap
                at += len(it.data) + len(self.mdat_gap)
        body += self.mdat_tail
        return lead + self.meta(offsets) + box(b"mdat", body) + self.top_late + self.trailer


def single(codec="hevc", phase=0):
    h = Heif(codec)
    h.add(item(codec, phase))
    return h


def with_alpha(codec="hevc"):
    h = Heif(codec)
    h.add(item(codec, 0, True, index=0))
    h.add(item(codec, 0, True, index=1))
    h.refs.append((b"auxl", 2, [1]))
    return h


def grid(codec="hevc"):
    """Two tiles side by side; the grid item is the primary one."""
    h = Heif(codec)
    for phase in (0, 1):
        tile = item(codec, phase)
        tile.hidden = True
        h.add(tile)
    size = full(b"ispe", 0, 0, struct.pack(">II", 128, 64))
    keep = [p for p in item(codec).props if p[0][4:8] in (b"pixi", b"colr")]
    h.add(Item(b"grid", struct.pack(">BBBBHH", 0, 0, 0, 1, 128, 64), [(size, 0), *keep], method=1))
    h.refs.append((b"dimg", 3, [1, 2]))
    h.primary = 3
    return h


def overlay(codec="hevc", left=64):
    """Two layers on one canvas, the second at `left`: below 64 it covers a part of the first."""
    h = Heif(codec)
    for phase in (0, 1):
        h.add(item(codec, phase))
    body = struct.pack(">BB4HHHhhhh", 0, 0, 0, 0, 0, 65535, 64 + left, 64, 0, 0, left, 0)
    h.add(Item(b"iovl", body, [(full(b"ispe", 0, 0, struct.pack(">II", 64 + left, 64)), 0)], method=1))
    h.refs.append((b"dimg", 3, [1, 2]))
    h.primary = 3
    return h

# SPDX-License-Identifier: GPL-3.0-or-later
"""PNG (ISO/IEC 15948, W3C PNG third edition with APNG) : where a secret can stand."""

import struct
import zlib

import draw
import exif
import icc
from draw import png_chunk as chunk
from place import base, place

SIG = b"\x89PNG\r\n\x1a\n"
IEND = chunk(b"IEND", b"")
W, H = 32, 24


def ihdr(width=W, height=H, depth=8, colour=2, interlace=0, tail=b""):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0,
        interlace) + tail)


def rows(phase=0, depth=8, colour=2, width=W, height=H):
    """Unfiltered scan lines of the drawn picture."""
    rgb, out = draw.gradient(width, height, phase), bytearray()
    for y in range(height):
        out.append(0)
        for x in range(width):
            px = rgb[3 * (y * width + x) :][:3]
            if colour == 3:
                out.append(px[0] >> 5)
            elif depth == 16:
                out += bytes(b for v in px for b in (v, 255 - v))
            elif colour == 6:
                out += px + bytes([255 - 4 * x])
            elif colour == 0:
                out.append(px[1])
            else:
                out += px
    return bytes(out)


def adam7():
    """The drawn picture in seven passes (PNG 8.2)."""
    rgb, out = draw.gradient(W, H), bytearray()
    for x0, y0, dx, dy in (
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for y in range(y0, H, dy):
            out.append(0)
            for x in range(x0, W, dx):
                out += rgb[3 * (y * W + x) :][:3]
    return bytes(out)


PALETTE = chunk(b"PLTE", bytes(b for i in range(8) for b in (i * 36, 255 - i * 30, i * 17)))


def picture(kind="rgb"):
    """(IHDR, chunks before IDAT, scan lines) of one kind of picture."""
    return {
        "rgb": lambda: (ihdr(), b"", rows()),
        "palette": lambda: (ihdr(colour=3), PALETTE, rows(colour=3)),
        "rgb16": lambda: (ihdr(depth=16), b"", rows(depth=16)),
        "rgba": lambda: (ihdr(colour=6), b"", rows(colour=6)),
        "grey": lambda: (ihdr(colour=0), b"", rows(colour=0)),
        "interlaced": lambda: (ihdr(interlace=1), b"", adam7()),
    }[kind]()


def make(kind="rgb", head=None, early=b"", late=b"", idat=None, after=b"", end=IEND, tail=b""):
    """A PNG with new chunks after IHDR, before IDAT, after IDAT, or bytes after IEND."""
    hdr, tables, lines = picture(kind)
    idat = idat(lines) if idat else chunk(b"IDAT", zlib.compress(lines))
    return SIG + (head or hdr) + early + tables + late + idat + after + end + tail


for _kind in ("rgb", "palette", "rgb16", "rgba", "grey", "interlaced"):
    base("png", _kind, spec="PNG 11.2.2")(lambda s, k=_kind: make(k))


def early(name, kind, wrap, spec, picture_kind="rgb", **how):
    place("png", name, spec, **how)(
        lambda s: make(picture_kind, early=chunk(kind, wrap(s.raw))))


TEXTS = [
    ("text", b"tEXt", lambda v: b"Comment\0" + v, "raw"),
    ("text-keyword", b"tEXt", lambda v: v + b"\0x", "raw"),
    ("ztxt", b"zTXt", lambda v: b"Comment\0\0" + zlib.compress(v * 2), "zlib"),
    ("ztxt-after-stream", b"zTXt", lambda v: b"Comment\0\0" + zlib.compress(b"x") + v, "raw"),
    ("itxt", b"iTXt", lambda v: b"Comment\0\0\0\0\0" + v, "raw"),
    ("itxt-compressed", b"iTXt", lambda v: b"Comment\0\1\0\0\0" + zlib.compress(v * 2), "zlib"),
    ("itxt-translated", b"iTXt", lambda v: b"Comment\0\0\0en\0" + v + b"\0x", "raw"),
    ("itxt-language", b"iTXt", lambda v: b"Comment\0\0\0" + v + b"\0\0x", "raw"),
    ("itxt-xmp", b"iTXt", lambda v: b"XML:com.adobe.xmp\0\0\0\0\0" + v, "raw"),
    ("raw-profile-exif", b"zTXt", lambda v: b"Raw profile type exif\0\0" + zlib.compress(v * 2),
        "zlib"),
    ("raw-profile-iptc", b"tEXt", lambda v: b"Raw profile type iptc\0" + v, "raw"),
]
for _name, _kind, _wrap, _how in TEXTS:
    early(_name, _kind, _wrap, "PNG 11.3.3", how=_how)
    place("png", f"{_name}-after-idat", "PNG 5.6, 11.3.3", how=_how)(
        lambda s, k=_kind, w=_wrap: make(after=chunk(k, w(s.raw))))

OTHERS = [
    ("exif", b"eXIf", exif.simple, "PNG third edition 11.3.4.6"),
    ("exif-compressed-old", b"zxIf", exif.simple, "registered draft"),
    ("private-safe-to-copy", b"prVt", bytes, "PNG 5.4, bit 5 of byte 3"),
    ("private-unsafe-to-copy", b"prVT", bytes, "PNG 5.4"),
    ("public-unknown", b"zzUt", bytes, "PNG 14.2"),
    ("reserved-bit", b"zzut", bytes, "PNG 5.4, bit 5 of byte 2"),
    ("c2pa", b"caBX", lambda v: struct.pack(">I4s", 32, b"jumb") + v, "C2PA 2.1 A.3.2"),
    ("splt-name", b"sPLT", lambda v: v + b"\0\x08\0\0\0\xff\0\1", "PNG 11.3.4.4"),
    ("splt-samples", b"sPLT", lambda v: b"p\0\x08" + v, "PNG 11.3.4.4"),
    ("pcal-name", b"pCAL", lambda v: v + b"\0" + bytes(8) + b"\0\2mm\0000\0001", "PNG extensions"),
    ("scal", b"sCAL", lambda v: b"\1" + v + b"\0001", "PNG extensions"),
    ("gifg", b"gIFg", bytes, "PNG extensions"),
    ("gift", b"gIFt", bytes, "PNG extensions"),
    ("gifx", b"gIFx", bytes, "PNG extensions"),
    ("frac", b"fRAc", bytes, "PNG extensions"),
    ("dsig", b"dSIG", bytes, "PNG extensions"),
    ("offs-over-long", b"oFFs", lambda v: bytes(9) + v, "PNG extensions"),
    ("ster-over-long", b"sTER", lambda v: b"\0" + v, "PNG extensions"),
    ("fireworks", b"mkBF", bytes, "vendor"),
    ("screen-grab", b"iDOT", bytes, "vendor"),
    ("virtual-page", b"vpAg", bytes, "vendor"),
    ("canvas", b"caNv", bytes, "vendor"),
    ("origin", b"orNT", bytes, "vendor"),
    ("extension-dyn", b"deEP", bytes, "vendor"),
]
for _name, _kind, _wrap, _spec in OTHERS:
    early(_name, _kind, _wrap, _spec)
early("gama-over-long", b"gAMA", lambda v: struct.pack(">I", 45455) + v, "PNG 11.3.2.2",
      expect="clean-or-refused")
early("chrm-over-long", b"cHRM", lambda v: struct.pack(
    ">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000) + v, "PNG 11.3.2.1",
      expect="clean-or-refused")
early("srgb-over-long", b"sRGB", lambda v: b"\0" + v, "PNG 11.3.2.5", expect="clean-or-refused")
early("sbit-over-long", b"sBIT", lambda v: b"\5\6\5" + v, "PNG 11.3.2.4", expect="clean-or-refused")
early("phys-over-long", b"pHYs", lambda v: struct.pack(">IIB", 2835, 2835, 1) + v, "PNG 11.3.4.3",
      expect="clean-or-refused")
early("trns-over-long", b"tRNS", lambda v: bytes(6) + v, "PNG 11.3.1.1", expect="clean-or-refused")
early("bkgd-over-long", b"bKGD", lambda v: bytes(6) + v, "PNG 11.3.4.1", expect="clean-or-refused")
early("suggested-palette", b"PLTE", bytes, "PNG 11.2.2: PLTE in a truecolour picture")
early("critical-unknown", b"ZZUT", bytes, "PNG 5.4", expect="clean-or-refused", opens=False)

for _name, _how, _make in icc.PLACES:
    _how = {"raw": "zlib", "utf16": "zlib"}[_how]
    place("png", f"icc-{_name}", "PNG 11.3.2.3; ICC.1:2022", how=_how)(
        lambda s, m=_make: make(early=chunk(b"iCCP", b"p\0\0" + zlib.compress(m(s)))))


@place("png", "iccp-name", "PNG 11.3.2.3")
def _(s):
    return make(early=chunk(b"iCCP", s.raw + b"\0\0" + zlib.compress(icc.profile())))


@place("png", "iccp-after-stream", "PNG 11.3.2.3")
def _(s):
    return make(early=chunk(b"iCCP", b"p\0\0" + zlib.compress(icc.profile()) + s.raw))


@place("png", "iccp-after-profile", "PNG 11.3.2.3", how="zlib")
def _(s):
    return make(early=chunk(b"iCCP", b"p\0\0" + zlib.compress(icc.profile() + s.raw)))


@place("png", "time", "PNG 11.3.5.1")
def _(s):
    year, second = s.binary(2, 1, 59)
    body = struct.pack(">HBBBBB", 1900 + year, 11, 22, 13, 58, second)
    s.use(b"tIME" + body)
    return make(early=chunk(b"tIME", body))


@place("png", "hist", "PNG 11.3.4.2")
def _(s):
    hist = chunk(b"hIST", s.fit(16))
    return make("palette", late=hist)


@place("png", "trailer", "PNG 5.2: nothing follows IEND")
def _(s):
    return make(tail=s.raw)


@place("png", "trailer-chunk", "PNG 5.2")
def _(s):
    return make(tail=chunk(b"tEXt", b"Comment\0" + s.raw))


@place("png", "trailer-second-png", "PNG 5.2")
def _(s):
    return make(tail=make("grey", early=chunk(b"tEXt", b"Comment\0" + s.raw)))


@place("png", "trailer-cut-screenshot", "PNG 5.2: an editor that did not truncate the old file")
def _(s):
    old = make("rgb16")
    s.use(old[-60:-30])
    return make("grey", tail=old[-200:])


@place("png", "iend-payload", "PNG 11.2.4", expect="clean-or-refused")
def _(s):
    return make(end=chunk(b"IEND", s.raw))


@place("png", "ihdr-over-long", "PNG 11.2.1", expect="clean-or-refused", opens=False)
def _(s):
    return make(head=ihdr(tail=s.raw))


@place("png", "idat-after-stream", "PNG 10.1: bytes after the zlib stream")
def _(s):
    return make(idat=lambda lines: chunk(b"IDAT", zlib.compress(lines) + s.raw))


@place("png", "idat-extra-chunk", "PNG 10.1: an IDAT after the stream's end")
def _(s):
    return make(idat=lambda lines: chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IDAT", s.raw))


@place("png", "idat-extra-rows", "PNG 10.1: more scan lines than the height", how="zlib")
def _(s):
    return make(idat=lambda lines: chunk(b"IDAT", zlib.compress(lines + s.raw * 2)))


@place("png", "idat-extra-rows-interlaced", "PNG 10.1", how="zlib")
def _(s):
    return make("interlaced", idat=lambda lines: chunk(b"IDAT", zlib.compress(lines + s.raw * 2)))


@place("png", "idat-second-stream", "PNG 10.1", how="zlib")
def _(s):
    return make(idat=lambda lines: chunk(b"IDAT", zlib.compress(lines) + zlib.compress(s.raw * 2)))


@place("png", "idat-apart", "PNG 5.6: IDAT chunks must be consecutive", expect="clean-or-refused",
       opens=False)
def _(s):
    def split(lines):
        z = zlib.compress(lines)
        return chunk(b"IDAT", z[:40]) + chunk(b"prVt", s.raw) + chunk(b"IDAT", z[40:])

    return make(idat=split)


@place("png", "row-padding-bits", "PNG 7.2", how="png-pad", expect="clean-or-refused")
def _(s):
    """A 1-bit picture one pixel wide and 64 high: seven free bits a row."""
    bits = "".join(f"{b:08b}" for b in s.raw).ljust(448, "0")
    lines = b"".join(bytes((0, (y & 1) << 7 | int(bits[7 * y : 7 * y + 7], 2))) for y in range(64))
    return SIG + ihdr(1, 64, 1, 0) + chunk(b"IDAT", zlib.compress(lines)) + IEND


@place("png", "unused-palette", "PNG 11.2.2: entries that no pixel uses", expect="named-limit",
       inspect=False)
def _(s):
    plte = chunk(b"PLTE", PALETTE[8:-4] + s.raw)
    return SIG + ihdr(colour=3) + plte + chunk(b"IDAT", zlib.compress(rows(colour=3))) + IEND


# --- APNG -------------------------------------------------------------------------------------


class Apng:
    """Counts the sequence numbers of an animation's chunks."""

    def __init__(self):
        self.number = -1

    def next(self):
        self.number += 1
        return struct.pack(">I", self.number)

    def fctl(self, delay=10, tail=b""):
        body = struct.pack(">IIIIHHBB", W, H, 0, 0, delay, 100, 0, 0)
        return chunk(b"fcTL", self.next() + body + tail)

    def fdat(self, data):
        return chunk(b"fdAT", self.next() + data)


def apng(frames=3, hidden=None, idat_tail=b"", fdat_tail=b"", between=b"", count=None, plays=0,
         actl_tail=b"", fctl_tail=b"", lines_tail=b"", extra_fdat=None):
    """An animation; `hidden` scan lines make a default image that is no frame."""
    a, shown = Apng(), count or frames
    out = SIG + ihdr() + chunk(b"acTL", struct.pack(">II", shown, plays) + actl_tail)
    if hidden is not None:
        out += chunk(b"IDAT", zlib.compress(hidden))
    else:
        out += a.fctl(tail=fctl_tail) + chunk(b"IDAT", zlib.compress(rows()) + idat_tail)
        frames -= 1
    for i in range(frames):
        out += between + a.fctl() + a.fdat(zlib.compress(rows(i + 1) + lines_tail) + fdat_tail)
        if extra_fdat:
            out += a.fdat(extra_fdat)
    return out + IEND


base("apng", "plain", ext="png", spec="PNG third edition 4.9")(lambda s: apng())
base("apng", "default-hidden", ext="png", spec="PNG third edition 4.9")(
    lambda s: apng(hidden=rows(5)))


def animated(name, spec="PNG third edition 11.3.6", **how):
    return place("apng", name, spec, ext="png", **how)


@animated("default-image", "PNG third edition 4.9: a default image that is no frame", how="zlib")
def _(s):
    at = 5 * (1 + 3 * W) + 1
    lines = bytes(rows(5)[:at]) + s.raw + bytes(rows(5)[at + 24 :])
    return apng(hidden=lines)


@animated("fdat-after-stream")
def _(s):
    return apng(fdat_tail=s.raw)


@animated("fdat-extra-rows", how="zlib")
def _(s):
    return apng(lines_tail=s.raw * 2)


@animated("fdat-extra-chunk")
def _(s):
    return apng(extra_fdat=s.raw)


@animated("idat-after-stream")
def _(s):
    return apng(idat_tail=s.raw)


@animated("text-between-frames")
def _(s):
    return apng(between=chunk(b"tEXt", b"Comment\0" + s.raw))


@animated("private-between-frames")
def _(s):
    return apng(between=chunk(b"prVt", s.raw))


@animated("actl-over-long", expect="clean-or-refused")
def _(s):
    return apng(actl_tail=s.raw)


@animated("fctl-over-long", expect="clean-or-refused", opens=False)
def _(s):
    return apng(fctl_tail=s.raw)


@animated("frames-past-count", "PNG third edition 11.3.6.1: more fcTL than num_frames", how="zlib",
          expect="clean-or-refused")
def _(s):
    whole = apng(4)
    at = whole.rindex(b"fdAT")
    lines = rows(3)[:100] + s.raw + rows(3)[124:]
    last = chunk(b"fdAT", struct.pack(">I", 6) + zlib.compress(lines))
    data = whole[: at - 4] + last + IEND
    return data.replace(chunk(b"acTL", struct.pack(">II", 4, 0)),
        chunk(b"acTL", struct.pack(">II", 3, 0)))

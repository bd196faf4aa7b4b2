# SPDX-License-Identifier: GPL-3.0-or-later
"""WebP (RFC 9649): where a secret can stand."""

import functools
import struct

import draw
import exif
import icc
from place import base, place

ICC_FLAG, ALPHA_FLAG, EXIF_FLAG, XMP_FLAG, ANIM_FLAG = 0x20, 0x10, 0x08, 0x04, 0x02


def chunk(kind, payload, pad=b"\0"):
    return kind + struct.pack("<I", len(payload)) + payload + (pad if len(payload) % 2 else b"")


def riff(body, tail=b""):
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body + tail


@functools.lru_cache(None)
def coded(kind):
    options = {"lossy": ["-q", "70"], "lossless": ["-lossless"], "alpha": ["-q", "70"]}[kind]
    source = draw.png(W, H, alpha=kind == "alpha")
    return draw.run(["cwebp", "-quiet", *options, "i.png", "-o", "o.webp"], {"i.png": source},
        "o.webp")


W, H = 40, 30


def chunks(data):
    out, at = [], 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        out.append((kind, data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return out


def vp8x(flags):
    return chunk(b"VP8X", struct.pack("<I", flags) + (W - 1).to_bytes(3,
        "little") + (H - 1).to_bytes(3, "little"))


def bits(kind="lossy"):
    """The image chunks alone: ALPH if any, and VP8 or VP8L."""
    return b"".join(chunk(k, p) for k, p in chunks(coded(kind)) if k in (b"ALPH", b"VP8 ", b"VP8L"))


def extended(flags=0, before=b"", after=b"", kind="lossy", tail=b"", head=None):
    flags |= ALPHA_FLAG if kind == "alpha" else 0
    return riff((head or vp8x(flags)) + before + bits(kind) + after, tail)


def frame(kind="lossy", inside=b"", lead=b"", delay=100):
    body = bytes(6) + (W - 1).to_bytes(3, "little") + (H - 1).to_bytes(3, "little")
    body += delay.to_bytes(3, "little") + b"\0"
    return chunk(b"ANMF", body + lead + bits(kind) + inside)


def animation(count=3, between=b"", after=b"", inside=b"", lead=b"", anim_tail=b""):
    out = vp8x(ANIM_FLAG) + chunk(b"ANIM", b"\xff\xff\xff\xff\0\0" + anim_tail)
    for i in range(count):
        out += frame("lossless" if i % 2 else "lossy", inside if i == 0 else b"",
            lead if i == 0 else b"")
        out += between if i + 1 < count else b""
    return riff(out + after)


for _kind in ("lossy", "lossless", "alpha"):
    base("webp", _kind, spec="RFC 9649 2")(lambda s, k=_kind: coded(k))
base("webp", "extended", spec="RFC 9649 2.7")(lambda s: extended())
base("webp", "animated", spec="RFC 9649 2.7.1.1")(lambda s: animation())
base("webp", "icc", spec="RFC 9649 2.7.1.4")(lambda s: extended(ICC_FLAG,
    chunk(b"ICCP", icc.profile())))

SIMPLE = [
    ("exif", EXIF_FLAG, lambda s: chunk(b"EXIF", exif.simple(s.raw)), "RFC 9649 2.7.1.5"),
    ("exif-with-prefix", EXIF_FLAG, lambda s: chunk(b"EXIF", b"Exif\0\0" + exif.simple(s.raw)),
        "RFC 9649 2.7.1.5"),
    ("exif-without-flag", 0, lambda s: chunk(b"EXIF", exif.simple(s.raw)), "RFC 9649 2.7"),
    ("xmp", XMP_FLAG, lambda s: chunk(b"XMP ", b"<x:xmpmeta>" + s.raw), "RFC 9649 2.7.1.5"),
    ("xmp-without-flag", 0, lambda s: chunk(b"XMP ", b"<x:xmpmeta>" + s.raw), "RFC 9649 2.7"),
    ("xmp-zero-ended", XMP_FLAG, lambda s: chunk(b"XMP\0", s.raw), "seen in the wild"),
    ("unknown-chunk", 0, lambda s: chunk(b"DRWN", s.raw), "RFC 9649 2.7.1.6"),
    ("unknown-chunk-odd", 0, lambda s: chunk(b"DRWN", s.fit(23)), "RFC 9649 2.3"),
    ("c2pa", 0, lambda s: chunk(b"C2PA", s.raw), "C2PA 2.1 A.3.8"),
    ("riff-info", 0, lambda s: chunk(b"LIST", b"INFO" + chunk(b"IART", s.raw)), "RIFF"),
    ("fragment", 0, lambda s: chunk(b"FRGM", s.raw), "an older draft"),
    ("second-exif", EXIF_FLAG, lambda s: chunk(b"EXIF", exif.tiff(exif.Ifd())) + chunk(b"EXIF",
        exif.simple(s.raw)), "RFC 9649 2.7"),
    ("second-picture", 0, lambda s: chunk(b"VP8L", s.raw), "RFC 9649 2.7"),
]
for _name, _flags, _make, _spec in SIMPLE:
    place("webp", _name, _spec)(lambda s, f=_flags, m=_make: extended(f, after=m(s)))
    if _name in ("unknown-chunk", "exif", "xmp"):
        place("webp", f"{_name}-before-image", _spec)(lambda s, f=_flags,
            m=_make: extended(f, before=m(s)))
        place("webp", f"{_name}-in-animation", _spec)(lambda s, m=_make: animation(after=m(s)))
        place("webp", f"{_name}-between-frames", _spec)(lambda s, m=_make: animation(between=m(s)))

for _name, _how, _make in icc.PLACES:
    place("webp", f"icc-{_name}", "RFC 9649 2.7.1.4; ICC.1:2022", how=_how)(
        lambda s, m=_make: extended(ICC_FLAG, chunk(b"ICCP", m(s))))


@place("webp", "icc-without-flag", "RFC 9649 2.7")
def _(s):
    return extended(0, chunk(b"ICCP", icc.simple(s)))


@place("webp", "exif-in-simple-file", "RFC 9649 2.5: chunks after a simple picture")
def _(s):
    return riff(bits() + chunk(b"EXIF", exif.simple(s.raw)))


@place("webp", "unknown-in-lossless", "RFC 9649 2.6")
def _(s):
    return riff(bits("lossless") + chunk(b"DRWN", s.raw))


@place("webp", "unknown-in-alpha", "RFC 9649 2.7")
def _(s):
    return extended(0, after=chunk(b"DRWN", s.raw), kind="alpha")


@place("webp", "trailer", "RFC 9649 2.4: bytes after the RIFF size")
def _(s):
    return coded("lossy") + s.raw


@place("webp", "trailer-chunk", "RFC 9649 2.4")
def _(s):
    return coded("lossless") + chunk(b"EXIF", exif.simple(s.raw))


@place("webp", "trailer-animated", "RFC 9649 2.4")
def _(s):
    return animation() + s.raw


@place("webp", "short-last-chunk",
    "RFC 9649 2.3: fewer bytes than a chunk header inside the RIFF size",
       expect="clean-or-refused", opens=False)
def _(s):
    value = s.use(b"\x01drawn\xfe" + s.binary(1))
    return riff(bits() + value[:7] + value[7:])


@place("webp", "chunk-padding-bytes", "RFC 9649 2.3: padding must be zero", how="raw")
def _(s):
    pads = s.binary(8)
    body = b"".join(chunk(b"DRWN", b"x", bytes([p])) for p in pads)
    s.use(chunk(b"DRWN", b"x", pads[:1]) + chunk(b"DRWN", b"x", pads[1:2]))
    return extended(0, after=body)


@place("webp", "vp8x-over-long", "RFC 9649 2.7", expect="clean-or-refused", opens=False)
def _(s):
    flags = struct.pack("<I", 0) + (W - 1).to_bytes(3, "little") + (H - 1).to_bytes(3, "little")
    return extended(head=chunk(b"VP8X", flags + s.raw))


@place("webp", "anim-over-long", "RFC 9649 2.7.1.1", expect="clean-or-refused")
def _(s):
    return animation(anim_tail=s.raw)


@place("webp", "unknown-inside-frame", "RFC 9649 2.7.1.1")
def _(s):
    return animation(inside=chunk(b"DRWN", s.raw))


@place("webp", "exif-inside-frame", "RFC 9649 2.7.1.1")
def _(s):
    return animation(inside=chunk(b"EXIF", exif.simple(s.raw)))


@place("webp", "unknown-first-in-frame", "RFC 9649 2.7.1.1", expect="clean-or-refused")
def _(s):
    return animation(lead=chunk(b"DRWN", s.raw))


@place("webp", "alph-in-opaque-lossless", "RFC 9649 2.7.1.2: ALPH beside VP8L is ignored")
def _(s):
    return riff(vp8x(0) + chunk(b"ALPH", b"\0" + s.raw) + bits("lossless"))


for _kind, _tag in (("lossy", b"VP8 "), ("lossless", b"VP8L"), ("alpha", b"ALPH")):
    place("webp", f"codec-slack-{_kind}", "RFC 6386 9.2; RFC 9649 3: bytes after the coded picture",
          expect="named-limit", inspect=False)(
        lambda s, k=_kind, t=_tag: riff(
            (vp8x(ALPHA_FLAG) if k == "alpha" else b"")
            + b"".join(chunk(c, p + (s.raw if c == t else b"")) for c,
                p in chunks(coded(k)) if c != b"VP8X")))

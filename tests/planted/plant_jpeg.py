# SPDX-License-Identifier: GPL-3.0-or-later
"""JPEG (ITU-T T.81, T.871 JFIF, T.872 Adobe, CIPA DC-007 MPF): where a secret can stand."""

import functools
import struct

import draw
import exif
import icc
from place import base, place

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
XMP_ID = b"http://ns.adobe.com/xap/1.0/\0"
XMP_EXT_ID = b"http://ns.adobe.com/xmp/extension/\0"


def seg(marker, payload):
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


@functools.lru_cache(None)
def coded(kind="baseline"):
    """One small drawn JPEG of each coding kind."""
    if kind == "cmyk":
        args = ["convert", "in.ppm", "-colorspace", "CMYK", "-quality", "80", "-strip", "out.jpg"]
        return draw.run(args, {"in.ppm": draw.ppm(48, 40)}, "out.jpg")
    options = {
        "baseline": [],
        "progressive": ["-progressive"],
        "grey": ["-grayscale"],
        "restart": ["-restart", "1"],
        "444": ["-sample", "1x1"],
        "multiscan": ["-scans", "scans.txt"],
    }[kind]
    args = ["cjpeg", "-quality", "80", *options, "-outfile", "out.jpg", "in.ppm"]
    scans = b"0;\n1;\n2;\n"
    return draw.run(args, {"in.ppm": draw.ppm(67, 45), "scans.txt": scans}, "out.jpg")


def pieces(data):
    """[(marker, bytes)]: segments whole; coded data as marker None; EOI last."""
    out, at = [(0xD8, SOI)], 2
    while at < len(data):
        marker = data[at + 1]
        if marker == 0xD9:
            out.append((0xD9, EOI))
            break
        size = struct.unpack_from(">H", data, at + 2)[0]
        out.append((marker, data[at : at + 2 + size]))
        at += 2 + size
        if marker == 0xDA:
            end = at
            while data[end] != 0xFF or data[end + 1] == 0 or 0xD0 <= data[end + 1] <= 0xD7:
                end += 1
            out.append((None, data[at:end]))
            at = end
    return out


def join(parts):
    return b"".join(data for _, data in parts)


def after_jfif(new, kind="baseline"):
    """`new` right after the JFIF header, where cameras put their segments."""
    parts = pieces(coded(kind))
    at = 2 if parts[1][0] == 0xE0 else 1
    return join(parts[:at]) + new + join(parts[at:])


def before(marker, new, kind="baseline", last=False):
    parts = pieces(coded(kind))
    found = [i for i, p in enumerate(parts) if p[0] == marker]
    at = found[-1 if last else 0]
    return join(parts[:at]) + new + join(parts[at:])


def replace(marker, change, kind="baseline"):
    """The first segment `marker` with its payload run through `change`."""
    parts = pieces(coded(kind))
    at = [i for i, p in enumerate(parts) if p[0] == marker][0]
    parts[at] = (marker, seg(marker, change(parts[at][1][4:])))
    return join(parts)


for _kind in ("baseline", "progressive", "grey", "restart", "444", "multiscan", "cmyk"):
    base("jpg", _kind, spec="T.81")(lambda s, k=_kind: coded(k))


def app(name, marker, wrap, spec, **how):
    place("jpg", name, spec, **how)(lambda s: after_jfif(seg(marker, wrap(s.raw))))


app("com", 0xFE, bytes, "T.81 B.2.4.5")
for _n in range(16):
    app(f"app{_n}-unknown", 0xE0 + _n, lambda v: b"DRAWN\0" + v, "T.81 B.2.4.6")
for _name, _marker, _head in (
    ("app2-flashpix", 0xE2, b"FPXR\0\0\2\0\0"),
    ("app3-meta", 0xE3, b"Meta\0\0"),
    ("app4-scalado", 0xE4, b"SCALADO\0"),
    ("app5-ricoh", 0xE5, b"RMETA\0"),
    ("app6-gopro", 0xE6, b"GoPro\0"),
    ("app6-nitf", 0xE6, b"NITF\0"),
    ("app7-phone", 0xE7, b"HUAWEI\0"),
    ("app8-spiff", 0xE8, b"SPIFF\0"),
    ("app10-comment", 0xEA, b"UNICODE\0"),
    ("app11-hdr", 0xEB, b"HDR_RI ver=11\0"),
    ("app12-ducky", 0xEC, b"Ducky\0\2\0\x18"),
    ("app12-picture-info", 0xEC, b"[picture info]\0"),
    ("app13-adobe-cm", 0xED, b"Adobe_CM\0"),
    ("app15-graphic-converter", 0xEF, b"Q "),
    ("xmp", 0xE1, XMP_ID + b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>"),
    ("mpf-unique-id", 0xE2, b"MPF\0"),
):
    app(_name, _marker, lambda v, h=_head: h + v, "T.81 B.2.4.6; vendor")
app("extended-xmp", 0xE1, lambda v: XMP_EXT_ID + b"0" * 32 + struct.pack(">II", 24, 0) + v,
    "XMP part 3, 1.1.3.1")
app("c2pa-jumbf", 0xEB,
    lambda v: b"JP\0\1" + struct.pack(">I", 1) + struct.pack(">I4s", 64, b"jumb")
    + struct.pack(">I4s", 32, b"jumd") + b"c2pa" + bytes(20) + struct.pack(">I4s", 32, b"json") + v,
    "ISO 19566-5; C2PA 2.1, A.3.1")


def irb(number, data, name=b""):
    pascal = bytes([len(name)]) + name
    pascal += b"\0" * (len(pascal) % 2)
    return b"8BIM" + struct.pack(">H", number) + pascal + struct.pack(">I", len(data)) + data


def photoshop(resource):
    return seg(0xED, b"Photoshop 3.0\0" + resource)


PHOTOSHOP = [
    ("iptc-caption", lambda v: irb(0x0404, b"\x1c\2\x78" + struct.pack(">H", len(v)) + v)),
    ("iptc-byline", lambda v: irb(0x0404, b"\x1c\2\x50" + struct.pack(">H", len(v)) + v)),
    ("iptc-unknown-record", lambda v: irb(0x0404, b"\x1c\xf0\1" + struct.pack(">H", len(v)) + v)),
    ("8bim-caption-digest", lambda v: irb(0x0425, v[:16] + v[16:])),
    ("8bim-thumbnail", lambda v: irb(0x040C, struct.pack(">I", 1) + bytes(24) + v)),
    ("8bim-url", lambda v: irb(0x040B, v)),
    ("8bim-path-name", lambda v: irb(0x07D0, bytes(26), v)),
    ("8bim-unknown", lambda v: irb(0x0FFF, v)),
]
for _name, _wrap in PHOTOSHOP:
    place("jpg", _name, "IPTC IIM 4.2; Photoshop image resources")(
        lambda s, w=_wrap: after_jfif(photoshop(w(s.raw))))

for _name, _dir, _tag, _kind, _wrap in exif.TAGS:
    place("jpg", f"exif-{_name}", f"Exif 3.0 / TIFF 6.0 tag 0x{_tag:04X}",
          how=exif.how_found(_name, _wrap))(
        lambda s, d=_dir, t=_tag, k=_kind, w=_wrap: after_jfif(
            seg(0xE1, b"Exif\0\0" + exif.payload(d, t, k, w(s.raw)))))

for _name, _how, _make in icc.PLACES:
    place("jpg", f"icc-{_name}", "ICC.1:2022 7, 9, 10", how=_how)(
        lambda s, m=_make: after_jfif(seg(0xE2, b"ICC_PROFILE\0\1\1" + m(s))))


@place("jpg", "icc-second-chunk", "ICC.1:2022 B.4")
def _(s):
    whole = icc.profile(tail=bytes(300) + s.raw)
    one, two = whole[:300], whole[300:]
    return after_jfif(seg(0xE2, b"ICC_PROFILE\0\1\2" + one) + seg(0xE2, b"ICC_PROFILE\0\2\2" + two))


def tiny(secret):
    """A whole little JPEG that carries a comment: for previews and second images."""
    return SOI + seg(0xFE, secret) + coded("grey")[2:]


@place("jpg", "exif-thumbnail", "Exif 3.0 4.5.8")
def _(s):
    return after_jfif(seg(0xE1, b"Exif\0\0" + exif.thumbnail(tiny(s.raw))))


@place("jpg", "exif-thumbnail-coded", "Exif 3.0 4.5.8")
def _(s):
    thumb = draw.run(["cjpeg", "-outfile", "o", "i"], {"i": draw.ppm(32, 24, 7)}, "o")
    s.use(thumb[-40:-10])
    return after_jfif(seg(0xE1, b"Exif\0\0" + exif.thumbnail(thumb)))


@place("jpg", "exif-unreferenced", "TIFF 6.0 section 2")
def _(s):
    payload = exif.tiff(exif.Ifd([(0x0112, 3, b"\6\0")])) + s.raw
    return after_jfif(seg(0xE1, b"Exif\0\0" + payload))


@place("jpg", "exif-before-ifd", "TIFF 6.0 section 2")
def _(s):
    plain = exif.tiff(exif.Ifd([(0x0112, 3, b"\6\0")]))
    payload = plain[:4] + struct.pack("<I", 8 + 24) + s.raw + plain[8:]
    return after_jfif(seg(0xE1, b"Exif\0\0" + payload))


@place("jpg", "exif-second-segment", "Exif 3.0 4.7.2")
def _(s):
    first = seg(0xE1, b"Exif\0\0" + exif.tiff(exif.Ifd([(0x0112, 3, b"\6\0")])))
    return after_jfif(first + seg(0xE1, b"Exif\0\0" + exif.simple(s.raw)))


@place("jpg", "exif-big-endian", "Exif 3.0 4.5.2")
def _(s):
    ifd = exif.Ifd([(0x0112, 3, b"\0\6"), (0x010F, 2, exif.text(s.raw))])
    return after_jfif(seg(0xE1, b"Exif\0\0" + exif.tiff(ifd, ">")))


@place("jpg", "exif-after-scan-tables", "Exif 3.0 4.7.2")
def _(s):
    return before(0xDA, seg(0xE1, b"Exif\0\0" + exif.simple(s.raw)))


@place("jpg", "exif-in-cmyk", "Exif 3.0 4.7.2")
def _(s):
    return after_jfif(seg(0xE1, b"Exif\0\0" + exif.simple(s.raw)), "cmyk")


@place("jpg", "jfif-thumbnail", "T.871 10.1")
def _(s):
    return replace(0xE0, lambda p: p[:12] + b"\4\2" + s.raw)


@place("jpg", "jfif-over-long", "T.871 10.1")
def _(s):
    return replace(0xE0, lambda p: p + s.raw)


for _name, _body in (
    ("jpeg", lambda s: b"\x10" + tiny(s.raw)),
    ("palette", lambda s: b"\x11\2\2" + (s.raw * 32)[:768] + bytes(4)),
    ("rgb", lambda s: b"\x13\4\2" + s.raw),
    ("unknown", lambda s: b"\x77" + s.raw),
):
    place("jpg", f"jfxx-{_name}", "T.871 10.2")(
        lambda s, b=_body: after_jfif(seg(0xE0, b"JFXX\0" + b(s))))


def adobe(tail=b"", version=100, flags=bytes(4), transform=1):
    return seg(0xEE, b"Adobe" + struct.pack(">H", version) + flags + bytes([transform]) + tail)


@place("jpg", "app14-over-long", "T.872 6.5.3")
def _(s):
    return after_jfif(adobe(s.raw))


@place("jpg", "app14-flags", "T.872 6.5.3")
def _(s):
    return after_jfif(adobe(flags=s.binary(4)))


@place("jpg", "app14-over-long-cmyk", "T.872 6.5.3")
def _(s):
    return replace(0xEE, lambda p: p + s.raw, "cmyk")


def mpf(payload_second):
    """An MP header (CIPA DC-007 5.2) whose second image follows the EOI of the first."""
    entries = struct.pack("<IIIHH", 0x20030000, 0, 0, 0, 0) * 2
    ifd = exif.Ifd([(0xB000, 7, b"0100"), (0xB001, 4, b"\2\0\0\0"), (0xB002, 7, entries)])
    body = bytearray(exif.tiff(ifd))
    first = after_jfif(seg(0xE2, b"MPF\0" + bytes(body)))
    start = first.index(b"MPF\0") + 4
    at = body.index(entries)
    struct.pack_into("<I", body, at + 4, len(first))
    struct.pack_into("<IIII", body, at + 16, 0x20000, len(payload_second), len(first) - start, 0)
    return first[:start] + bytes(body) + first[start + len(body) :] + payload_second


@place("jpg", "mpf-second-image", "CIPA DC-007 5.2")
def _(s):
    return mpf(tiny(s.raw))


@place("jpg", "mpf-second-image-coded", "CIPA DC-007 5.2")
def _(s):
    second = draw.run(["cjpeg", "-outfile", "o", "i"], {"i": draw.ppm(32, 24, 3)}, "o")
    s.use(second[-40:-10])
    return mpf(second)


@place("jpg", "mpf-individual-id", "CIPA DC-007 5.2.2.1")
def _(s):
    ifd = exif.Ifd([(0xB000, 7, b"0100"), (0xB003, 7, s.fit(33))])
    return after_jfif(seg(0xE2, b"MPF\0" + exif.tiff(ifd)))


@place("jpg", "com-between-scans", "T.81 B.2.1")
def _(s):
    return before(0xDA, seg(0xFE, s.raw), "progressive", last=True)


@place("jpg", "com-between-scans-sequential", "T.81 B.2.1")
def _(s):
    return before(0xDA, seg(0xFE, s.raw), "multiscan", last=True)


@place("jpg", "app-between-scans", "T.81 B.2.1")
def _(s):
    return before(0xDA, seg(0xE9, s.raw), "progressive", last=True)


@place("jpg", "com-before-eoi", "T.81 B.2.1")
def _(s):
    return before(0xD9, seg(0xFE, s.raw))


@place("jpg", "com-before-soi-tables", "T.81 B.2.4")
def _(s):
    return SOI + seg(0xFE, s.raw) + coded()[2:]


for _name, _marker, _kind in (
    ("after-soi", 0xE0, "baseline"),
    ("before-dqt", 0xDB, "baseline"),
    ("before-sof", 0xC0, "baseline"),
    ("before-sos", 0xDA, "progressive"),
):
    place("jpg", f"bytes-{_name}", "T.81 B.1.1.2", expect="clean-or-refused")(
        lambda s, m=_marker, k=_kind: before(m, s.raw, k))

for _name, _marker, _kind, _last in (
    ("baseline", 0xD9, "baseline", False),
    ("progressive-last", 0xD9, "progressive", False),
    ("progressive-inner", 0xDA, "progressive", True),
    ("multiscan-inner", 0xDA, "multiscan", True),
    ("cmyk", 0xD9, "cmyk", False),
):
    place("jpg", f"slack-{_name}", "T.81 F.1.2.3: bytes after the last MCU",
          expect="clean-or-refused")(
        lambda s, m=_marker, k=_kind, z=_last: before(m, s.raw, k, last=z))


@place("jpg", "slack-before-restart", "T.81 E.1.4", expect="clean-or-refused")
def _(s):
    data = coded("restart")
    at = data.index(b"\xff\xd0")
    return data[:at] + s.raw + data[at:]


@place("jpg", "restart-after-last-mcu", "T.81 E.1.4", expect="clean-or-refused")
def _(s):
    return before(0xD9, b"\xff\xd7" + s.raw, "restart")


SAMSUNG = b"\0\0\1\n\x0e\0\0\0Image_UTC_Data"
TRAILERS = [
    ("plain", lambda v: v),
    ("samsung", lambda v: SAMSUNG + v + b"SEFH" + struct.pack("<II", 106, 0) + b"\x0c\0\0\0SEFT"),
    ("motion-photo", lambda v: b"MotionPhoto_Data" + struct.pack(">I4s", 16,
        b"ftyp") + b"mp42\0\0\0\0"
     + struct.pack(">I4s", 32, b"mdat") + v),
    ("second-jpeg", tiny),
    ("zip", lambda v: b"PK\3\4" + bytes(22) + v),
    ("after-zeros", lambda v: bytes(4096) + v),
]
for _name, _wrap in TRAILERS:
    place("jpg", f"trailer-{_name}", "T.81 B.2.1: nothing follows EOI")(
        lambda s, w=_wrap: coded() + w(s.raw))


@place("jpg", "trailer-after-second-eoi", "T.81 B.2.1")
def _(s):
    return coded() + EOI + s.raw


@place("jpg", "unused-quant-table", "T.81 B.2.4.1", expect="clean-or-refused")
def _(s):
    return before(0xDA, seg(0xDB, b"\3" + (s.raw * 3)[:64]))


@place("jpg", "overwritten-quant-table", "T.81 B.2.4.1", expect="clean-or-refused")
def _(s):
    return before(0xDB, seg(0xDB, b"\0" + (s.raw * 3)[:64]))


@place("jpg", "unused-huffman-table", "T.81 B.2.4.2", expect="clean-or-refused")
def _(s):
    values = s.use(bytes(s._rng.sample(range(256), 24)))
    return before(0xDA, seg(0xC4, b"\x13" + bytes([0] * 7 + [24] + [0] * 8) + values))


@place("jpg", "dac-in-huffman", "T.81 B.2.4.3", expect="clean-or-refused", opens=False)
def _(s):
    values = s.binary(12, 16, 99)
    return before(0xDA, seg(0xCC, s.use(bytes(b for pair in enumerate(values) for b in pair))))


for _name, _marker in (("jpg0", 0xF0), ("jpg13", 0xFD), ("res", 0x4F), ("dhp", 0xDE),
    ("exp", 0xDF)):
    place("jpg", f"reserved-{_name}", "T.81 table B.1", expect="clean-or-refused", opens=False)(
        lambda s, m=_marker: after_jfif(seg(m, s.raw)))


@place("jpg", "dnl-over-long", "T.81 B.2.5", expect="clean-or-refused", opens=False)
def _(s):
    return before(0xD9, seg(0xDC, struct.pack(">H", 45) + s.raw))


for _name, _marker in (("sof", 0xC0), ("sos", 0xDA)):
    place("jpg", f"{_name}-over-long", "T.81 B.2.2, B.2.3", expect="clean-or-refused", opens=False)(
        lambda s, m=_marker: replace(m, lambda p: p + s.raw))


@place("jpg", "dri-over-long", "T.81 B.2.4.4", expect="clean-or-refused", opens=False)
def _(s):
    return replace(0xDD, lambda p: p + s.raw, "restart")


DC_LENGTHS = bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])


@place("jpg", "padding-bits", "T.81 F.1.2.3", how="jpeg-pad", expect="clean-or-refused")
def _(s):
    """A grey picture with one block an interval: each interval ends in some free bits."""
    cols, rows = 16, 8
    codes, code, at = {}, 0, 0
    for length in range(1, 17):
        for _ in range(DC_LENGTHS[length - 1]):
            codes[at] = f"{code:0{length}b}"
            code, at = code + 1, at + 1
        code <<= 1
    spare = "".join(f"{b:08b}" for b in s.raw) + "1" * 999
    scan = bytearray()
    for i in range(cols * rows):
        value = (i * 7) % 60 - 30
        size = abs(value).bit_length()
        bits = codes[size] + (
            f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" if size else "")
        bits += "0"
        free = -len(bits) % 8
        bits, spare = bits + spare[:free], spare[free:]
        block = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
        scan += (bytes((0xFF, 0xD0 + (i - 1) % 8)) if i else b"") + block
    return (
        SOI
        + seg(0xDB, b"\0" + bytes([16] * 64))
        + seg(0xC0, struct.pack(">BHHBBBB", 8, rows * 8, cols * 8, 1, 1, 0x11, 0))
        + seg(0xC4, b"\0" + DC_LENGTHS + bytes(range(12)))
        + seg(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
        + seg(0xDD, struct.pack(">H", 1))
        + seg(0xDA, b"\1\1\0\0\x3f\0")
        + bytes(scan)
        + EOI
    )

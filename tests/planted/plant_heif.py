# SPDX-License-Identifier: GPL-3.0-or-later
"""HEIC and AVIF stills (ISO/IEC 23008-12, 14496-12; AVIF 1.1): where a secret can stand."""

import struct

import draw
import exif
import icc
import nal
from boxes import box, full, uuid
from heif import Heif, Item, grid, item, overlay, single, with_alpha
from place import base, place
from plant_jpeg import tiny

EXT = {"hevc": "heic", "av1": "avif"}
XMP = b"application/rdf+xml"

for _codec, _ext in EXT.items():
    base(_ext, "single", spec="23008-12 6")(lambda s, c=_codec: single(c).bytes())
    base(_ext, "alpha", spec="23008-12 6.6.2.1.2")(lambda s, c=_codec: with_alpha(c).bytes())
    base(_ext, "grid", spec="23008-12 6.6.2.3")(lambda s, c=_codec: grid(c).bytes())
base("heic", "overlay", spec="23008-12 6.6.2.2")(lambda s: overlay().bytes())
base("avif", "by-avifenc", spec="AVIF 1.1")(lambda s: draw.run(
    ["avifenc", "-s", "9", "i.png", "o.avif"], {"i.png": draw.png(64, 64)}, "o.avif"))
base("heic", "by-heif-enc", spec="23008-12")(lambda s: draw.run(
    ["heif-enc", "i.png", "-o", "o.heic"], {"i.png": draw.png(64, 64)}, "o.heic"))


def both(name, spec, codecs=("hevc", "av1"), start=single, **how):
    """Registers one place for HEIC and for AVIF: the function changes a fresh Heif."""

    def register(change):
        for codec in codecs:
            def make(s, c=codec):
                h = start(c)
                got = change(h, s)
                return got if isinstance(got, bytes) else h.bytes()
            place(EXT[codec], name, spec, **how)(make)
        return change

    return register


def describing(h, new, of=1):
    """Adds an item that describes item `of`."""
    ident = h.add(new)
    h.refs.append((b"cdsc", ident, [of]))


def exif_item(payload, **how):
    return Item(b"Exif", b"\0\0\0\0" + payload, **how)


@both("exif", "23008-12 A.2.1")
def _(h, s):
    describing(h, exif_item(exif.simple(s.raw)))


@both("exif-gps", "23008-12 A.2.1; Exif 3.0 GPS")
def _(h, s):
    describing(h, exif_item(exif.payload("gps", 2, exif.RATIONAL, s.binary(24))))


@both("exif-prefix", "23008-12 A.2.1: bytes before the TIFF header")
def _(h, s):
    describing(h, Item(b"Exif", struct.pack(">I", 24) + s.raw + exif.tiff(exif.Ifd())))


@both("exif-thumbnail", "23008-12 A.2.1")
def _(h, s):
    describing(h, exif_item(exif.thumbnail(tiny(s.raw))))


@both("exif-in-idat", "14496-12 8.11.3, construction method 1")
def _(h, s):
    describing(h, exif_item(exif.simple(s.raw), method=1))


@both("exif-unreferenced", "23008-12 A.2.1: an Exif item that describes nothing")
def _(h, s):
    h.add(exif_item(exif.simple(s.raw)))


@both("exif-of-tile", "23008-12 A.2.1", start=grid)
def _(h, s):
    describing(h, exif_item(exif.simple(s.raw)), 1)


@both("xmp", "23008-12 A.3")
def _(h, s):
    describing(h, Item(b"mime", b"<x:xmpmeta>" + s.raw, mime=XMP))


@both("mime-type", "14496-12 8.11.6")
def _(h, s):
    describing(h, Item(b"mime", b"x", mime=b"text/" + s.raw))


@both("mime-encoding", "14496-12 8.11.6 content_encoding")
def _(h, s):
    describing(h, Item(b"mime", b"x", mime=XMP, infe_tail=s.raw + b"\0"))


@both("uri-item", "14496-12 8.11.6")
def _(h, s):
    describing(h, Item(b"uri ", b"x", mime=b"urn:" + s.raw))


@both("unknown-item", "14496-12 8.11.6")
def _(h, s):
    describing(h, Item(b"drwn", s.raw))


@both("item-name", "14496-12 8.11.6 item_name")
def _(h, s):
    h.items[0].name = s.raw


@both("item-name-of-tile", "14496-12 8.11.6", start=grid)
def _(h, s):
    h.items[0].name = s.raw


@both("infe-over-long", "14496-12 8.11.6", expect="clean-or-refused")
def _(h, s):
    h.items[0].infe_tail = s.raw


def hide(h, codec_item, s):
    """Adds a coded picture whose coded bytes are the secret."""
    s.use(codec_item.data[-32:-4])
    return h.add(codec_item)


def codec_of(h):
    return h.codec


@both("thumbnail", "23008-12 6.4.4")
def _(h, s):
    h.refs.append((b"thmb", hide(h, item(h.codec, 4), s), [1]))


@both("thumbnail-jpeg", "23008-12 6.4.4; annex H")
def _(h, s):
    h.refs.append((b"thmb", h.add(Item(b"jpeg", tiny(s.raw), [item(h.codec).props[1]])), [1]))


def aux(h, s, urn):
    new = item(h.codec, 5)
    new.props.append((full(b"auxC", 0, 0, urn + b"\0"), 1))
    h.refs.append((b"auxl", hide(h, new, s), [1]))


for _name, _urn in (
    ("depth", b"urn:mpeg:hevc:2015:auxid:2"), ("depth-cicp",
        b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth"),
    ("gain-map-apple", b"urn:com:apple:photo:2020:aux:hdrgainmap"),
    ("matte", b"urn:com:apple:photo:2018:aux:portraiteffectsmatte"), ("unknown", b"urn:drawn:aux"),
):
    both(f"aux-{_name}", "23008-12 6.5.8, 6.6.2.1")(lambda h, s, u=_urn: aux(h, s, u))


@both("aux-unknown-urn", "23008-12 6.5.8")
def _(h, s):
    new = item(h.codec, 5)
    new.props.append((full(b"auxC", 0, 0, b"urn:" + s.raw + b"\0"), 1))
    h.refs.append((b"auxl", h.add(new), [1]))


@both("alpha-subtype", "23008-12 6.5.8 aux_subtype", start=with_alpha, expect="clean-or-refused")
def _(h, s):
    props = h.items[1].props
    at = [i for i, p in enumerate(props) if p[0][4:8] == b"auxC"][0]
    props[at] = (box(b"auxC", props[at][0][8:] + s.raw), props[at][1])


@both("tone-map-gain-map", "ISO 21496-1; 23008-12 tmap")
def _(h, s):
    gain = hide(h, item(h.codec, 6), s)
    h.items[gain - 1].hidden = True
    ident = h.add(Item(b"tmap", bytes(62), [item(h.codec).props[0]], method=1))
    h.refs.append((b"dimg", ident, [1, gain]))
    h.meta_late = box(b"grpl", full(b"altr", 0, 0, struct.pack(">IIII", 99, 2, ident, 1)))


@both("hidden-item", "23008-12 6.4.2: a hidden picture that nothing uses")
def _(h, s):
    new = item(h.codec, 3)
    new.hidden = True
    hide(h, new, s)


@both("second-picture", "23008-12 6.4: not the primary picture")
def _(h, s):
    hide(h, item(h.codec, 2), s)


@both("alternate-picture", "14496-12 8.18.3 altr")
def _(h, s):
    ident = hide(h, item(h.codec, 2), s)
    h.meta_late = box(b"grpl", full(b"altr", 0, 0, struct.pack(">IIII", 99, 2, 1, ident)))


@both("group-unknown", "14496-12 8.18")
def _(h, s):
    h.meta_late = box(b"grpl", full(b"drwn", 0, 0, struct.pack(">III", 98, 1, 1), s.raw))


@both("crop", "23008-12 6.5.9: pixels outside the clean aperture", expect="clean-or-refused")
def _(h, s):
    clap = box(b"clap", struct.pack(">IIIIiIiI", 16, 1, 16, 1, 0, 1, 0, 1))
    h.items[0].props.append((clap, 1))
    s.use(h.items[0].data[-60:-4])


@both("overlay-covered", "23008-12 6.6.2.2: pixels under another layer", ("hevc",),
      lambda codec: overlay(codec, 32), expect="clean-or-refused")
def _(h, s):
    s.use(h.items[0].data[-60:-4])


META_BOXES = [
    ("free", lambda v: box(b"free", v)), ("skip", lambda v: box(b"skip", v)),
    ("unknown", lambda v: box(b"drwn", v)), ("uuid", lambda v: uuid(b"drawn-by-test", v)),
    ("xml", lambda v: full(b"xml ", 0, 0, b"<x>" + v)), ("bxml", lambda v: full(b"bxml", 0, 0, v)),
    ("udta", lambda v: box(b"udta", box(b"name", v))),
]
for _name, _wrap in META_BOXES:
    both(f"meta-{_name}", "14496-12 8.11")(
        lambda h, s, w=_wrap: setattr(h, "meta_early", w(s.raw)))
    both(f"meta-{_name}-late", "14496-12 8.11")(
        lambda h, s, w=_wrap: setattr(h, "meta_late", w(s.raw)))
    both(f"top-{_name}", "14496-12 4.2")(lambda h, s, w=_wrap: setattr(h, "top_late", w(s.raw)))
    both(f"top-{_name}-early", "14496-12 4.2")(lambda h, s,
        w=_wrap: setattr(h, "top_early", w(s.raw)))


@both("motion-video", "vendor: an mpvd box with a whole MP4")
def _(h, s):
    h.top_late = box(b"mpvd", box(b"ftyp", b"mp42\0\0\0\0"), box(b"mdat", s.raw))


@both("c2pa", "C2PA 2.1 A.5")
def _(h, s):
    ident = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
    h.top_early = uuid(ident, bytes(4) + b"manifest\0" + bytes(8) + s.raw)


@both("second-mdat", "14496-12 8.1.1")
def _(h, s):
    h.top_late = box(b"mdat", s.raw)


for _name, _field, _value in (
    ("mdat-head", "mdat_head", None), ("mdat-gap", "mdat_gap", None),
    ("mdat-tail", "mdat_tail", None),
    ("idat-tail", "idat_tail", None), ("trailer", "trailer", None),
):
    both(_name, "14496-12 8.1.1, 8.11.11: bytes that no item covers")(
        lambda h, s, f=_field: setattr(h, f, s.raw))


@both("trailer-zero-sized", "14496-12 4.2: a last box that runs to the end")
def _(h, s):
    h.trailer = struct.pack(">I", 0) + b"free" + s.raw


@both("idat-tail-grid", "14496-12 8.11.11", start=grid)
def _(h, s):
    h.idat_tail = s.raw


@both("grid-item-over-long", "23008-12 6.6.2.3", start=grid, expect="clean-or-refused", opens=False)
def _(h, s):
    h.items[2].data += s.raw


@both("handler-name", "14496-12 8.4.3")
def _(h, s):
    h.hdlr_name = s.raw + b"\0"


@both("handler-reserved", "14496-12 8.4.3")
def _(h, s):
    h.hdlr_reserved = s.binary(12)


@both("brands", "14496-12 4.3")
def _(h, s):
    h.brands = h.brands + [s.raw]


@both("minor-version", "14496-12 4.3")
def _(h, s):
    h.minor = s.binary(4)


@both("data-reference", "14496-12 8.7.2", expect="clean-or-refused")
def _(h, s):
    h.dinf = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1),
        full(b"url ", 0, 0, s.raw + b"\0")))


def prop(h, new, essential=0):
    h.items[0].props.append((new, essential))


PROPERTIES = [
    ("description", lambda v: full(b"udes", 0, 0, b"en\0" + v + b"\0d\0t\0"), "23008-12 6.5.20"),
    ("description-tags", lambda v: full(b"udes", 0, 0, b"en\0n\0d\0" + v + b"\0"),
        "23008-12 6.5.20"),
    ("alt-text", lambda v: full(b"altt", 0, 0, v + b"\0en\0"), "23008-12 6.5.21"),
    ("unknown", lambda v: box(b"drwn", v), "23008-12 9.3"),
    ("unknown-full", lambda v: full(b"drwf", 0, 0, v), "23008-12 9.3"),
    ("uuid", lambda v: uuid(b"drawn-by-test", v), "23008-12 9.3"),
    ("camera-extrinsics", lambda v: full(b"cmex", 0, 0, v), "23008-12 amendment"),
    ("rloc", lambda v: full(b"rloc", 0, 0, v), "23008-12 6.5.7"),
]
for _name, _wrap, _spec in PROPERTIES:
    both(f"property-{_name}", _spec)(lambda h, s, w=_wrap: prop(h, w(s.raw)))


@both("property-creation-time", "23008-12 6.5.18")
def _(h, s):
    prop(h, full(b"crtt", 0, 0, s.binary(8)))


@both("property-modification-time", "23008-12 6.5.19")
def _(h, s):
    prop(h, full(b"mdft", 0, 0, s.binary(8)))


@both("property-unused", "23008-12 9.3: a property that no item has")
def _(h, s):
    h.ipco_extra = full(b"udes", 0, 0, b"en\0" + s.raw + b"\0d\0t\0")


@both("property-free", "23008-12 9.3")
def _(h, s):
    h.ipco_extra = box(b"free", s.raw)


@both("iprp-free", "23008-12 9.3", expect="clean-or-refused", opens=False)
def _(h, s):
    h.iprp_extra = box(b"free", s.raw)


for _kind in (b"ispe", b"pixi"):
    def _over(h, s, k=_kind):
        props = h.items[0].props
        at = [i for i, p in enumerate(props) if p[0][4:8] == k][0]
        props[at] = (box(k, props[at][0][8:] + s.raw), props[at][1])
    both(f"{_kind.decode()}-over-long", "23008-12 6.5", expect="clean-or-refused")(_over)

for _name, _how, _make in icc.PLACES:
    both(f"icc-{_name}", "14496-12 12.1.5; ICC.1:2022", how=_how)(
        lambda h, s, m=_make: prop(h, box(b"colr", b"prof", m(s))))


@both("irot-over-long", "23008-12 6.5.10", expect="clean-or-refused")
def _(h, s):
    prop(h, box(b"irot", b"\0" + s.raw), 1)


def in_item(h, unit, index=0, first=True):
    coded = h.items[index].data
    h.items[index].data = unit + coded if first else coded + unit


for _name, _unit, _spec in nal.UNITS[nal.HEVC]:
    both(f"item-{_name}", _spec, ("hevc",))(
        lambda h, s, u=_unit, n=_name: in_item(h, nal.lengthed(u(s.raw)), first="suffix" not in n))
both("item-sei-of-tile", "H.265 D.2.7", ("hevc",), grid)(
    lambda h, s: in_item(h, nal.lengthed(nal.sei(nal.HEVC, 5, nal.DRAWN_UUID + s.raw))))
both("item-sei-of-alpha", "H.265 D.2.7", ("hevc",), with_alpha)(
    lambda h, s: in_item(h, nal.lengthed(nal.sei(nal.HEVC, 5, nal.DRAWN_UUID + s.raw)), 1))


@both("item-sei-escaped", "H.265 7.4.2.1: a payload with start-code escapes", ("hevc",), how="nal")
def _(h, s):
    value = s.use(b"".join(b"\0\0\1" + bytes([b]) for b in s.binary(12, 4)))
    in_item(h, nal.lengthed(nal.sei(nal.HEVC, 5, nal.DRAWN_UUID + value)))


@both("item-parameter-set", "H.265 7.3.2.3: a parameter set that no slice names", ("hevc",),
      expect="clean-or-refused")
def _(h, s):
    in_item(h, nal.lengthed(nal.plain(nal.HEVC, 34, b"\x08" + s.raw)))


@both("item-trailing-bytes", "14496-15 4.3.4: bytes after the last NAL unit", ("hevc",),
      expect="clean-or-refused", opens=False)
def _(h, s):
    in_item(h, bytes(4) + s.raw, first=False)


@both("slice-slack", "H.265 7.3.2.10: bytes after the slice's trailing bits", ("hevc",),
      expect="named-limit", inspect=False)
def _(h, s):
    unit = nal.split_lengthed(h.items[0].data)[-1] + s.raw
    h.items[0].data = nal.lengthed(unit)


def change_config(h, kind, change):
    props = h.items[0].props
    at = [i for i, p in enumerate(props) if p[0][4:8] == kind][0]
    props[at] = (box(kind, change(props[at][0][8:])), 1)


@both("config-sei", "14496-15 8.3.3.1", ("hevc",))
def _(h, s):
    unit = nal.sei(nal.HEVC, 5, nal.DRAWN_UUID + s.raw)
    change_config(h, b"hvcC", lambda r: nal.hvcc_with(r, unit))


@both("config-unspecified-nal", "14496-15 8.3.3.1", ("hevc",))
def _(h, s):
    change_config(h, b"hvcC", lambda r: nal.hvcc_with(r, nal.plain(nal.HEVC, 62, s.raw), 62))


@both("config-over-long", "14496-15 8.3.3.1", ("hevc",))
def _(h, s):
    change_config(h, b"hvcC", lambda r: r + s.raw)


@both("config-parameter-set-slack", "H.265 7.3.2: bytes after an SPS's trailing bits", ("hevc",),
      expect="clean-or-refused")
def _(h, s):
    def change(record):
        at = record.index(b"\x42\1")
        size = struct.unpack_from(">H", record, at - 2)[0]
        body = record[at : at + size] + s.raw
        return record[: at - 2] + struct.pack(">H", len(body)) + body + record[at + size :]

    change_config(h, b"hvcC", change)


for _name, _unit, _spec in nal.OBUS:
    both(f"item-{_name}", _spec, ("av1",))(lambda h, s, u=_unit: in_item(h, u(s.raw)))
    both(f"item-{_name}-last", _spec, ("av1",))(lambda h, s,
        u=_unit: in_item(h, u(s.raw), first=False))
    both(f"config-{_name}", "AV1 in ISOBMFF 2.3", ("av1",))(
        lambda h, s, u=_unit: change_config(h, b"av1C", lambda r: r + u(s.raw)))

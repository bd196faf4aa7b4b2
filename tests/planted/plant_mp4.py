# SPDX-License-Identifier: GPL-3.0-or-later
"""MP4, MOV, M4V and 3GP: boxes and fields (14496-12, 14496-14, QuickTime) that hold a secret."""

import struct

import exif
import icc
from boxes import big, box, full, uuid
from draw import ffmpeg
from movie import Movie, audio, video
from place import base, place
from plant_jpeg import tiny

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def plain(layout="moov-last", codec="h264", sound=True, **how):
    tracks = [video(codec)] + ([audio()] if sound else [])
    return Movie(*tracks, layout=layout, **how)


QT = {"major": b"qt  ", "brands": (b"qt  ",)}
for _name, _ext, _make in (
    ("moov-last", "mp4", lambda: plain()), ("moov-first", "mp4", lambda: plain("moov-first")),
    ("co64", "mp4", lambda: plain("co64")), ("fragmented", "mp4", lambda: plain("fragmented")),
    ("hevc", "mp4", lambda: plain(codec="hevc")), ("av1", "mp4", lambda: plain(codec="av1")),
    ("silent", "m4v", lambda: plain(sound=False, major=b"M4V ", brands=(b"M4V ", b"mp42"))),
    ("sound-only", "m4a", lambda: Movie(audio(), major=b"M4A ", brands=(b"M4A ", b"mp42"))),
    ("quicktime", "mov", lambda: plain(**QT)),
    ("phone", "3gp", lambda: plain(major=b"3gp6", brands=(b"3gp6",))),
    ("two-pictures", "mp4", lambda: Movie(video(), video(phase=3), audio())),
):
    base("mp4", _name, ext=_ext, spec="14496-12")(lambda s, m=_make: m().bytes())


@base("mp4", "mdat-to-end", spec="14496-12 4.2")
def _(s):
    m = plain("moov-first")
    m.mdat_to_end = True
    return m.bytes()


@base("mp4", "big-mdat", spec="14496-12 4.2")
def _(s):
    m = plain()
    m.big_mdat = True
    return m.bytes()


# What ffmpeg's own muxer makes: other codecs, other layouts.
BY_FFMPEG = [
    ("faststart", "mp4", ["-c:v", "libx264", "-c:a", "aac", "-movflags", "+faststart"]),
    ("fragments", "mp4", ["-c:v", "libx264", "-c:a", "aac", "-movflags",
        "+frag_keyframe+empty_moov"]),
    ("default-base", "mp4",
     ["-c:v", "libx264", "-c:a", "aac", "-movflags",
         "+frag_keyframe+empty_moov+default_base_moof"]),
    ("negative-offsets", "mp4", ["-c:v", "libx264", "-c:a", "aac", "-movflags",
        "+negative_cts_offsets"]),
    ("in-band-hevc", "mp4", ["-c:v", "libx265", "-x265-params", "log-level=0:pools=1", "-tag:v",
        "hev1"]),
    ("vp9-opus", "mp4", ["-c:v", "libvpx-vp9", "-c:a", "libopus"]),
    ("pcm", "mov", ["-c:v", "libx264", "-c:a", "pcm_s16le"]),
    ("mjpeg", "mov", ["-c:v", "mjpeg", "-q:v", "5", "-c:a", "pcm_s16be"]),
    ("mpeg4", "mp4", ["-c:v", "mpeg4", "-c:a", "aac"]),
    ("hdr", "mp4", ["-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", "-x265-params",
                    "log-level=0:pools=1:hdr10=1:max-cll=1000,400:colorprim=bt2020:transfer=smpte2084:"
                    "colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)"
                    "WP(15635,16450)L(10000000,1)"]),
]


def by_ffmpeg(ext, options):
    args = ["-f", "lavfi", "-i", "testsrc=size=96x64:rate=12:duration=1", "-f", "lavfi", "-i",
            "sine=frequency=500:sample_rate=48000:duration=1", "-ac", "1", "-pix_fmt", "yuv420p",
            *options]
    return ffmpeg(args, f"o.{ext}")


for _name, _ext, _options in BY_FFMPEG:
    base("mp4", f"ffmpeg-{_name}", ext=_ext, spec="14496-12; another writer",
         expect="clean-or-refused" if _name in ("mjpeg", "mpeg4") else "clean")(
        lambda s, e=_ext, o=_options: by_ffmpeg(e, o))


def at(name, spec, start=plain, **how):
    """Registers one place: the function changes a fresh Movie."""

    def register(change):
        def make(s):
            m = start()
            got = change(m, s)
            return got if isinstance(got, bytes) else m.bytes()
        if start is qt:
            how["ext"] = "mov"
        place("mp4", name, spec, **how)(make)
        return change

    return register


def qt():
    return plain(**QT)


def fragmented():
    return plain("fragmented")


def first(m):
    return m.tracks[0]


# --- user data --------------------------------------------------------------------------------


def qt_text(kind, v):
    return box(kind, struct.pack(">HH", len(v), 0x55C4) + v)


UDTA = [(f"qt-{t[1:].decode().lower().strip()}", lambda v, k=t: qt_text(k, v)) for t in (
    b"\xa9xyz", b"\xa9nam", b"\xa9day", b"\xa9mak", b"\xa9mod", b"\xa9swr", b"\xa9too", b"\xa9cmt",
    b"\xa9inf", b"\xa9aut", b"\xa9cpy", b"\xa9fmt", b"\xa9req", b"\xa9src", b"\xa9gpt", b"\xa9TIM")]
UDTA += [(t.decode().strip().lower(), lambda v,
    k=t: full(k, 0, 0, b"\x55\xc4" + v + b"\0")) for t in (
    b"titl", b"auth", b"dscp", b"perf", b"gnre", b"cprt", b"albm")]
UDTA += [
    ("location", lambda v: full(b"loci", 0, 0,
        b"\x55\xc4" + v + b"\0\0" + bytes(12) + b"earth\0\0")),
    ("keywords", lambda v: full(b"kywd", 0, 0, b"\x55\xc4\1" + bytes([len(v)]) + v)),
    ("rating", lambda v: full(b"rtng", 0, 0, bytes(8) + b"\x55\xc4" + v + b"\0")),
    ("classification", lambda v: full(b"clsf", 0, 0, bytes(6) + b"\x55\xc4" + v + b"\0")),
    ("name", lambda v: box(b"name", v)),
    ("kind", lambda v: full(b"kind", 0, 0, v + b"\0\0")),
    ("nero-chapters", lambda v: full(b"chpl", 1, 0,
        b"\0\0\0\0\1" + bytes(8) + bytes([len(v)]) + v)),
    ("xmp", lambda v: box(b"XMP_", b"<x:xmpmeta>" + v)),
    ("id3", lambda v: full(b"ID32", 0, 0, b"\x55\xc4ID3\4\0\0\0\0\0\x18" + v)),
    ("windows-media", lambda v: box(b"Xtra", struct.pack(">II", 80, 8) + b"WM/Title" + v)),
    ("gopro-serial", lambda v: box(b"CAME", v)),
    ("gopro-firmware", lambda v: box(b"FIRM", v)),
    ("gopro-telemetry", lambda v: box(b"GPMF", b"DEVC\0\1\0\x20DVNMc\1\0\x18" + v)),
    ("samsung-data", lambda v: box(b"smrd", v)),
    ("samsung-firmware", lambda v: box(b"SDLN", v)),
    ("author-ascii", lambda v: box(b"auth", v)),
    ("thumbnail", lambda v: box(b"thmb", tiny(v))),
    ("canon", lambda v: box(b"CNTH", box(b"CNDA", tiny(v)))),
    ("nikon", lambda v: box(b"NCDT", box(b"NCTG", v))),
    ("sony-sizes", lambda v: box(b"PANA", bytes(64) + v)),
    ("pentax", lambda v: box(b"TAGS", b"PENTAX DIGITAL CAMERA\0" + v)),
    ("unknown", lambda v: box(b"drwn", v)),
    ("text-after-terminator", lambda v: bytes(4) + v),
]
for _name, _wrap in UDTA:
    at(f"udta-{_name}", "14496-12 8.10.1; QuickTime user data; 3GPP TS 26.244 8")(
        lambda m, s, w=_wrap: setattr(m, "moov_extra", box(b"udta", w(s.raw))))
for _name in ("qt-nam", "name", "titl", "unknown", "xmp"):
    _wrap = dict(UDTA)[_name]
    at(f"track-udta-{_name}", "14496-12 8.10.1")(
        lambda m, s, w=_wrap: setattr(first(m), "trak_extra", box(b"udta", w(s.raw))))


def hdlr(kind):
    return full(b"hdlr", 0, 0, bytes(4), kind, b"appl", bytes(8), b"\0")


def ilst(kind, v, data_type=1):
    return box(b"ilst", box(kind, box(b"data", struct.pack(">II", data_type, 0) + v)))


def tunes(items):
    return box(b"udta", full(b"meta", 0, 0, hdlr(b"mdir"), items))


for _kind in (b"\xa9nam", b"\xa9ART", b"\xa9alb", b"\xa9day", b"\xa9too", b"\xa9cmt", b"\xa9gen",
    b"\xa9lyr", b"desc",
              b"ldes", b"cprt", b"purd", b"apID", b"ownr", b"tvsh", b"aART", b"drwn"):
    at(f"ilst-{_kind.decode('latin-1').strip(chr(0xa9)).lower()}" + (
        "-c" if _kind[0] == 0xA9 else ""),
       "iTunes metadata list")(
        lambda m, s, k=_kind: setattr(m, "moov_extra", tunes(ilst(k, s.raw))))


@at("ilst-cover", "iTunes metadata list covr")
def _(m, s):
    m.moov_extra = tunes(ilst(b"covr", tiny(s.raw), 13))


@at("ilst-freeform", "iTunes metadata list, ---- items")
def _(m, s):
    m.moov_extra = tunes(box(b"ilst", box(
        b"----", full(b"mean", 0, 0, b"drawn"), full(b"name", 0, 0, b"x"),
        box(b"data", bytes(8) + s.raw))))


@at("ilst-freeform-name", "iTunes metadata list, ---- items")
def _(m, s):
    m.moov_extra = tunes(box(b"ilst", box(
        b"----", full(b"mean", 0, 0, b"drawn"), full(b"name", 0, 0, s.raw),
        box(b"data", bytes(8) + b"x"))))


@at("ilst-free", "iTunes metadata list: padding")
def _(m, s):
    m.moov_extra = tunes(ilst(b"\xa9nam", b"x") + box(b"free", s.raw))


def keys(name, value):
    key = full(b"keys", 0, 0, struct.pack(">II", 1, 8 + len(name)), b"mdta", name)
    return hdlr(b"mdta") + key + ilst(b"\0\0\0\1", value)


for _name, _key in (
    ("location", b"com.apple.quicktime.location.ISO6709"),
    ("content-id", b"com.apple.quicktime.content.identifier"),
    ("model", b"com.apple.quicktime.model"), ("android", b"com.android.version"),
    ("date", b"com.apple.quicktime.creationdate"),
):
    at(f"keys-{_name}", "QuickTime metadata, mdta keys", qt)(
        lambda m, s, k=_key: setattr(m, "moov_extra", box(b"meta", keys(k, s.raw))))
at("keys-name", "QuickTime metadata, mdta keys")(
    lambda m, s: setattr(m, "moov_extra", full(b"meta", 0, 0, keys(s.raw, b"x"))))
at("keys-in-track", "QuickTime metadata, mdta keys", qt)(
    lambda m, s: setattr(first(m), "trak_extra", box(b"meta", keys(b"drawn", s.raw))))
at("keys-top-level", "14496-12 8.11.1", opens=True)(
    lambda m, s: setattr(m, "top_late", full(b"meta", 0, 0, keys(b"drawn", s.raw))))
at("keys-top-level-fragmented", "14496-12 8.11.1", fragmented)(
    lambda m, s: setattr(m, "top_late", full(b"meta", 0, 0, keys(b"drawn", s.raw))))

# --- boxes that nobody knows, at every level --------------------------------------------------

STRANGE = [
    ("unknown", lambda v: box(b"drwn", v)), ("free", lambda v: box(b"free", v)),
    ("uuid", lambda v: uuid(b"drawn-by-test", v)),
]
MORE = [
    ("skip", lambda v: box(b"skip", v)), ("wide", lambda v: box(b"wide", v)),
    ("big", lambda v: big(b"drwn", v)),
    ("xmp-uuid", lambda v: uuid(XMP_UUID, b"<x:xmpmeta>" + v)),
    ("c2pa", lambda v: uuid(C2PA_UUID, bytes(4) + v)),
    ("exif-uuid", lambda v: uuid(b"JpgTiffExif->JP2", exif.simple(v))),
    ("junk", lambda v: box(b"junk", v)), ("pnot", lambda v: box(b"pnot", v)),
    ("pict", lambda v: box(b"PICT", v)),
    ("pdin", lambda v: full(b"pdin", 0, 0, v)), ("udta", lambda v: box(b"udta", box(b"name", v))),
    ("gopro-sos", lambda v: box(b"GPRO", v)), ("old-moov", lambda v: box(b"free", box(b"moov", v))),
    ("producer-time", lambda v: full(b"prft", 0, 0, v)),
    ("event", lambda v: full(b"emsg", 0, 0, v + bytes(20))),
    ("jpeg-box", lambda v: box(b"thum", tiny(v))),
]
for _name, _wrap in STRANGE + MORE:
    at(f"top-{_name}", "14496-12 4.2, 8.1")(lambda m, s, w=_wrap: setattr(m, "top_late", w(s.raw)))
for _name, _wrap in STRANGE + MORE[:5]:
    at(f"top-early-{_name}", "14496-12 4.2, 8.1")(lambda m, s,
        w=_wrap: setattr(m, "top_early", w(s.raw)))
    at(f"in-moov-{_name}", "14496-12 8.2.1")(lambda m, s,
        w=_wrap: setattr(m, "moov_extra", w(s.raw)))
for _level in ("trak", "mdia", "minf", "stbl", "edts", "entry"):
    for _name, _wrap in STRANGE:
        for _track in (0, 1):
            if _track and _name != "unknown":
                continue
            at(f"in-{_level}-{_name}" + ("-sound" if _track else ""), "14496-12 8")(
                lambda m, s, w=_wrap, e=_level,
                n=_track: setattr(m.tracks[n], f"{e}_extra", w(s.raw)))
for _level in ("moof", "traf", "mvex", "between"):
    _attr = "between" if _level == "between" else f"{_level}_extra"
    for _name, _wrap in STRANGE:
        at(f"fragment-{_level}-{_name}", "14496-12 8.8", fragmented)(
            lambda m, s, w=_wrap, a=_attr: setattr(m, a, w(s.raw)))
for _name, _wrap in (
    ("event", lambda v: full(b"emsg", 0, 0, v + b"\0\0" + bytes(16))),
    ("producer-time", lambda v: full(b"prft", 0, 0, v)),
    ("segment-type", lambda v: box(b"styp", b"msdh\0\0\0\0", v)),
    ("old-index", lambda v: box(b"mfra", box(b"drwn", v))),
    ("smooth-time", lambda v: uuid(bytes.fromhex("6d1d9b0542d544e680e2141daff757b2"), v)),
):
    at(f"fragment-{_name}", "14496-12 8.8, 8.16; 23009-1 5.10", fragmented)(
        lambda m, s, w=_wrap: setattr(m, "between", w(s.raw)))
    at(f"fragment-{_name}-last", "14496-12 8.8, 8.16", fragmented)(
        lambda m, s, w=_wrap: setattr(m, "top_late", w(s.raw)))

# --- fields of boxes that stay ----------------------------------------------------------------

for _n, _start in (("", plain), ("-first", lambda: plain("moov-first")),
    ("-fragmented", fragmented)):
    for _v, _size in (("", 8), ("-64bit", 16)):
        at(f"movie-times{_v}{_n}", "14496-12 8.2.2", _start)(
            lambda m, s, z=_size: setattr(m, "times", s.binary(z, 1, 127)))
        at(f"track-times{_v}{_n}", "14496-12 8.3.2", _start)(
            lambda m, s, z=_size: setattr(first(m), "times", s.binary(z, 1, 127)))
        at(f"media-times{_v}{_n}", "14496-12 8.4.2", _start)(
            lambda m, s, z=_size: setattr(m.tracks[1], "media_times", s.binary(z, 1, 127)))
SLACK = {"inspect": False}  # Reserved bytes of boxes that stay: they go, inspect need not say so.
at("movie-reserved", "14496-12 8.2.2", **SLACK)(
    lambda m, s: setattr(m, "mvhd_reserved", s.binary(10)))
at("movie-predefined", "14496-12 8.2.2; QuickTime preview and selection times",
   **SLACK)(
    lambda m, s: setattr(m, "mvhd_predefined", s.binary(24, 1, 120)))
at("track-reserved", "14496-12 8.3.2", **SLACK)(
    lambda m, s: setattr(first(m), "tkhd_reserved", s.binary(8)))
at("track-id", "14496-12 8.3.2", expect="clean-or-refused", inspect=False)(
    lambda m, s: setattr(first(m), "ident", int.from_bytes(s.binary(4, 1, 127), "big")))
for _n in (0, 1):
    _who = ("picture", "sound")[_n]
    at(f"handler-name-{_who}", "14496-12 8.4.3")(
        lambda m, s, n=_n: setattr(m.tracks[n], "name", s.raw + b"\0"))
    at(f"handler-name-pascal-{_who}", "QuickTime handler reference", qt)(
        lambda m, s, n=_n: setattr(m.tracks[n], "name", bytes([24]) + s.raw))
    at(f"handler-reserved-{_who}", "14496-12 8.4.3; QuickTime maker and flags", **SLACK)(
        lambda m, s, n=_n: setattr(m.tracks[n], "hdlr_reserved", s.binary(12)))
    at(f"data-reference-{_who}", "14496-12 8.7.2", expect="clean-or-refused")(
        lambda m, s, n=_n: setattr(m.tracks[n], "dref", full(b"url ", 0, 1, s.raw + b"\0")))
    at(f"data-handler-{_who}", "QuickTime data handler", qt)(
        lambda m, s, n=_n: setattr(m.tracks[n], "minf_extra", full(
            b"hdlr", 0, 0, b"dhlrurl ", bytes(12), bytes([24]) + s.raw)))
at("data-reference-alias", "QuickTime alias data reference", qt, expect="clean-or-refused")(
    lambda m, s: setattr(first(m), "dref", full(b"alis", 0, 1, s.raw)))
at("brands", "14496-12 4.3")(lambda m, s: setattr(m, "brands", m.brands + [s.raw]))
at("minor-version", "14496-12 4.3", **SLACK)(
    lambda m, s: setattr(m, "minor", s.binary(4)))


def picture_entry(name, spec, start=plain, **how):
    """Builds the picture track anew with one field of its sample entry set."""
    def register(field):
        def change(m, s):
            new = video(**field(s))
            m.tracks[0].entry = new.entry
        at(name, spec, start, **how)(change)
    return register


picture_entry("compressor-name", "14496-12 12.1.3")(
    lambda s: {"compressor": (bytes([24]) + s.raw).ljust(32, b"\0")})
picture_entry("compressor-slack", "14496-12 12.1.3")(
    lambda s: {"compressor": b"\1x".ljust(8, b"\0") + s.raw})
picture_entry("entry-vendor", "14496-12 12.1.3; QuickTime vendor and quality",
    qt)(lambda s: {"vendor": s.binary(16, 1, 99)})
picture_entry("entry-reserved", "14496-12 8.5.2", **SLACK)(
    lambda s: {"reserved": s.binary(6)})
at("sound-entry-reserved", "14496-12 8.5.2", **SLACK)(
    lambda m, s: setattr(m.tracks[1], "entry", audio(reserved=s.binary(6)).entry))
at("sound-entry-vendor", "14496-12 12.2.3; QuickTime vendor", qt, expect="clean-or-refused")(
    lambda m, s: setattr(m.tracks[1], "entry", audio(vendor=b"\0\0\0\0" + s.binary(4)).entry))
for _name, _how, _make in icc.PLACES:
    at(f"icc-{_name}", "14496-12 12.1.5; ICC.1:2022", how=_how)(
        lambda m, s, k=_make: setattr(first(m), "entry_extra", box(b"colr", b"prof", k(s))))

ENTRY = [
    ("pasp-over-long", lambda v: box(b"pasp", struct.pack(">II", 1, 1) + v)),
    ("colr-over-long", lambda v: box(b"colr", b"nclx" + struct.pack(">HHHB", 1, 1, 1, 0) + v)),
    ("btrt-over-long", lambda v: box(b"btrt", bytes(12) + v)),
    ("quicktime-gamma", lambda v: box(b"gama", b"\0\2\x33\x33" + v)),
    ("spherical", lambda v: box(b"sv3d", full(b"svhd", 0, 0, v + b"\0"))),
    ("apple-clean", lambda v: box(b"chrm", v)),
]
for _name, _wrap in ENTRY:
    at(f"entry-{_name}", "14496-12 12.1; QuickTime extensions", expect="clean-or-refused",
       inspect="over-long" not in _name)(
        lambda m, s, w=_wrap: setattr(first(m), "entry_extra", w(s.raw)))
TABLES = [
    ("group-description", lambda v: full(b"sgpd", 1, 0, b"drwn", struct.pack(">II", 24, 1), v)),
    ("group-roll", lambda v: full(b"sgpd", 1, 0, b"roll", struct.pack(">II", 26, 1),
        b"\xff\xff" + v)),
    ("sample-to-group", lambda v: full(b"sbgp", 0, 0, b"drwn", struct.pack(">I", 3), v)),
    ("aux-sizes", lambda v: full(b"saiz", 0, 0, b"\0", struct.pack(">I", 24), v)),
    ("sub-samples", lambda v: full(b"subs", 0, 0, struct.pack(">I", 0), v)),
    ("degradation", lambda v: full(b"stdp", 0, 0, v)),
    ("padding-bits", lambda v: full(b"padb", 0, 0, struct.pack(">I", 48), v)),
    ("shadow-sync", lambda v: full(b"stsh", 0, 0, struct.pack(">I", 3), v)),
    ("dependencies", lambda v: full(b"sdtp", 0, 0, v)),
    ("composition-range", lambda v: full(b"cslg", 0, 0, v[:20] + v[20:])),
    ("partial-sync", lambda v: full(b"stps", 0, 0, struct.pack(">I", 6), v)),
]
for _name, _wrap in TABLES:
    at(f"table-{_name}", "14496-12 8.6, 8.7, 8.9")(lambda m, s,
        w=_wrap: setattr(first(m), "stbl_extra", w(s.raw)))
    if _name in ("group-description", "aux-sizes", "sub-samples"):
        at(f"fragment-table-{_name}", "14496-12 8.8.14, 8.9", fragmented)(
            lambda m, s, w=_wrap: setattr(m, "traf_extra", w(s.raw)))

# --- bytes of mdat that no sample covers, and after the last box ------------------------------

for _n, _start in (("", plain), ("-first", lambda: plain("moov-first")),
    ("-co64", lambda: plain("co64"))):
    for _where in ("head", "gap", "tail"):
        at(f"mdat-{_where}{_n}", "14496-12 8.1.1: bytes that no sample covers", _start)(
            lambda m, s, w=_where: setattr(m, f"mdat_{w}", s.raw))
    at(f"second-mdat{_n}", "14496-12 8.1.1", _start)(
    lambda m, s: setattr(m, "top_late", box(b"mdat", s.raw)))
for _where in ("head", "tail"):
    at(f"fragment-mdat-{_where}", "14496-12 8.8", fragmented)(
        lambda m, s, w=_where: setattr(m, f"mdat_{w}", s.raw))
at("trailer-bytes", "14496-12 4.2: bytes too few or too odd for a box", expect="clean-or-refused")(
    lambda m, s: setattr(m, "trailer", s.raw))
at("trailer-short", "14496-12 4.2", expect="clean-or-refused")(
    lambda m, s: setattr(m, "trailer", b"\0\0\0" + s.fit(4)))
at("trailer-zero-sized", "14496-12 4.2: a last box that runs to the end")(
    lambda m, s: setattr(m, "trailer", struct.pack(">I", 0) + b"free" + s.raw))
at("trailer-zeros", "14496-12 4.2", expect="clean-or-refused")(
    lambda m, s: setattr(m, "trailer", bytes(64) + s.raw))
at("wide-before-mdat", "QuickTime wide", qt)(lambda m, s: setattr(m, "wide", box(b"wide", s.raw)))

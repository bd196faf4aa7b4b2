# SPDX-License-Identifier: GPL-3.0-or-later
"""Matroska and WebM (RFC 9559, RFC 8794): where a secret can stand."""

import zlib

import draw
import nal
from ebml import (ATTACHMENTS, CHAPTERS, CRC32, INFO, SEEKHEAD, TAGS, TRACKS, VOID, Mkv, Track,
    audio, double,
                  el, text, uint, video)
from place import base, place
from plant_jpeg import tiny
from plant_mp4_tracks import avcc_unit, slack_in_pps


def h264():
    return Mkv(video("h264"), audio("opus"))


def webm():
    return Mkv(video("vp9"), audio("opus"), doctype=b"webm")


def hevc():
    return Mkv(video("hevc"), audio("aac"))


def unknown(start=webm):
    m = start()
    m.unknown, m.cues = True, False
    return m


def grouped(start=h264):
    m = start()
    m.groups = True
    return m


def laced(kind):
    m = h264()
    m.tracks[1].lacing = kind
    return m


for _name, _ext, _make in (
    ("h264", "mkv", h264), ("hevc", "mkv", hevc), ("vp9", "webm", webm),
    ("vp8", "webm", lambda: Mkv(video("vp8"), doctype=b"webm")), ("unknown-sizes", "webm", unknown),
    ("groups", "mkv", grouped), ("lacing-xiph", "mkv", lambda: laced(1)),
    ("lacing-ebml", "mkv", lambda: laced(3)),
    ("sound-only", "mka", lambda: Mkv(audio("opus"))),
):
    base("mkv", _name, ext=_ext, spec="RFC 9559")(lambda s, m=_make: m().bytes())


@base("mkv", "crc", spec="RFC 8794 11.3.1")
def _(s):
    m = h264()
    m.crc = True
    return m.bytes()


base("mkv", "by-mkvmerge", spec="RFC 9559; another writer")(lambda s: draw.run(
    ["mkvmerge", "-q", "--deterministic", "1", "-o", "o.mkv", "i.mkv"], {"i.mkv": h264().bytes()},
    "o.mkv"))


def at(name, spec, start=h264, **how):
    def register(change):
        def make(s):
            m = start()
            got = change(m, s)
            return got if isinstance(got, bytes) else m.bytes()
        if start in (webm, unknown):
            how["ext"] = "webm"
        place("mkv", name, spec, **how)(make)
        return change

    return register


def field(name, attr, wrap, spec, start=h264, **how):
    at(name, spec, start, **how)(lambda m, s: setattr(m, attr, wrap(s.raw)))


# --- the segment's own words ------------------------------------------------------------------

for _name, _ident in (("title", 0x7BA9), ("file-name", 0x7384), ("previous-name", 0x3C83AB),
    ("next-name", 0x3E83BB),
                      ("unknown", 0x4FAB), ("void", VOID)):
    field(f"info-{_name}", "info_extra", lambda v, i=_ident: el(i, v), "RFC 9559 5.1.2")
for _name, _ident in (("uid", 0x73A4), ("previous-uid", 0x3CB923), ("next-uid", 0x3EB923),
    ("family", 0x4444)):
    at(f"info-{_name}", "RFC 9559 5.1.2")(lambda m, s,
        i=_ident: setattr(m, "info_extra", el(i, s.binary(16))))
at("info-date", "RFC 9559 5.1.2.12")(
    lambda m, s: setattr(m, "info_extra", el(0x4461, s.binary(8, 1, 127))))
at("info-date-webm", "RFC 9559 5.1.2.12", webm)(
    lambda m, s: setattr(m, "info_extra", el(0x4461, s.binary(8, 1, 127))))
at("info-chapter-translate", "RFC 9559 5.1.2.8")(lambda m, s: setattr(
    m, "info_extra", el(0x6924, uint(0x69BF, 0), el(0x69A5, s.raw))))
for _name, _attr in (("muxing-app", "muxing"), ("writing-app", "writing")):
    field(f"info-{_name}", _attr, bytes, "RFC 9559 5.1.2.13, 5.1.2.14")
    field(f"info-{_name}-webm", _attr, bytes, "RFC 9559 5.1.2.13, 5.1.2.14", webm)
at("string-after-nul", "RFC 8794 13: bytes after a string's terminator")(
    lambda m, s: setattr(m, "writing", b"x\0" + s.raw))
field("header-void", "head_extra", lambda v: el(VOID, v), "RFC 8794 11.2")
field("header-unknown", "head_extra", lambda v: el(0x4FAB, v), "RFC 8794 11.2")
field("header-extension", "head_extra", lambda v: el(0x4281, el(0x4283, v), uint(0x4284, 1)),
    "RFC 8794 11.2.9",
      expect="clean-or-refused")

# --- tracks -----------------------------------------------------------------------------------

for _n, _who in ((0, "picture"), (1, "sound")):
    for _name, _make in (
        ("name", lambda v: el(0x536E, v)), ("codec-name", lambda v: el(0x258688, v)),
        ("codec-settings", lambda v: el(0x3A9697, v)),
        ("codec-info-url", lambda v: el(0x3B4040, v)),
        ("codec-download-url", lambda v: el(0x26B240, v)), ("unknown", lambda v: el(0x4FAB, v)),
        ("void", lambda v: el(VOID, v)), ("translate",
            lambda v: el(0x6624, uint(0x66BF, 0), el(0x66A5, v))),
        ("block-mapping", lambda v: el(0x41E4, el(0x41A4, v))),
        ("operation", lambda v: el(0xE2, el(0x4FAB, v))),
    ):
        at(f"track-{_name}-{_who}", "RFC 9559 5.1.4.1",
           expect="clean-or-refused" if _name == "operation" else "clean")(
            lambda m, s, n=_n, w=_make: setattr(m.tracks[n], "extra", m.tracks[n].extra + w(s.raw)))
    at(f"track-uid-{_who}", "RFC 9559 5.1.4.1.2")(
        lambda m, s, n=_n: setattr(m.tracks[n], "uid", s.number(8)))
    at(f"track-language-{_who}", "RFC 9559 5.1.4.1.19", expect="clean-or-refused", inspect=False)(
        lambda m, s, n=_n: setattr(m.tracks[n], "extra", m.tracks[n].extra + el(0x22B59C, s.raw)))
    at(f"track-language-bcp47-{_who}", "RFC 9559 5.1.4.1.20", expect="clean-or-refused",
        inspect=False)(
        lambda m, s, n=_n: setattr(m.tracks[n], "extra",
            m.tracks[n].extra + el(0x22B59D, b"en-x-" + s.raw)))
    at(f"track-attachment-link-{_who}", "RFC 9559 5.1.4.1.22")(
        lambda m, s, n=_n: setattr(m.tracks[n], "extra",
            m.tracks[n].extra + el(0x7446, s.binary(8))))
field("tracks-void", "tracks_extra", lambda v: el(VOID, v), "RFC 9559 5.1.4")
field("tracks-unknown", "tracks_extra", lambda v: el(0x4FAB, v), "RFC 9559 5.1.4")
for _name, _wrap in (
    ("unknown", lambda v: el(0x4FAB, v)), ("void", lambda v: el(VOID, v)),
    ("projection-private", lambda v: el(0x7670, uint(0x7671, 0), el(0x7672, v))),
    ("colour-space", lambda v: el(0x2EB524, v)),
    ("colour-unknown", lambda v: el(0x55B0, uint(0x55B1, 1), el(0x4FAB, v))),
):
    at(f"video-{_name}", "RFC 9559 5.1.4.1.28", expect="clean-or-refused")(
        lambda m, s, w=_wrap: setattr(m.tracks[0], "media",
            el(0xE0, uint(0xB0, 64), uint(0xBA, 48), w(s.raw))))
at("audio-unknown", "RFC 9559 5.1.4.1.29")(lambda m, s: setattr(
    m.tracks[1], "media", el(0xE1, double(0xB5, 48000.0), uint(0x9F, 1), el(0x4FAB, s.raw))))
at("encryption-key-id", "RFC 9559 5.1.4.1.31.9", expect="clean-or-refused", opens=False)(
    lambda m, s: setattr(m.tracks[0], "encoding",
        el(0x6D80, el(0x6240, uint(0x5033, 1), el(0x5035, el(0x47E2, s.raw))))))
at("private-opus-tail", "RFC 7845 5.1: bytes after OpusHead", expect="clean-or-refused")(
    lambda m, s: setattr(m.tracks[1], "private", m.tracks[1].private + s.raw))
at("private-avcc-sei", "14496-15 5.3.3.1")(lambda m, s: setattr(m.tracks[0], "private", avcc_unit(
    m.tracks[0].private, nal.sei(nal.H264, 5, nal.DRAWN_UUID + s.raw))))
at("private-avcc-tail", "14496-15 5.3.3.1")(
    lambda m, s: setattr(m.tracks[0], "private", m.tracks[0].private + s.raw))
at("private-avcc-slack", "H.264 7.3.2.2", expect="clean-or-refused")(
    lambda m, s: setattr(m.tracks[0], "private", slack_in_pps(m.tracks[0].private, s.raw)))
at("private-hvcc-sei", "14496-15 8.3.3.1", hevc)(
    lambda m, s: setattr(m.tracks[0], "private", nal.hvcc_with(
    m.tracks[0].private, nal.sei(nal.HEVC, 5, nal.DRAWN_UUID + s.raw))))
at("private-hvcc-tail", "14496-15 8.3.3.1", hevc)(
    lambda m, s: setattr(m.tracks[0], "private", m.tracks[0].private + s.raw))
at("private-aac-tail", "14496-3 1.6.2", hevc, expect="clean-or-refused")(
    lambda m, s: setattr(m.tracks[1], "private", m.tracks[1].private + s.raw))
at("private-vp9-unknown", "WebM VP9 CodecPrivate", webm, expect="clean-or-refused")(
    lambda m, s: setattr(m.tracks[0], "private", b"\1\1\0" + bytes([0x42, 24]) + s.raw))

# --- tracks that are no picture and no sound, or that nobody sees -----------------------------

at("subtitle-text", "RFC 9559 5.1.4.1.3")(lambda m, s: m.add(text([s.raw])))
at("subtitle-ass-header", "RFC 9559 5.1.4.1.23; codec mapping")(
    lambda m, s: setattr(m.add(text([b"0,0,Default,,0,0,0,,x"], b"S_TEXT/ASS")), "private",
        b"[Script Info]\n;" + s.raw))
at("subtitle-webvtt", "RFC 9559; WebVTT", webm)(
    lambda m, s: m.add(text([b"\n\n" + s.raw], b"D_WEBVTT/SUBTITLES")))
at("buttons", "RFC 9559 5.1.4.1.3 type 18")(
    lambda m, s: m.add(Track(18, b"B_VOBBTN", b"", [(0, s.raw, True)])))
at("control", "RFC 9559 5.1.4.1.3 type 32")(
    lambda m, s: m.add(Track(32, b"X_DRAWN", b"", [(0, s.raw, True)])))
at("metadata-track", "RFC 9559 5.1.4.1.3 type 33")(
    lambda m, s: m.add(Track(33, b"D_DRAWN", b"", [(0, s.raw, True)])))
at("subtitle-groups", "RFC 9559 5.1.3.5", grouped)(lambda m, s: m.add(text([s.raw])))
at("subtitle-unknown-sizes", "RFC 9559 5.1.3.5", unknown)(
    lambda m, s: m.add(text([b"\n\n" + s.raw], b"D_WEBVTT/SUBTITLES")))


def hidden(m, s, track, extra):
    new = m.add(track)
    new.extra += extra
    s.use(new.frames[3][1][-24:])


at("disabled-picture", "RFC 9559 5.1.4.1.4 FlagEnabled")(
    lambda m, s: hidden(m, s, video("h264", 6), uint(0xB9, 0)))
at("disabled-sound", "RFC 9559 5.1.4.1.4 FlagEnabled", webm)(
    lambda m, s: hidden(m, s, audio("aac", 3), uint(0xB9, 0)))
at("not-default-sound", "RFC 9559 5.1.4.1.5 FlagDefault: a second language",
    expect="clean-or-refused")(
    lambda m, s: hidden(m, s, audio("aac", 3), uint(0x88, 0)))
at("commentary-sound", "RFC 9559 5.1.4.1.11 FlagCommentary", expect="clean-or-refused")(
    lambda m, s: hidden(m, s, audio("aac", 3), uint(0x88, 0) + uint(0x55AF, 1)))

# --- tags, chapters, attachments --------------------------------------------------------------


def tag(name, value, targets=b""):
    return el(TAGS, el(0x7373, el(0x63C0, targets), el(0x67C8, el(0x45A3, name), value)))


for _where, _attr in (("", "early"), ("-late", "late")):
    field(f"tag-string{_where}", _attr, lambda v: tag(b"ARTIST", el(0x4487, v)), "RFC 9559 5.1.8")
    field(f"attachment{_where}", _attr, lambda v: el(ATTACHMENTS, el(
        0x61A7, el(0x466E, b"a.jpg"), el(0x4660, b"image/jpeg"), el(0x465C, tiny(v)),
        uint(0x46AE, 9))), "RFC 9559 5.1.6")
    field(f"chapter{_where}", _attr, lambda v: el(CHAPTERS,
        el(0x45B9, el(0xB6, uint(0x73C4, 1), uint(0x91, 0), el(
        0x80, el(0x85, v), el(0x437C, b"eng"))))), "RFC 9559 5.1.7")
field("tag-name", "late", lambda v: tag(v, el(0x4487, b"x")), "RFC 9559 5.1.8")
field("tag-binary", "late", lambda v: tag(b"X", el(0x4485, v)), "RFC 9559 5.1.8")
field("tag-target-name", "late", lambda v: tag(b"X", el(0x4487, b"x"), el(0x63CA, v)),
    "RFC 9559 5.1.8")
field("tag-webm", "late", lambda v: tag(b"ENCODER", el(0x4487, v)), "RFC 9559 5.1.8", webm)
field("attachment-name", "late", lambda v: el(ATTACHMENTS, el(
    0x61A7, el(0x466E, v), el(0x4660, b"x/y"), el(0x465C, b"x"), uint(0x46AE, 9))),
        "RFC 9559 5.1.6")
field("attachment-description", "late", lambda v: el(ATTACHMENTS, el(
    0x61A7, el(0x467E, v), el(0x466E, b"x"), el(0x4660, b"x/y"), el(0x465C, b"x"),
    uint(0x46AE, 9))), "RFC 9559 5.1.6")
at("chapter-uid", "RFC 9559 5.1.7")(lambda m, s: setattr(m, "late", el(
    CHAPTERS, el(0x45B9, el(0xB6, el(0x73C4, s.binary(8)), uint(0x91, 0))))))

# A browser shows WebM alone: the usual places once more in what is published (its readers take more than WebM's own list).
for _where, _attr in (("", "early"), ("-late", "late")):
    field(f"tag-string{_where}-webm", _attr, lambda v: tag(b"ARTIST", el(0x4487, v)),
        "RFC 9559 5.1.8", webm)
    field(f"attachment{_where}-webm", _attr, lambda v: el(ATTACHMENTS, el(
        0x61A7, el(0x466E, b"a.jpg"), el(0x4660, b"image/jpeg"), el(0x465C, tiny(v)),
        uint(0x46AE, 9))), "RFC 9559 5.1.6", webm)
    field(f"chapter{_where}-webm", _attr, lambda v: el(CHAPTERS,
        el(0x45B9, el(0xB6, uint(0x73C4, 1), uint(0x91, 0), el(
        0x80, el(0x85, v), el(0x437C, b"eng"))))), "RFC 9559 5.1.7", webm)
field("tag-name-webm", "late", lambda v: tag(v, el(0x4487, b"x")), "RFC 9559 5.1.8", webm)
field("tag-binary-webm", "late", lambda v: tag(b"X", el(0x4485, v)), "RFC 9559 5.1.8", webm)
field("attachment-name-webm", "late", lambda v: el(ATTACHMENTS, el(
    0x61A7, el(0x466E, v), el(0x4660, b"x/y"), el(0x465C, b"x"), uint(0x46AE, 9))),
        "RFC 9559 5.1.6", webm)
field("info-title-webm", "info_extra", lambda v: el(0x7BA9, v), "RFC 9559 5.1.2", webm)
for _n, _who in ((0, "picture"), (1, "sound")):
    at(f"track-name-{_who}-webm", "RFC 9559 5.1.4.1", webm)(
        lambda m, s, n=_n: setattr(m.tracks[n], "extra", m.tracks[n].extra + el(0x536E, s.raw)))
field("cues-void-webm", "cue_extra", lambda v: el(VOID, v), "RFC 9559 5.1.5", webm)
field("trailer-bytes-webm", "trailer", bytes, "RFC 8794 11", webm, expect="clean-or-refused")
field("trailer-tags-webm", "trailer", lambda v: tag(b"X", el(0x4487, v)), "RFC 8794 11", webm,
    expect="clean-or-refused")

# --- padding, unknown elements, bytes between -------------------------------------------------

for _name, _wrap in (
    ("void", lambda v: el(VOID, v)), ("unknown", lambda v: el(0x4FAB, v)),
    ("unknown-long", lambda v: el(0x1A2B3C4D, v)),
    ("second-seek-head", lambda v: el(SEEKHEAD,
        el(0x4DBB, el(0x53AB, b"\x12\x54\xc3\x67"), el(VOID, v)))),
):
    field(f"segment-{_name}", "early", _wrap, "RFC 9559 5.1; RFC 8794 11.3")
    field(f"segment-{_name}-last", "late", _wrap, "RFC 9559 5.1")
    if _name in ("void", "unknown"):
        field(f"segment-{_name}-webm", "early", _wrap, "RFC 9559 5.1", webm)
        field(f"between-clusters-{_name}", "between", _wrap, "RFC 9559 5.1.3")
        field(f"cluster-{_name}", "cluster_head", _wrap, "RFC 9559 5.1.3")
        field(f"cluster-{_name}-last", "cluster_tail", _wrap, "RFC 9559 5.1.3")
        field(f"cluster-{_name}-unknown-size", "cluster_head", _wrap, "RFC 9559 5.1.3", unknown)
        field(f"cues-{_name}", "cue_extra", _wrap, "RFC 9559 5.1.5")
        field(f"cue-point-{_name}", "cue_point_extra", _wrap, "RFC 9559 5.1.5")
        field(f"group-{_name}", "group_extra", _wrap, "RFC 9559 5.1.3.5", grouped)
at("cluster-silent-tracks", "RFC 9559 A.1")(
    lambda m, s: setattr(m, "cluster_head", el(0x5854, el(0x58D7, s.binary(8)))))
field("cluster-encrypted-block", "cluster_tail", lambda v: el(0xAF, v), "RFC 9559 A.3",
      expect="clean-or-refused")
field("second-info", "late", lambda v: el(INFO, uint(0x2AD7B1, 1000000), el(0x7BA9, v),
    el(0x4D80, b"x"), el(0x5741, b"x")),
      "RFC 9559 5.1.2", expect="clean-or-refused")
field("second-tracks", "late", lambda v: el(TRACKS, el(VOID, v)), "RFC 9559 5.1.4",
    expect="clean-or-refused")
at("crc-value", "RFC 8794 11.3.1", expect="clean-or-refused")(
    lambda m, s: setattr(m, "cluster_head", b"") or setattr(m, "early",
        el(TAGS, el(CRC32, s.binary(4)), el(VOID, b"x"))))
for _name, _wrap in (
    ("block-additions", lambda v: el(0x75A1, el(0xA6, uint(0xEE, 1), el(0xA5, v)))),
    ("block-additions-t35", lambda v: el(0x75A1,
        el(0xA6, uint(0xEE, 4), el(0xA5, b"\xb5\0\x3c" + v)))),
    ("block-virtual", lambda v: el(0xA2, v)), ("codec-state", lambda v: el(0xA4, v)),
    ("reference-frame", lambda v: el(0xC8, el(0xC9, v))),
    ("slices", lambda v: el(0x8E, el(0xE8, el(0xCD, v)))),
):
    field(f"group-{_name}", "group_extra", _wrap, "RFC 9559 5.1.3.5", grouped,
          expect="clean-or-refused" if _name == "codec-state" else "clean")
at("block-unknown-track", "RFC 9559 10.2: a block of a track that is not there")(
    lambda m, s: setattr(m, "cluster_tail", el(0xA3, b"\x87\0\0\x80" + s.raw)))
field("trailer-bytes", "trailer", bytes, "RFC 8794 11", expect="clean-or-refused")
field("trailer-void", "trailer", lambda v: el(VOID, v), "RFC 8794 11")
field("trailer-tags", "trailer", lambda v: tag(b"X", el(0x4487, v)), "RFC 8794 11",
    expect="clean-or-refused")
field("trailer-second-file", "trailer", lambda v: Mkv(text([v])).bytes(),
    "RFC 8794 4.5: a second document",
      expect="clean-or-refused")
field("trailer-after-unknown-size", "trailer", bytes, "RFC 8794 6.2", unknown,
    expect="clean-or-refused")

# --- coded frames -----------------------------------------------------------------------------


def spoil(m, unit, index=0, last=False):
    time, data, key = m.tracks[0].frames[index]
    m.tracks[0].frames[index] = (time, data + unit if last else unit + data, key)


for _codec, _start in ((nal.H264, h264), (nal.HEVC, hevc)):
    for _name, _unit, _spec in nal.UNITS[_codec]:
        at(f"{_codec}-{_name}", _spec, _start)(lambda m, s, u=_unit, n=_name: spoil(
            m, nal.lengthed(u(s.raw)), 0, "suffix" in n or "sequence" in n))
at("h264-sei-in-groups", "H.264 D.1.7", grouped)(
    lambda m, s: spoil(m, nal.lengthed(nal.sei(nal.H264, 5, nal.DRAWN_UUID + s.raw)), 4))
at("h264-sei-in-last-frame", "H.264 D.1.7")(
    lambda m, s: spoil(m, nal.lengthed(nal.sei(nal.H264, 5, nal.DRAWN_UUID + s.raw)), 11))


@at("compressed-frames", "RFC 9559 5.1.4.1.31: zlib content encoding of a hidden track", how="zlib")
def _(m, s):
    new = m.add(text([zlib.compress(s.raw * 3)]))
    new.encoding = el(0x6D80, el(0x6240, el(0x5034, uint(0x4254, 0))))


@at("stripped-header", "RFC 9559 5.1.4.1.31.7: bytes that the reader puts before each frame",
    expect="clean-or-refused")
def _(m, s):
    new = m.add(text([b" x"]))
    new.encoding = el(0x6D80, el(0x6240, el(0x5034, uint(0x4254, 3), el(0x4255, s.raw))))


def sound(m, change):
    t = m.tracks[1]
    time, data, key = t.frames[7]
    t.frames[7] = (time, change(data), key)


@at("opus-padding", "RFC 6716 3.2.5: padding inside a code 3 packet", expect="named-limit",
    inspect=False)
def _(m, s):
    sound(m, lambda p: bytes([p[0] & 0xFC | 3, 0x41, len(s.raw)]) + p[1:] + s.raw)


at("vp9-frame-slack", "VP9 bitstream, 6.1: bytes after the last tile", webm, expect="named-limit",
    inspect=False)(
    lambda m, s: spoil(m, s.raw, 2, True))

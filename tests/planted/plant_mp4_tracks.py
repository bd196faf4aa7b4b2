# SPDX-License-Identifier: GPL-3.0-or-later
"""MP4 and MOV: secrets in samples, hidden tracks and outside the edit list; AVIF sequences."""

import struct

import nal
from boxes import box, child, full, parse
from heif import Heif, item
from movie import Movie, audio, timed, video
from place import base, place
from plant_mp4 import at, first, fragmented, plain, qt

# --- tracks that are no picture and no sound --------------------------------------------------


def gmhd():
    return box(b"gmhd", full(b"gmin", 0, 0, struct.pack(">HHHHHH", 64, 0x8000, 0x8000, 0x8000, 0,
        0)))


def gpmf(v):
    return b"DEVC\0\1\0\x28" + b"DVNMc\1\0\x18" + v


TIMED = [
    ("gopro", lambda v: timed(b"gpmd", b"meta", [gpmf(v), gpmf(v[::-1])]), "GPMF"),
    ("iphone-boxes", lambda v: timed(b"mebx", b"meta", [struct.pack(">II", 32, 1) + v], box(
        b"keys", box(b"\0\0\0\1", box(b"keyd", b"mdtadrawn")))), "QuickTime timed metadata"),
    ("camera-motion", lambda v: timed(b"camm", b"meta", [b"\0\0\5\0" + v]), "CAMM"),
    ("xml-metadata", lambda v: timed(b"metx", b"meta", [v], b"\0ns\0\0"), "14496-12 12.3"),
    ("mime-metadata", lambda v: timed(b"mett", b"meta", [v], b"\0text/plain\0"), "14496-12 12.3"),
    ("uri-metadata", lambda v: timed(b"urim", b"meta", [v], full(b"uri ", 0, 0, b"urn:drawn\0")),
        "14496-12 12.3"),
    ("timed-id3", lambda v: timed(b"ID32", b"meta", [v]), "14496-12 12.3"),
    ("text-3gpp", lambda v: timed(b"tx3g", b"sbtl", [b"\0\x18" + v], bytes(30)), "3GPP TS 26.245"),
    ("text-quicktime", lambda v: timed(b"text", b"text", [b"\0\x18" + v], bytes(43), gmhd()),
        "QuickTime text"),
    ("subtitle-vtt", lambda v: timed(b"wvtt", b"text", [box(b"vttc", box(b"payl", v))],
        box(b"vttC", b"WEBVTT")),
     "14496-30"),
    ("subtitle-xml", lambda v: timed(b"stpp", b"subt", [v], b"ns\0\0\0", full(b"sthd", 0, 0)),
        "14496-30"),
    ("captions", lambda v: timed(b"c608", b"clcp", [box(b"cdat", v)], b"", gmhd()),
        "QuickTime captions"),
    ("time-code", lambda v: timed(b"tmcd", b"tmcd", [v[:4]],
        bytes(4) + struct.pack(">IIIBB", 0, 600, 20, 30, 0)
                                  + box(b"name", struct.pack(">HH", 24, 0) + v), gmhd()),
                                      "QuickTime time code"),
    ("hint", lambda v: timed(b"rtp ", b"hint", [v], struct.pack(">HHI", 1, 1, 1400),
        full(b"hmhd", 0, 0, bytes(16))),
     "14496-12 9"),
    ("unknown-handler", lambda v: timed(b"drwn", b"drwn", [v]), "14496-12 8.4.3"),
]
for _name, _make, _spec in TIMED:
    at(f"timed-{_name}", _spec, qt)(lambda m, s, k=_make: m.add(k(s.raw)))
    if _name in ("gopro", "camera-motion", "text-3gpp", "mime-metadata"):
        at(f"timed-{_name}-moov-first", _spec, lambda: plain("moov-first"))(lambda m, s,
            k=_make: m.add(k(s.raw)))
        at(f"timed-{_name}-fragmented", _spec, fragmented)(lambda m, s, k=_make: m.add(k(s.raw)))
at("timed-entry-text", "14496-12 12.3: text in the entry of a metadata track")(
    lambda m, s: m.add(timed(b"mett", b"meta", [b"x"], b"\0text/" + s.raw + b"\0")))


@at("chapters", "14496-12 8.3.3; QuickTime chap", qt)
def _(m, s):
    m.add(timed(b"text", b"text", [b"\0\x18" + s.raw], bytes(43), gmhd()))
    first(m).refs = box(b"chap", struct.pack(">I", 3))


@at("chapter-pictures", "QuickTime chap with a video track", qt)
def _(m, s):
    new = m.add(video(phase=6))
    new.flags = 2
    first(m).refs = box(b"chap", struct.pack(">I", 3))
    s.use(new.samples[0].data[-40:-4])


def extra(m, s, track, **fields):
    """Adds a real track that nobody sees; a slice of its coded data is the secret."""
    new = m.add(track)
    for name, value in fields.items():
        setattr(new, name, value)
    # A later sample: the first ones of two sounds are nearly the same silence.
    s.use(new.samples[len(new.samples) // 2].data[-30:-2])


at("disabled-picture", "14496-12 8.3.2 track_enabled")(
    lambda m, s: extra(m, s, video(phase=6), flags=2))
at("disabled-sound", "14496-12 8.3.2 track_enabled")(lambda m, s: extra(m, s, audio(3), flags=2))
at("disabled-fragmented", "14496-12 8.3.2", fragmented)(lambda m, s: extra(m, s, audio(3), flags=2))
at("disabled-moov-first", "14496-12 8.3.2", lambda: plain("moov-first"))(
    lambda m, s: extra(m, s, video(phase=6), flags=2))


@at("alternate-sound", "14496-12 8.3.2 alternate_group")
def _(m, s):
    m.tracks[1].group = 7
    extra(m, s, audio(3), group=7)


@at("alternate-picture", "14496-12 8.3.2 alternate_group")
def _(m, s):
    m.tracks[0].group = 7
    extra(m, s, video(phase=6), group=7)


at("auxiliary-picture", "14496-12 8.4.3 auxv; depth")(
    lambda m, s: extra(m, s, video(phase=6), handler=b"auxv"))


@at("unused-sample-entry", "14496-12 8.5.2: an entry that no sample uses",
    expect="clean-or-refused")
def _(m, s):
    """A second entry stands in the table; the box is built by hand behind the first."""
    whole = m.bytes()
    entry = first(m).entry
    second = box(b"drwn", bytes(6) + b"\0\1" + s.raw)
    stsd = full(b"stsd", 0, 0, struct.pack(">I", 1), entry)
    assert stsd in whole
    new = full(b"stsd", 0, 0, struct.pack(">I", 2), entry, second)
    return resize(whole, stsd, new)


def resize(whole, old, new):
    """Swaps a box deep in moov (which comes last here) and lengthens its parents."""
    at_ = whole.index(old)
    grow, out, end = len(new) - len(old), bytearray(whole), len(whole)

    def lengthen(start, stop):
        pos = start
        while pos < stop:
            size, kind = struct.unpack_from(">I4s", out, pos)
            if pos < at_ < pos + size:
                struct.pack_into(">I", out, pos, size + grow)
                return lengthen(pos + 8, pos + size)
            pos += size

    lengthen(0, end)
    return bytes(out[:at_]) + new + bytes(out[at_ + len(old) :])


# --- samples outside the edit list ------------------------------------------------------------


def hide_head(m, s, index, shown_from):
    """The edit list starts at sample `shown_from`."""
    t = m.tracks[index]
    start = sum(x.duration for x in t.samples[:shown_from]) + t.samples[0].cts
    rest = (t.duration() - sum(x.duration for x in t.samples[
        :shown_from])) * m.MOVIE_SCALE // t.scale
    t.edits = [(rest, start)]
    s.use(t.samples[3 if t.handler == b"soun" else 0].data[-30:-2])


def hide_tail(m, s, index, shown):
    t = m.tracks[index]
    span = sum(x.duration for x in t.samples[:shown]) * m.MOVIE_SCALE // t.scale
    t.edits = [(span, t.samples[0].cts)]
    s.use(t.samples[-1].data[-20:-2])



for _n, _start in (("", plain), ("-first", lambda: plain("moov-first")),
    ("-hevc", lambda: plain(codec="hevc"))):
    at(f"edit-head-picture{_n}", "14496-12 8.6.6: pictures before the edit, at a key frame",
        _start)(
        lambda m, s: hide_head(m, s, 0, 8))
    at(f"edit-tail-picture{_n}", "14496-12 8.6.6: pictures after the edit", _start)(
        lambda m, s: hide_tail(m, s, 0, 4))
    at(f"edit-head-sound{_n}", "14496-12 8.6.6: sound before the edit", _start)(
        lambda m, s: hide_head(m, s, 1, 12))
    at(f"edit-tail-sound{_n}", "14496-12 8.6.6: sound after the edit", _start)(
        lambda m, s: hide_tail(m, s, 1, 4))


@at("edit-middle", "14496-12 8.6.6: pictures between two edits", expect="clean-or-refused")
def _(m, s):
    t = first(m)
    tick, scale = t.samples[0].duration, m.MOVIE_SCALE
    t.edits = [(4 * tick * scale // t.scale, t.samples[0].cts),
        (4 * tick * scale // t.scale, 8 * tick + t.samples[0].cts)]
    s.use(t.samples[5].data[-16:])


@at("edit-inside-group", "14496-12 8.6.6: the edit starts far from a key frame",
    lambda: Movie(video(gop=12), audio()), expect="clean-or-refused")
def _(m, s):
    hide_head(m, s, 0, 9)


@at("edit-empty-only", "14496-12 8.6.6: a track that only waits", expect="clean-or-refused")
def _(m, s):
    t = m.add(audio(3))
    t.edits = [(1000, -1)]
    s.use(t.samples[3].data[-30:-2])


@at("edit-list-reserved-tail", "14496-12 8.6.6", expect="clean-or-refused", inspect=False)
def _(m, s):
    whole = m.bytes()
    moov = child(whole, b"moov")
    elst = next(p for k, p in parse(child(child(moov, b"trak"), b"edts")) if k == b"elst")
    return resize(whole, box(b"elst", elst), box(b"elst", elst + s.raw))


# --- what coded samples and configuration records hide ----------------------------------------


def spoil(m, unit, index=0, last=False):
    sample = first(m).samples[index]
    sample.data = sample.data + unit if last else unit + sample.data


STARTS = [("", "moov-last"), ("-fragmented", "fragmented"), ("-first", "moov-first")]
for _codec in (nal.H264, nal.HEVC):
    for _name, _unit, _spec in nal.UNITS[_codec]:
        for _suffix, _layout in STARTS if _name in ("sei-unregistered", "sei-t35") else STARTS[:1]:
            for _index in (0, 5) if _name == "sei-unregistered" else (0,):
                at(f"{_codec}-{_name}{_suffix}" + (f"-sample{_index}" if _index else ""), _spec,
                   lambda c=_codec, y=_layout: plain(y, codec=c))(
                    lambda m, s, u=_unit, i=_index, n=_name: spoil(
                        m, nal.lengthed(u(s.raw)), i, last="suffix" in n or "sequence" in n))

    @at(f"{_codec}-sei-escaped", "escapes inside the payload", lambda c=_codec: plain(codec=c),
        how="nal")
    def _(m, s, c=_codec):
        value = s.use(b"".join(b"\0\0\1" + bytes([b]) for b in s.binary(12, 4)))
        spoil(m, nal.lengthed(nal.sei(c, 5, nal.DRAWN_UUID + value)))

    @at(f"{_codec}-slice-slack", "bytes after a slice's trailing bits",
        lambda c=_codec: plain(codec=c),
        expect="named-limit", inspect=False)
    def _(m, s):
        units = nal.split_lengthed(first(m).samples[0].data)
        units[-1] += s.raw
        first(m).samples[0].data = b"".join(nal.lengthed(u) for u in units)

    @at(f"{_codec}-sei-in-every-sample", "SEI user data in each access unit",
        lambda c=_codec: plain(codec=c))
    def _(m, s, c=_codec):
        for n in range(len(first(m).samples)):
            spoil(m, nal.lengthed(nal.sei(c, 5, nal.DRAWN_UUID + s.raw)), n)


def config_of(track, change):
    """Rebuilds the sample entry with its configuration record changed."""
    kind, body = track.entry[4:8], track.entry[8:]
    skip = 28 if kind == b"mp4a" else 78
    config = parse(body[skip:])[0]
    track.entry = box(kind, body[:skip], box(config[0], change(config[1])))


def avcc_unit(record, unit):
    """Appends a unit to the PPS array of an avcC record (14496-15 5.3.3.1)."""
    at_ = 6
    for _ in range(record[5] & 31):
        at_ += 2 + struct.unpack_from(">H", record, at_)[0]
    end = at_ + 1
    for _ in range(record[at_]):
        end += 2 + struct.unpack_from(">H", record, end)[0]
    return (record[:at_] + bytes([record[at_] + 1]) + record[at_ + 1 : end]
            + struct.pack(">H", len(unit)) + unit + record[end:])


at("avcc-sei", "14496-15 5.3.3.1")(lambda m, s: config_of(
    first(m), lambda r: avcc_unit(r, nal.sei(nal.H264, 5, nal.DRAWN_UUID + s.raw))))
at("avcc-over-long", "14496-15 5.3.3.1")(lambda m, s: config_of(first(m), lambda r: r + s.raw))
at("avcc-parameter-set-slack", "H.264 7.3.2.1: bytes after a PPS's trailing bits",
    expect="clean-or-refused")(
    lambda m, s: config_of(first(m), lambda r: slack_in_pps(r, s.raw)))


def slack_in_pps(record, value):
    at_ = 6
    for _ in range(record[5] & 31):
        at_ += 2 + struct.unpack_from(">H", record, at_)[0]
    size = struct.unpack_from(">H", record, at_ + 1)[0]
    body = record[at_ + 3 : at_ + 3 + size] + value
    return record[: at_ + 1] + struct.pack(">H", len(body)) + body + record[at_ + 3 + size :]


def hevc():
    return plain(codec="hevc")


at("hvcc-sei", "14496-15 8.3.3.1", hevc)(lambda m, s: config_of(
    first(m), lambda r: nal.hvcc_with(r, nal.sei(nal.HEVC, 5, nal.DRAWN_UUID + s.raw))))
at("hvcc-unspecified", "14496-15 8.3.3.1", hevc)(lambda m, s: config_of(
    first(m), lambda r: nal.hvcc_with(r, nal.plain(nal.HEVC, 62, s.raw), 62)))
at("hvcc-over-long", "14496-15 8.3.3.1", hevc)(
    lambda m, s: config_of(first(m), lambda r: r + s.raw))


def av1():
    return plain(codec="av1")


for _name, _unit, _spec in nal.OBUS:
    at(f"av1-{_name}", _spec, av1)(lambda m, s, u=_unit: spoil(m, u(s.raw)))
    at(f"av1-{_name}-last", _spec, av1)(lambda m, s, u=_unit: spoil(m, u(s.raw), 3, True))
    at(f"av1c-{_name}", "AV1 in ISOBMFF 2.3", av1)(
        lambda m, s, u=_unit: config_of(first(m), lambda r: r + u(s.raw)))


def descriptor(tag, body):
    return bytes([tag, len(body)]) + body


ESDS = [
    ("language", lambda v: descriptor(0x43, v)), ("content-id", lambda v: descriptor(0x07, v)),
    ("user-private", lambda v: descriptor(0xC3, v)),
    ("ip-management", lambda v: descriptor(0x09, v)),
    ("extension", lambda v: descriptor(0x64, v)),
]
for _name, _wrap in ESDS:
    def _esds(record, extra_):
        body = record[4:]
        size_at = 1
        while body[size_at] & 128:
            size_at += 1
        inner = body[size_at + 1 :]
        return record[:4] + descriptor(3, inner + extra_)
    at(f"esds-{_name}", "14496-1 7.2.6; 14496-14 5.6")(
        lambda m, s, w=_wrap, f=_esds: config_of(m.tracks[1], lambda r: f(r, w(s.raw))))
at("esds-over-long", "14496-14 5.6", expect="clean-or-refused", inspect=False)(
    lambda m, s: config_of(m.tracks[1], lambda r: r + s.raw))


def aac(m, change):
    for sample in m.tracks[1].samples[4:6]:
        sample.data = change(sample.data)


@at("aac-data-element", "14496-3 4.4.2.7: a data stream element before the sound",
    expect="named-limit",
    inspect=False)
def _(m, s):
    aac(m, lambda frame: b"\x80\x18" + s.raw + frame)


@at("aac-fill-element", "14496-3 4.4.2.7: a fill element before the sound", how="bits",
    expect="named-limit",
    inspect=False)
def _(m, s):
    def fill(frame):
        count = len(s.raw) + 1
        bits = "110" + "1111" + f"{count - 14:08b}" + "0000" + "0000" + "".join(
            f"{b:08b}" for b in s.raw)
        bits += "".join(f"{b:08b}" for b in frame)
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")

    aac(m, fill)


@at("aac-after-end", "14496-3 4.4.2.1: bytes after the END element", expect="named-limit",
    inspect=False)
def _(m, s):
    aac(m, lambda frame: frame + s.raw)


# --- image sequences --------------------------------------------------------------------------


class Sequence(Movie):
    """An AVIF sequence: a movie of picture tracks beside the item of its first frame."""

    def __init__(self):
        t = video("av1")
        t.handler = b"pict"
        super().__init__(t, layout="moov-first", major=b"avis",
            brands=(b"avif", b"avis", b"mif1", b"miaf", b"msf1"))
        self.still = Heif("av1")
        self.still.add(item("av1"))

    def bytes(self):
        """ftyp, meta, moov, mdat: the item's data opens the mdat that the samples follow in."""
        pictures = [i.data for i in self.still.items]
        self.mdat_head = b"".join(pictures) + self.mdat_head
        _, offsets = self.body()
        moov = self.moov([[0] * len(row) for row in offsets])
        at_ = len(self.ftyp()) + len(self.still.meta([0] * len(pictures))) + len(moov) + 8
        starts = [at_ + sum(map(len, pictures[:i])) for i in range(len(pictures))]
        self.top_early = self.still.meta(starts) + self.top_early
        return super().bytes()


base("avifs", "sequence", ext="avifs", spec="AVIF 1.1 4; 23008-12 7")(lambda s: Sequence().bytes())

for _name, _field, _wrap in (
    ("udta", "moov_extra", lambda v: box(b"udta", box(b"name", v))),
    ("unknown", "moov_extra", lambda v: box(b"drwn", v)),
    ("top-uuid", "top_late", lambda v: box(b"uuid", b"drawn-by-test-16", v)),
    ("top-unknown", "top_late", lambda v: box(b"drwn", v)),
    ("mdat-gap", "mdat_gap", bytes),
    ("mdat-tail", "mdat_tail", bytes),
):
    place("avifs", _name, "AVIF 1.1 4; 14496-12")(
        lambda s, f=_field, w=_wrap: change_sequence(lambda m: setattr(m, f, w(s.raw))))


def change_sequence(change):
    m = Sequence()
    change(m)
    return m.bytes()


def still(change):
    return change_sequence(lambda m: change(m.still))


for _name, _spec, _make in (
    ("handler-name", "14496-12 8.4.3", lambda s: change_sequence(
        lambda m: setattr(first(m), "name", s.raw + b"\0"))),
    ("times", "14496-12 8.2.2", lambda s: change_sequence(
        lambda m: setattr(m, "times", s.binary(8, 1, 127)))),
    ("trailer", "14496-12 4.2", lambda s: Sequence().bytes() + b"\0\0\0\4" + s.raw),
    ("metadata-obu", "AV1 5.8", lambda s: change_sequence(
        lambda m: spoil(m, nal.OBUS[0][1](s.raw), 2))),
    ("item-name", "14496-12 8.11.6", lambda s: still(lambda h: setattr(h.items[0], "name", s.raw))),
    ("item-metadata-obu", "AV1 5.8", lambda s: still(
        lambda h: setattr(h.items[0], "data", nal.OBUS[1][1](s.raw) + h.items[0].data))),
    ("auxiliary-track", "23008-12 7.5.3", lambda s: change_sequence(
        lambda m: extra(m, s, video("av1", 6), handler=b"drwn"))),
    ("thumbnail-track", "23008-12 7.5.2", lambda s: change_sequence(
        lambda m: extra(m, s, video("av1", 6), handler=b"pict",
            refs=box(b"thmb", struct.pack(">I", 1))))),
):
    place("avifs", _name, _spec)(_make)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes MP4 and QuickTime files (ISO/IEC 14496-12, 14496-15) from coded samples."""

import functools
import struct
from dataclasses import dataclass, field

import draw
from boxes import box, child, children, full, parse, unpack_table

MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
W, H = 64, 48


@dataclass
class Sample:
    data: bytes
    duration: int
    cts: int = 0
    sync: bool = True


@functools.lru_cache(None)
def coded(codec, phase=0, gop=4):
    """(configuration box, timescale, samples) as a stock encoder and ffmpeg's muxer wrote them."""
    if codec == "aac":
        args = ["-f", "lavfi", "-i",
            f"sine=frequency={300 + 100 * phase}:sample_rate=16000:duration=1"]
        args += ["-c:a", "aac", "-b:a", "24k", "-aac_pns", "0"]  # Decoders draw their own noise.
    else:
        frames = b"".join(draw.gradient(W, H, phase + n) for n in range(12))
        args = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{W}x{H}", "-r", "12", "-i", "i.rgb",
            "-pix_fmt", "yuv420p"]
        args += {
            "h264": ["-c:v", "libx264", "-preset", "fast", "-g", str(gop), "-sc_threshold", "0",
                     "-x264-params", "scenecut=0:open-gop=0", "-bsf:v",
                     "filter_units=remove_types=6"],
            "hevc": ["-c:v", "libx265", "-preset", "fast", "-tag:v", "hvc1",
                     "-x265-params",
                     f"log-level=0:info=0:keyint={gop}:scenecut=0:open-gop=0:pools=1"],
            "av1": ["-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "40", "-g", str(gop),
                "-lag-in-frames", "0"],
        }[codec]
    inputs = {} if codec == "aac" else {"i.rgb": frames}
    data = draw.ffmpeg(args, "o.mp4", inputs) if not inputs else draw.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", *args, "-threads", "1", "-bitexact", "o.mp4"],
        inputs, "o.mp4")
    return samples_of(data)


def samples_of(data):
    trak = child(data, b"moov", b"trak")
    stbl = child(trak, b"mdia", b"minf", b"stbl")
    have = {k for k, _ in parse(stbl)}
    entry = parse(child(stbl, b"stsd")[8:])[0][1]
    skip = 28 if b"smhd" in {k for k, _ in parse(child(trak, b"mdia", b"minf"))} else 78
    config = next(box(k, p) for k, p in parse(entry[skip:]) if k in (b"avcC", b"hvcC", b"av1C",
        b"esds"))
    stsz = child(stbl, b"stsz")
    fixed, count = struct.unpack_from(">II", stsz, 4)
    sizes = [fixed] * count if fixed else [v[0] for v in unpack_table(stsz, ">I", 8)]
    times = [d for n, d in unpack_table(child(stbl, b"stts"), ">II", 4) for _ in range(n)]
    shifts = [0] * count
    if b"ctts" in have:
        shifts = [o for n, o in unpack_table(child(stbl, b"ctts"), ">Ii", 4) for _ in range(n)]
    keys = {v[0] for v in unpack_table(child(stbl, b"stss"), ">I", 4)} if b"stss" in have else None
    offsets = [v[0] for v in unpack_table(child(stbl, b"stco"), ">I", 4)]
    runs = unpack_table(child(stbl, b"stsc"), ">III", 4)
    out, n = [], 0
    for chunk, at in enumerate(offsets, 1):
        per = [r[1] for r in runs if r[0] <= chunk][-1]
        for _ in range(per):
            body = data[at : at + sizes[n]]
            out.append(Sample(body, times[n], shifts[n], keys is None or n + 1 in keys))
            at, n = at + sizes[n], n + 1
    scale = struct.unpack_from(">I", child(trak, b"mdia", b"mdhd"), 12)[0]
    return config, scale, out


@dataclass
class Track:
    handler: bytes
    scale: int
    samples: list
    entry: bytes
    times: bytes = bytes(8)
    media_times: bytes = bytes(8)
    name: bytes = b"\0"
    hdlr_reserved: bytes = bytes(12)
    flags: int = 3
    ident: int = 0
    group: int = 0
    edits: list = field(default_factory=list)
    refs: bytes = b""
    media_header: bytes = b""
    entry_extra: bytes = b""
    trak_extra: bytes = b""
    mdia_extra: bytes = b""
    minf_extra: bytes = b""
    stbl_extra: bytes = b""
    edts_extra: bytes = b""
    dref: bytes = full(b"url ", 0, 1)
    tkhd_reserved: bytes = bytes(8)
    size: tuple = (0, 0)
    language: int = 0x55C4

    def duration(self):
        return sum(s.duration for s in self.samples)


def visual_entry(kind, config, extra=b"", compressor=bytes(32), vendor=bytes(16), depth=24,
    reserved=bytes(6)):
    return box(kind, reserved + struct.pack(">H", 1) + vendor
               + struct.pack(">HHIIIH", W, H, 0x480000, 0x480000, 0, 1)
               + compressor + struct.pack(">Hh", depth, -1) + config + extra)


def audio_entry(kind, config, extra=b"", vendor=bytes(8), rate=16000, reserved=bytes(6)):
    return box(kind, reserved + struct.pack(">H", 1) + vendor
               + struct.pack(">HHHHI", 1, 16, 0, 0, rate << 16) + config + extra)


def video(codec="h264", phase=0, gop=4, **how):
    config, scale, samples = coded(codec, phase, gop)
    kind = {"h264": b"avc1", "hevc": b"hvc1", "av1": b"av01"}[codec]
    delay = samples[0].cts
    track = Track(b"vide", scale, [Sample(**vars(s)) for s in samples],
        visual_entry(kind, config, **how),
                  media_header=full(b"vmhd", 0, 1, bytes(8)), size=(W, H))
    if delay:
        track.edits = [(None, delay)]
    return track


def audio(phase=0, **how):
    config, scale, samples = coded("aac", phase)
    return Track(b"soun", scale, [Sample(**vars(s)) for s in samples],
        audio_entry(b"mp4a", config, **how),
                 media_header=full(b"smhd", 0, 0, bytes(4)), edits=[(None, 1024)])


def timed(kind, handler, payloads, body=b"", header=b""):
    """A metadata or text track with one sample for each payload."""
    entry = box(kind, bytes(6) + b"\0\1" + body)
    return Track(handler, 1000, [Sample(p, 300) for p in payloads], entry,
                 media_header=header or full(b"nmhd", 0, 0))


def table(kind, rows, fmt):
    return full(kind, 0, 0, struct.pack(">I", len(rows)), *[struct.pack(fmt, *r) for r in rows])


def runs(values):
    out = []
    for v in values:
        if out and out[-1][1] == v:
            out[-1][0] += 1
        else:
            out.append([1, v])
    return out


class Movie:
    MOVIE_SCALE = 1000

    def __init__(self, *tracks, layout="moov-last", major=b"isom", brands=(b"isom", b"mp42")):
        self.tracks, self.layout, self.major, self.brands = list(tracks), layout, major, list(
            brands)
        self.minor = bytes(4)
        self.times, self.mvhd_reserved, self.mvhd_predefined = bytes(8), bytes(10), bytes(24)
        self.moov_extra = self.top_early = self.top_late = self.trailer = b""
        self.mdat_head = self.mdat_gap = self.mdat_tail = b""
        self.moof_extra = self.traf_extra = self.mvex_extra = self.between = b""
        self.mdat_to_end = self.big_mdat = False
        self.wide = b""
        for n, t in enumerate(self.tracks, 1):
            t.ident = t.ident or n

    def add(self, track):
        self.tracks.append(track)
        track.ident = len(self.tracks)
        return track

    def mvhd(self):
        last = max(t.duration() * self.MOVIE_SCALE // t.scale for t in self.tracks)
        version = 1 if len(self.times) == 16 else 0
        span = struct.pack(">IQ" if version else ">II", self.MOVIE_SCALE, last)
        return full(b"mvhd", version, 0, self.times, span, struct.pack(">IH", 0x10000, 0x100),
                    self.mvhd_reserved, MATRIX, self.mvhd_predefined,
                    struct.pack(">I", len(self.tracks) + 1))

    def trak(self, t, offsets):
        span = t.duration() * self.MOVIE_SCALE // t.scale
        v1, m1 = len(t.times) == 16, len(t.media_times) == 16
        tkhd = full(b"tkhd", int(v1), t.flags, t.times, struct.pack(">I", t.ident), bytes(4),
                    struct.pack(">Q" if v1 else ">I", span), t.tkhd_reserved,
                    struct.pack(">hhhh", 0, t.group, 0x100 if t.handler == b"soun" else 0, 0),
                    MATRIX,
                    struct.pack(">II", t.size[0] << 16, t.size[1] << 16))
        edts = b""
        if t.edits or t.edts_extra:
            rows = [(span if d is None else d, m, 0x10000) for d, m in t.edits]
            edts = box(b"edts", table(b"elst", rows, ">IiI"), t.edts_extra)
        mdhd = full(b"mdhd", int(m1), 0, t.media_times,
                    struct.pack(">IQ" if m1 else ">II", t.scale, t.duration()),
                    struct.pack(">HH", t.language, 0))
        hdlr = full(b"hdlr", 0, 0, bytes(4), t.handler, t.hdlr_reserved, t.name)
        dinf = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), t.dref))
        minf = box(b"minf", t.media_header, dinf, self.stbl(t, offsets), t.minf_extra)
        mdia = box(b"mdia", mdhd, hdlr, minf, t.mdia_extra)
        return box(b"trak", tkhd, edts, box(b"tref", t.refs) if t.refs else b"", mdia, t.trak_extra)

    def stbl(self, t, offsets):
        entry = t.entry
        if t.entry_extra:
            entry = box(entry[4:8], entry[8:], t.entry_extra)
        stsd = full(b"stsd", 0, 0, struct.pack(">I", 1), entry)
        if self.layout == "fragmented":
            empty = [table(k, [], ">I") for k in (b"stts", b"stsc", b"stco")]
            return box(b"stbl", stsd, *empty[:2], full(b"stsz", 0, 0, bytes(8)), empty[2],
                t.stbl_extra)
        parts = [stsd, table(b"stts", runs([s.duration for s in t.samples]), ">II")]
        if any(s.cts for s in t.samples):
            parts.append(table(b"ctts", runs([s.cts for s in t.samples]), ">II"))
        if not all(s.sync for s in t.samples):
            parts.append(table(b"stss", [(i + 1,) for i, s in enumerate(t.samples) if s.sync],
                ">I"))
        per = [len(c) for c in self.chunks(t)]
        firsts = [(i + 1, n, 1) for i, n in enumerate(per) if i == 0 or per[i - 1] != n]
        parts.append(table(b"stsc", firsts, ">III"))
        parts.append(full(b"stsz", 0, 0, struct.pack(">II", 0, len(t.samples)),
                          *[struct.pack(">I", len(s.data)) for s in t.samples]))
        wide = self.layout == "co64"
        parts.append(table(b"co64" if wide else b"stco", [(o,) for o in offsets],
            ">Q" if wide else ">I"))
        return box(b"stbl", *parts, t.stbl_extra)

    def chunks(self, t):
        step = 4 if len(t.samples) > 4 else max(1, len(t.samples))
        return [t.samples[i : i + step] for i in range(0, len(t.samples), step)]

    def moov(self, offsets):
        traks = [self.trak(t, o) for t, o in zip(self.tracks, offsets)]
        mvex = b""
        if self.layout == "fragmented":
            mvex = box(b"mvex", *[full(b"trex", 0, 0,
                struct.pack(">IIIII", t.ident, 1, 0, 0, 0)) for t in self.tracks],
                       self.mvex_extra)
        return box(b"moov", self.mvhd(), *traks, mvex, self.moov_extra)

    def ftyp(self):
        return box(b"ftyp", self.major, self.minor, *self.brands)

    def body(self):
        """(mdat payload, chunk offsets in it for each track), chunks interleaved."""
        out, offsets = bytearray(self.mdat_head), [[] for _ in self.tracks]
        queues = [self.chunks(t) for t in self.tracks]
        for turn in range(max(len(q) for q in queues)):
            for n, q in enumerate(queues):
                if turn < len(q):
                    offsets[n].append(len(out))
                    out += b"".join(s.data for s in q[turn]) + self.mdat_gap
        return bytes(out + self.mdat_tail), offsets

    def bytes(self):
        if self.layout == "fragmented":
            return self.fragmented()
        payload, offsets = self.body()
        lead = self.ftyp() + self.top_early
        head = struct.pack(">I4s", 0 if self.mdat_to_end else 8 + len(payload), b"mdat")
        if self.big_mdat:
            head = struct.pack(">I4sQ", 1, b"mdat", 16 + len(payload))
        lead_len = len(lead) + len(self.wide)
        if self.layout == "moov-first":
            lead_len += len(self.moov([[0] * len(o) for o in offsets]))
        start = lead_len + len(head)
        moov = self.moov([[start + o for o in row] for row in offsets])
        if self.layout == "moov-first":
            return lead + moov + self.wide + head + payload + self.top_late + self.trailer
        return lead + self.wide + head + payload + moov + self.top_late + self.trailer

    def fragmented(self):
        """One moof for each group of four samples of each track (14496-12 8.8)."""
        out = self.ftyp() + self.top_early + self.moov([[] for _ in self.tracks])
        times, number = [0] * len(self.tracks), 0
        queues = [self.chunks(t) for t in self.tracks]
        for turn in range(max(len(q) for q in queues)):
            for n, q in enumerate(queues):
                if turn < len(q):
                    number += 1
                    out += self.between if number > 1 else b""
                    out += self.fragment(self.tracks[n], q[turn], times[n], number)
                    times[n] += sum(s.duration for s in q[turn])
        return out + self.top_late + self.trailer

    def fragment(self, t, samples, time, number):
        def moof(offset):
            rows = b"".join(
                struct.pack(">IIII", s.duration, len(s.data), 0x2000000 if s.sync else 0x1010000,
                    s.cts) for s in samples)
            trun = full(b"trun", 0, 0xF01, struct.pack(">Ii", len(samples), offset), rows)
            traf = box(b"traf", full(b"tfhd", 0, 0x20000, struct.pack(">I", t.ident)),
                       full(b"tfdt", 1, 0, struct.pack(">Q", time)), trun, self.traf_extra)
            return box(b"moof", full(b"mfhd", 0, 0, struct.pack(">I", number)), traf,
                self.moof_extra)

        head = moof(len(moof(0)) + 8 + len(self.mdat_head))
        return head + box(b"mdat", self.mdat_head, *[s.data for s in samples], self.mdat_tail)

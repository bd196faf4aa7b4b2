# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes Matroska and WebM (RFC 8794 EBML, RFC 9559) from coded frames."""

import functools
import struct
import zlib
from dataclasses import dataclass, field

import draw
from boxes import child, parse
from movie import coded

W, H = 64, 48


def size(value, width=None):
    """An EBML variable-size integer; None is the unknown size."""
    if value is None:
        return b"\x01" + b"\xff" * 7
    width = width or next(n for n in range(1, 9) if value < (1 << 7 * n) - 1)
    return (value | 1 << 7 * width).to_bytes(width, "big")


def el(ident, *payload):
    """An element with a known size; `ident` is the number with its marker bits."""
    body = b"".join(payload)
    return ident.to_bytes((ident.bit_length() + 7) // 8, "big") + size(len(body)) + body


def unknown_sized(ident, *payload):
    return ident.to_bytes((ident.bit_length() + 7) // 8, "big") + size(None) + b"".join(payload)


def uint(ident, value):
    return el(ident, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def double(ident, value):
    return el(ident, struct.pack(">d", value))


EBML, SEGMENT, INFO, TRACKS, TRACK, CLUSTER, CUES, SEEKHEAD = (
    0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675, 0x1C53BB6B, 0x114D9B74)
TAGS, CHAPTERS, ATTACHMENTS, VOID, CRC32 = 0x1254C367, 0x1043A770, 0x1941A469, 0xEC, 0xBF
SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, TIMESTAMP = 0xA3, 0xA0, 0xA1, 0xE7


def read(data, at=0):
    """Yields (id, payload start, payload end) of the elements in `data` (sizes known)."""
    while at < len(data):
        width = 9 - data[at].bit_length()
        ident = int.from_bytes(data[at : at + width], "big")
        at += width
        width = 9 - data[at].bit_length()
        length = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
        at += width
        end = min(len(data), at + length)
        yield ident, at, end
        at = end


def walk(data, *path):
    """The payloads of all elements under a path of ids."""
    if not path:
        return [data]
    return [p for i, a, b in read(data) if i == path[0] for p in walk(data[a:b], *path[1:])]


@functools.lru_cache(None)
def frames(codec, phase=0):
    """(codec id, CodecPrivate, extra track elements, [(milliseconds, bytes, key)])."""
    if codec in ("h264", "hevc", "aac"):
        config, scale, samples = coded(codec, phase)
        time, out = 0, []
        lead = samples[0].cts
        for s in samples:
            out.append(((time + s.cts - lead) * 1000 // scale, s.data, s.sync))
            time += s.duration
        private = parse(config)[0][1]
        if codec == "aac":
            private = private[private.index(b"\x05\x80\x80\x80") + 5 :][
                :2] if b"\x05\x80\x80\x80" in private else b"\x14\x08"
        name = {"h264": b"V_MPEG4/ISO/AVC", "hevc": b"V_MPEGH/ISO/HEVC", "aac": b"A_AAC"}[codec]
        return name, private, b"", out
    if codec == "opus":
        args = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1", "-c:a",
            "libopus", "-b:a", "16k"]
        inputs = {}
    else:
        pictures = b"".join(draw.gradient(W, H, phase + n) for n in range(12))
        args = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{W}x{H}", "-r", "12", "-i", "i.rgb",
                "-pix_fmt", "yuv420p", "-c:v", "libvpx-vp9" if codec == "vp9" else "libvpx", "-b:v",
                "100k", "-g", "4"]
        inputs = {"i.rgb": pictures}
    data = draw.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *args, "-threads", "1", "-bitexact",
        "o.webm"],
                    inputs, "o.webm")
    segment = walk(data, SEGMENT)[0]
    track = walk(segment, TRACKS, TRACK)[0]
    private = (walk(track, 0x63A2) or [b""])[0]
    extra = b"".join(el(i, track[a:b]) for i, a, b in read(track) if i in (0x56AA, 0x56BB))
    out = []
    for cluster in walk(segment, CLUSTER):
        base_time = int.from_bytes(walk(cluster, TIMESTAMP)[0], "big")
        for ident, a, b in read(cluster):
            block = None
            if ident == SIMPLE_BLOCK:
                block = cluster[a:b]
            elif ident == BLOCK_GROUP:
                block = walk(cluster[a:b], BLOCK)[0]
            if block:
                key = bool(block[3] & 0x80) or codec == "opus"
                out.append((base_time + struct.unpack_from(">h", block, 1)[0], block[4:], key))
    return {"vp9": b"V_VP9", "vp8": b"V_VP8", "opus": b"A_OPUS"}[codec], private, extra, out


@dataclass
class Track:
    kind: int
    codec: bytes
    private: bytes
    frames: list
    extra: bytes = b""
    media: bytes = b""
    uid: int = 0
    block_extra: bytes = b""
    lacing: int = 0
    encoding: bytes = b""


def video(codec="h264", phase=0):
    name, private, extra, got = frames(codec, phase)
    media = el(0xE0, uint(0xB0, W), uint(0xBA, H))
    return Track(1, name, private, list(got), extra, media)


def audio(codec="opus", phase=0):
    name, private, extra, got = frames(codec, phase)
    rate = 48000.0 if codec == "opus" else 16000.0
    return Track(2, name, private, list(got), extra, el(0xE1, double(0xB5, rate), uint(0x9F, 1)))


def text(payloads, codec=b"S_TEXT/UTF8"):
    return Track(17, codec, b"", [(200 * i, p, True) for i, p in enumerate(payloads)])


def head(doctype=b"matroska", extra=b""):
    return el(EBML, uint(0x4286, 1), uint(0x42F7, 1), uint(0x42F2, 4), uint(0x42F3, 8),
        el(0x4282, doctype),
              uint(0x4287, 4), uint(0x4285, 2), extra)


class Mkv:
    def __init__(self, *tracks, doctype=b"matroska"):
        self.tracks, self.doctype = list(tracks), doctype
        self.info_extra = self.tracks_extra = self.early = self.late = self.between = b""
        self.cluster_head = self.cluster_tail = self.group_extra = self.trailer = b""
        self.cue_extra = self.cue_point_extra = self.head_extra = b""
        self.muxing, self.writing = b"", b""  # They must be there; empty, they say nothing.
        self.unknown = self.groups = self.crc = False
        self.cues = True
        self.per_cluster = 10

    def add(self, track):
        self.tracks.append(track)
        return track

    def track_entry(self, n, t):
        return el(TRACK, uint(0xD7, n), uint(0x73C5, t.uid or n), uint(0x83, t.kind),
            el(0x86, t.codec),
                  el(0x63A2, t.private) if t.private else b"", t.extra, t.encoding, t.media)

    def block(self, n, t, time, data, key, base_time):
        """One block; lacing 1 is Xiph and 2 fixed: the frame is halved where it may be."""
        flags = (0x80 if key and not self.groups else 0) | {0: 0, 1: 0x02, 2: 0x04,
            3: 0x06}[t.lacing]
        body = size(n) + struct.pack(">hB", time - base_time, flags) + data
        if not self.groups:
            return el(SIMPLE_BLOCK, body)
        body = size(n) + struct.pack(">hB", time - base_time, flags & 0x7F) + data
        extra = b"" if key else el(0xFB, (-84 & 0xFFFF).to_bytes(2, "big"))
        return el(BLOCK_GROUP, el(BLOCK, body), extra, t.block_extra or self.group_extra)

    def clusters(self):
        everything = []
        for n, t in enumerate(self.tracks, 1):
            latest = 0
            for f in t.frames:
                latest = max(latest, f[0])  # The order is decoding order, the time is display time.
                everything.append((latest, n, t, f))
        everything.sort(key=lambda e: (e[0], e[1]))
        queue = self.laced(everything)
        out = []
        for i in range(0, len(queue), self.per_cluster):
            group = queue[i : i + self.per_cluster]
            start = min(g[3][0] for g in group)
            blocks = b"".join(self.block(n, t, f[0], f[1], f[2], start) for _, n, t, f in group)
            body = uint(TIMESTAMP, start) + self.cluster_head + blocks + self.cluster_tail
            if self.crc:
                body = el(CRC32, struct.pack("<I", zlib.crc32(body))) + body
            out.append((start, unknown_sized(CLUSTER, body) if self.unknown else el(CLUSTER, body)))
        return out

    def laced(self, entries):
        """Puts two neighbouring frames of a laced track into one block."""
        out, held = [], {}
        for time, n, t, f in entries:
            if not t.lacing:
                out.append((time, n, t, f))
            elif n not in held:
                held[n] = (time, f)
            else:
                time, one = held.pop(n)
                sizes = b""
                if t.lacing == 1:
                    sizes = b"\xff" * (len(one[1]) // 255) + bytes([len(one[1]) % 255])
                elif t.lacing == 3:
                    sizes = size(len(one[1]), 2)
                elif len(one[1]) != len(f[1]):
                    cut = max(len(one[1]), len(f[1]))
                    one, f = (one[0], one[1].ljust(cut, b"\0"), one[2]), (f[0],
                        f[1].ljust(cut, b"\0"), f[2])
                out.append((time, n, t, (one[0], b"\1" + sizes + one[1] + f[1], one[2])))
        return sorted(out, key=lambda e: (e[0], e[1]))

    def bytes(self):
        last = max(f[0] for t in self.tracks for f in t.frames)
        info = el(INFO, uint(0x2AD7B1, 1000000), double(0x4489, float(last + 20)),
            el(0x4D80, self.muxing),
                  el(0x5741, self.writing), self.info_extra)
        tracks = el(TRACKS, *[self.track_entry(n, t) for n, t in enumerate(self.tracks, 1)],
            self.tracks_extra)
        body, points = info + tracks + self.early, []
        for n, (time, cluster) in enumerate(self.clusters()):
            points.append((time, len(body)))
            body += cluster
            if n == 0:
                body += self.between
        if self.cues:
            rows = [el(0xBB, uint(0xB3, time), el(0xB7, uint(0xF7, 1), uint(0xF1, at)),
                self.cue_point_extra)
                    for time, at in points]
            body += el(CUES, *rows, self.cue_extra)
        body += self.late
        segment = unknown_sized(SEGMENT, body) if self.unknown else el(SEGMENT, body)
        return head(self.doctype, self.head_extra) + segment + self.trailer

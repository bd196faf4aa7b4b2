# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the parts of coded video that nobody sees: SEI messages, odd NAL units, AV1 OBUs."""

import struct

DRAWN_UUID = b"drawn-by-a-test!"


def escape(rbsp):
    """Adds emulation prevention bytes (H.264 7.4.1.1; H.265 7.4.2.1)."""
    out, zeros = bytearray(), 0
    for byte in rbsp:
        if zeros == 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def sei_message(kind, payload):
    out = b""
    for value in (kind, len(payload)):
        out += b"\xff" * (value // 255) + bytes([value % 255])
    return out + payload


H264, HEVC = "h264", "hevc"


def header(codec, kind):
    return bytes([kind]) if codec == H264 else bytes([kind << 1, 1])


def sei(codec, kind, payload, suffix=False):
    """One SEI NAL unit with one message."""
    number = 6 if codec == H264 else 40 if suffix else 39
    return header(codec, number) + escape(sei_message(kind, payload) + b"\x80")


def plain(codec, kind, payload):
    return header(codec, kind) + escape(payload + b"\x80")


# (name, NAL unit from secret bytes, spec) for each codec.
UNITS = {
    H264: [
        ("sei-unregistered", lambda v: sei(H264, 5, DRAWN_UUID + v), "H.264 D.1.7"),
        ("sei-t35", lambda v: sei(H264, 4, b"\xb5\0\x31GA94" + v), "H.264 D.1.6"),
        ("sei-reserved", lambda v: sei(H264, 199, v), "H.264 D.1.1"),
        ("sei-filler", lambda v: sei(H264, 3, v), "H.264 D.1.5"),
        ("sei-second-message", lambda v: header(H264, 6) + escape(
            sei_message(1, b"\x10") + sei_message(5, DRAWN_UUID + v) + b"\x80"), "H.264 7.3.2.3"),
        ("sei-after-trailing-bits", lambda v: sei(H264, 1, b"\x10") + v, "H.264 7.3.2.3"),
        ("filler-nal", lambda v: plain(H264, 12, v), "H.264 7.3.2.7"),
        ("unspecified-nal", lambda v: plain(H264, 30, v), "H.264 table 7-1"),
        ("reserved-nal", lambda v: plain(H264, 22, v), "H.264 table 7-1"),
        ("delimiter-over-long", lambda v: header(H264, 9) + b"\xf0" + v, "H.264 7.3.2.4"),
        ("end-of-sequence-over-long", lambda v: header(H264, 10) + v, "H.264 7.3.2.5"),
    ],
    HEVC: [
        ("sei-unregistered", lambda v: sei(HEVC, 5, DRAWN_UUID + v), "H.265 D.2.7"),
        ("sei-t35", lambda v: sei(HEVC, 4, b"\xb5\0\x31GA94" + v), "H.265 D.2.6"),
        ("sei-suffix", lambda v: sei(HEVC, 5, DRAWN_UUID + v, True), "H.265 7.3.2.4"),
        ("sei-reserved", lambda v: sei(HEVC, 250, v), "H.265 D.2.1"),
        ("sei-filler", lambda v: sei(HEVC, 3, v), "H.265 D.2.5"),
        ("unspecified-nal", lambda v: plain(HEVC, 62, v), "H.265 table 7-1"),
        ("reserved-nal", lambda v: plain(HEVC, 41, v), "H.265 table 7-1"),
        ("filler-nal", lambda v: plain(HEVC, 38, v), "H.265 7.3.2.8"),
        ("delimiter-over-long", lambda v: header(HEVC, 35) + b"\x50" + v, "H.265 7.3.2.5"),
    ],
}


def leb128(value):
    out = b""
    while True:
        out += bytes([value & 127 | (128 if value > 127 else 0)])
        value >>= 7
        if not value:
            return out


def obu(kind, payload):
    return bytes([kind << 3 | 2]) + leb128(len(payload)) + payload


OBUS = [
    ("metadata-t35", lambda v: obu(5, b"\4\xb5" + v + b"\x80"), "AV1 5.8.2"),
    ("metadata-private", lambda v: obu(5, b"\x1f" + v + b"\x80"), "AV1 6.7.1"),
    ("metadata-reserved", lambda v: obu(5, b"\x09" + v + b"\x80"), "AV1 6.7.1"),
    ("metadata-timecode", lambda v: obu(5, b"\5" + v + b"\x80"), "AV1 5.8.5"),
    ("padding", lambda v: obu(15, v + b"\x80"), "AV1 5.7"),
    ("reserved", lambda v: obu(11, v + b"\x80"), "AV1 5.3.1, table 5"),
    ("delimiter-over-long", lambda v: obu(2, v), "AV1 5.6"),
]


def lengthed(unit):
    """A NAL unit behind the 4-byte length that files use."""
    return struct.pack(">I", len(unit)) + unit


def split_lengthed(sample):
    out, at = [], 0
    while at + 4 <= len(sample):
        size = struct.unpack_from(">I", sample, at)[0]
        out.append(sample[at + 4 : at + 4 + size])
        at += 4 + size
    return out


def split_obus(data):
    """The OBUs of a sample, each with its header and size field."""
    out, at = [], 0
    while at < len(data):
        start, at = at, at + (2 if data[at] & 4 else 1)
        size = shift = 0
        while True:
            byte = data[at]
            size |= (byte & 127) << shift
            shift, at = shift + 7, at + 1
            if byte < 128:
                break
        at += size
        out.append(data[start:at])
    return out


def hvcc_with(record, unit, kind=39):
    """An hvcC record with one more array that holds `unit` (14496-15 8.3.3.1)."""
    arrays = record[22] + 1
    return record[:22] + bytes([arrays]) + record[23:] + bytes([0x80 | kind]) + struct.pack(
        ">HH", 1, len(unit)) + unit

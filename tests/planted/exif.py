# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes EXIF payloads (TIFF 6.0 structure; CIPA DC-008 Exif 3.0 tags) tag by tag."""

import struct

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
SIZE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}


class Ifd:
    """One directory: entries are (tag, type, bytes) or (tag, LONG, Ifd) for a sub-directory."""

    def __init__(self, entries=(), following=None):
        self.entries = list(entries)
        self.following = following

    def add(self, tag, kind, value):
        self.entries.append((tag, kind, value))
        return self


def write_ifd(out, ifd, order):
    """Appends `ifd` and everything under it to `out`; returns its offset."""
    if len(out) % 2:
        out += b"\0"
    at = len(out)
    entries = sorted(ifd.entries, key=lambda e: e[0])
    out += struct.pack(order + "H", len(entries)) + bytes(12 * len(entries) + 4)
    for i, (tag, kind, value) in enumerate(entries):
        slot = at + 2 + 12 * i
        if isinstance(value, Ifd):
            value = struct.pack(order + "I", write_ifd(out, value, order))
        count = len(value) // SIZE[kind]
        if len(value) <= 4:
            field = value.ljust(4, b"\0")
        else:
            if len(out) % 2:
                out += b"\0"
            field = struct.pack(order + "I", len(out))
            out += value
        out[slot : slot + 12] = struct.pack(order + "HHI", tag, kind, count) + field
    if ifd.following is not None:
        there = write_ifd(out, ifd.following, order)
        struct.pack_into(order + "I", out, at + 2 + 12 * len(entries), there)
    return at


def tiff(ifd, order="<"):
    """The TIFF stream of an EXIF payload (no `Exif\\0\\0`)."""
    out = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))
    struct.pack_into(order + "I", out, 4, write_ifd(out, ifd, order))
    return bytes(out)


def text(value):
    return value + b"\0"


def utf16(value):
    return value.decode().encode("utf-16-le") + b"\0\0"


# (name, directory, tag, type, how to make the bytes from the secret, how it is found)
TAGS = [
    ("document-name", "0", 0x010D, ASCII, text),
    ("image-description", "0", 0x010E, ASCII, text),
    ("make", "0", 0x010F, ASCII, text),
    ("model", "0", 0x0110, ASCII, text),
    ("page-name", "0", 0x011D, ASCII, text),
    ("software", "0", 0x0131, ASCII, text),
    ("datetime", "0", 0x0132, ASCII, text),
    ("artist", "0", 0x013B, ASCII, text),
    ("host-computer", "0", 0x013C, ASCII, text),
    ("target-printer", "0", 0x0151, ASCII, text),
    ("xmp-in-exif", "0", 0x02BC, BYTE, bytes),
    ("copyright", "0", 0x8298, ASCII, text),
    ("iptc-in-exif", "0", 0x83BB, UNDEFINED, bytes),
    ("photoshop-in-exif", "0", 0x8649, BYTE, bytes),
    ("xp-title", "0", 0x9C9B, BYTE, utf16),
    ("xp-comment", "0", 0x9C9C, BYTE, utf16),
    ("xp-author", "0", 0x9C9D, BYTE, utf16),
    ("xp-keywords", "0", 0x9C9E, BYTE, utf16),
    ("xp-subject", "0", 0x9C9F, BYTE, utf16),
    ("print-im", "0", 0xC4A5, UNDEFINED, lambda v: b"PrintIM\0" + v),
    ("unique-camera-model", "0", 0xC614, ASCII, text),
    ("camera-serial", "0", 0xC62F, ASCII, text),
    ("dng-private-data", "0", 0xC634, BYTE, bytes),
    ("raw-unique-id", "0", 0xC65D, BYTE, bytes),
    ("original-raw-name", "0", 0xC68B, ASCII, text),
    ("unknown-tag", "0", 0xFDE9, UNDEFINED, bytes),
    ("spectral-sensitivity", "exif", 0x8824, ASCII, text),
    ("datetime-original", "exif", 0x9003, ASCII, text),
    ("datetime-digitized", "exif", 0x9004, ASCII, text),
    ("offset-time", "exif", 0x9010, ASCII, text),
    ("makernote", "exif", 0x927C, UNDEFINED, lambda v: b"DRAWN\0\0\0" + v),
    ("user-comment", "exif", 0x9286, UNDEFINED, lambda v: b"ASCII\0\0\0" + v),
    ("user-comment-unicode", "exif", 0x9286, UNDEFINED, lambda v: b"UNICODE\0" + utf16(v)),
    ("subsec-time", "exif", 0x9290, ASCII, text),
    ("related-sound-file", "exif", 0xA004, ASCII, text),
    ("spatial-frequency", "exif", 0xA20C, UNDEFINED, bytes),
    ("device-setting", "exif", 0xA40B, UNDEFINED, bytes),
    ("image-unique-id", "exif", 0xA420, ASCII, text),
    ("owner-name", "exif", 0xA430, ASCII, text),
    ("body-serial", "exif", 0xA431, ASCII, text),
    ("lens-make", "exif", 0xA433, ASCII, text),
    ("lens-model", "exif", 0xA434, ASCII, text),
    ("lens-serial", "exif", 0xA435, ASCII, text),
    ("image-title", "exif", 0xA436, ASCII, text),
    ("photographer", "exif", 0xA437, ASCII, text),
    ("image-editor", "exif", 0xA438, ASCII, text),
    ("camera-firmware", "exif", 0xA439, ASCII, text),
    ("composite-times", "exif", 0xA462, UNDEFINED, bytes),
    ("unknown-exif-tag", "exif", 0xEA1C, UNDEFINED, bytes),
    ("gps-latitude", "gps", 0x0002, RATIONAL, bytes),
    ("gps-longitude", "gps", 0x0004, RATIONAL, bytes),
    ("gps-timestamp", "gps", 0x0007, RATIONAL, bytes),
    ("gps-satellites", "gps", 0x0008, ASCII, text),
    ("gps-map-datum", "gps", 0x0012, ASCII, text),
    ("gps-dest-latitude", "gps", 0x0014, RATIONAL, bytes),
    ("gps-processing-method", "gps", 0x001B, UNDEFINED, lambda v: b"ASCII\0\0\0" + v),
    ("gps-area-information", "gps", 0x001C, UNDEFINED, lambda v: b"ASCII\0\0\0" + v),
    ("gps-date", "gps", 0x001D, ASCII, text),
    ("interop-format", "interop", 0x1000, ASCII, text),
    ("interop-unknown", "interop", 0x1F00, ASCII, text),
    ("ifd1-make", "1", 0x010F, ASCII, text),
    ("ifd1-software", "1", 0x0131, ASCII, text),
    ("ifd2-description", "2", 0x010E, ASCII, text),
    ("subifd-description", "sub", 0x010E, ASCII, text),
]

def how_found(name, make):
    return "utf16" if make is utf16 or name.endswith("unicode") else "raw"


def with_tag(directory, tag, kind, value, orientation=6):
    """An EXIF tree that is ordinary but for one tag."""
    ifd0 = Ifd([(0x0112, SHORT, struct.pack("<H", orientation))])
    one = Ifd([(tag, kind, value)])
    if directory == "0":
        ifd0.entries += one.entries
    elif directory == "exif":
        ifd0.add(0x8769, LONG, one.add(0x9000, UNDEFINED, b"0232"))
    elif directory == "gps":
        ifd0.add(0x8825, LONG, one.add(0x0000, BYTE, b"\2\3\0\0"))
    elif directory == "interop":
        one.add(0x0001, ASCII, b"R98\0")
        ifd0.add(0x8769, LONG, Ifd([(0x9000, UNDEFINED, b"0232"), (0xA005, LONG, one)]))
    elif directory == "sub":
        ifd0.add(0x014A, LONG, one)
    elif directory == "1":
        ifd0.following = one
    elif directory == "2":
        ifd0.following = Ifd([(0x0103, SHORT, b"\6\0")], one)
    return ifd0


def payload(directory, tag, kind, value):
    return tiff(with_tag(directory, tag, kind, value))


def simple(value):
    """The EXIF payload that other containers use: the secret is a camera serial number."""
    return payload("exif", 0xA431, ASCII, text(value))


def thumbnail(jpeg):
    """An EXIF payload whose IFD1 holds `jpeg` as the preview."""
    ifd1 = Ifd([(0x0103, SHORT, b"\6\0"), (0x0201, LONG, bytes(4)), (0x0202, LONG, bytes(4))])
    ifd0 = Ifd([(0x0112, SHORT, b"\6\0")], ifd1)
    out = bytearray(tiff(ifd0))
    at = struct.unpack_from("<I", out, 8 + 2 + 12)[0]
    if len(out) % 2:
        out += b"\0"
    struct.pack_into("<I", out, at + 2 + 12 + 8, len(out))
    struct.pack_into("<I", out, at + 2 + 24 + 8, len(jpeg))
    return bytes(out + jpeg)

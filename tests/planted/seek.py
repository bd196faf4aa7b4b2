# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches a file for a secret in every coat that a container can put over it.

Nothing here knows any policy: a file is searched raw, in UTF-16, inside every zlib stream, with
NAL escapes removed, with JPEG stuffing removed, shifted by single bits, through GIF's sub-blocks
and LZW codes, and in padding bits.
"""

import struct
import zlib


def inflate(data):
    """Everything that a zlib stream at the start of `data` gives before it ends or breaks."""
    engine, out = zlib.decompressobj(), bytearray()
    try:
        for at in range(0, len(data), 4096):
            out += engine.decompress(data[at : at + 4096], 1 << 22)
            if engine.eof or len(out) > 1 << 22:
                break
    except zlib.error:
        pass
    return bytes(out)


def zlib_views(data):
    """Every stream that starts with a plausible zlib header, wherever it stands."""
    end = len(data) - 2
    at = -1
    for first in (b"\x78", b"\x58", b"\x48", b"\x38", b"\x28", b"\x18", b"\x08", b"\x68"):
        at = data.find(first)
        while 0 <= at < end:
            if (data[at] << 8 | data[at + 1]) % 31 == 0 and not data[at + 1] & 0x20:
                out = inflate(data[at : at + (1 << 20)])
                if len(out) >= 8:
                    yield out
            at = data.find(first, at + 1)


def png_views(data):
    """The joined IDAT and each joined run of fdAT, deflated and inflated."""
    if not data.startswith(b"\x89PNG"):
        return
    at, runs, last = 8, [], None
    while at + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + size]
        if kind == b"fdAT":
            body = body[4:]
        if kind in (b"IDAT", b"fdAT"):
            if last == kind:
                runs[-1] += body
            else:
                runs.append(bytearray(body))
        elif kind in (b"fcTL", b"IEND"):
            last = None
        if kind in (b"IDAT", b"fdAT", b"fcTL"):
            last = kind
        at += 12 + size
    for run in runs:
        yield bytes(run)
        yield inflate(bytes(run))


def gif_views(data):
    """Every chain of sub-blocks joined, and decoded when it is an image."""
    if data[:3] != b"GIF":
        return
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while at < len(data) and data[at] in (0x21, 0x2C):
        image, size = data[at] == 0x2C, 0
        if image:
            flags = data[at + 9]
            at += 10 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
            size = data[at]
            at += 1
        else:
            at += 2
        joined = bytearray()
        while at < len(data) and data[at]:
            joined += data[at + 1 : at + 1 + data[at]]
            at += 1 + data[at]
        at += 1
        yield bytes(joined)
        if image and 2 <= size <= 8:
            yield lzw_gif(bytes(joined), size)


def lzw_gif(data, size):
    """GIF's LZW, decoded past the picture's last pixel up to the end code."""
    clear, stop = 1 << size, (1 << size) + 1
    table, width, prev, out, acc, have = {}, size + 1, None, bytearray(), 0, 0
    for byte in data:
        acc |= byte << have
        have += 8
        while have >= width:
            code = acc & ((1 << width) - 1)
            acc >>= width
            have -= width
            if code == stop:
                return bytes(out)
            if code == clear:
                table, width, prev = {i: bytes([i]) for i in range(clear)}, size + 1, None
                continue
            if code in table:
                entry = table[code]
            elif prev is not None:
                entry = prev + prev[:1]
            else:
                return bytes(out)
            out += entry
            if prev is not None and len(table) + 2 < 4096:
                table[len(table) + 2] = prev + entry[:1]
            if len(table) + 2 >= 1 << width and width < 12:
                width += 1
            prev = entry
    return bytes(out)


def codes_of(counts, symbols):
    """JPEG's canonical codes as {(length, code): symbol}."""
    table, code, at = {}, 0, 0
    for length in range(1, 17):
        for _ in range(counts[length - 1]):
            table[(length, code)] = symbols[at]
            code += 1
            at += 1
        code <<= 1
    return table


def jpeg_pad_bits(data):
    """The padding bits of every restart interval of a grey baseline JPEG, as a bit string."""
    tables, at, interval = {}, 2, 0
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        body = data[at + 4 : at + 2 + size]
        if marker == 0xC4:
            while len(body) > 17:
                total = sum(body[1:17])
                tables[body[0]] = codes_of(body[1:17], body[17 : 17 + total])
                body = body[17 + total :]
        elif marker == 0xDD:
            interval = struct.unpack(">H", body)[0]
        at += 2 + size
        if marker == 0xDA:
            break
    pads, segment = [], bytearray()
    while at + 1 < len(data):
        if data[at] == 0xFF and data[at + 1] != 0:
            pads.append(pad_of(bytes(segment), tables, interval))
            segment = bytearray()
            if not 0xD0 <= data[at + 1] <= 0xD7:
                break
            at += 2
            continue
        segment.append(data[at])
        at += 2 if data[at] == 0xFF else 1
    return "".join(pads)


def pad_of(segment, tables, blocks):
    bits, at = "".join(f"{b:08b}" for b in segment), 0

    def symbol(table):
        nonlocal at
        for length in range(1, 17):
            key = (length, int(bits[at : at + length] or "0", 2))
            if key in table:
                at += length
                return table[key]
        raise ValueError("no such code")

    try:
        for _ in range(blocks):
            size = symbol(tables[0x00])
            at += size
            k = 1
            while k < 64:
                got = symbol(tables[0x10])
                if got == 0:
                    break
                at += got & 15
                k += 1 + (got >> 4)
    except (ValueError, KeyError):
        return ""
    return bits[at:]


def png_pad_bits(data):
    """The unused low bits of the last byte of every row of a 1-bit PNG."""
    if not data.startswith(b"\x89PNG") or data[24] != 1:
        return ""
    width = struct.unpack_from(">I", data, 16)[0]
    rows, stride = list(png_views(data))[-1], (width + 7) // 8 + 1
    lost = -width % 8
    return "".join(f"{rows[i]:08b}"[8 - lost :] for i in range(stride - 1, len(rows), stride))


def unescape(data):
    """NAL payloads: 00 00 03 gives 00 00 (H.264 7.4.1.1, H.265 7.4.2.1)."""
    return data.replace(b"\0\0\3", b"\0\0")


def shifted(data, needle):
    """Is `needle` there at a bit position that is no byte boundary?"""
    value = int.from_bytes(needle, "big")
    for k in range(1, 8):
        wide = (value << k).to_bytes(len(needle) + 1, "big")
        if wide[1:-1] in data:
            return True
    return False


def find(data, secret, how):
    """Returns the name of the first coat in which `secret` is found, else None."""
    needles = [secret]
    if secret.isalnum():
        needles += [secret.decode().encode("utf-16-le"), secret.decode().encode("utf-16-be")]
    if how in ("jpeg-pad", "png-pad"):
        bits = jpeg_pad_bits(data) if how == "jpeg-pad" else png_pad_bits(data)
        return how if "".join(f"{b:08b}" for b in secret) in bits else None

    def hit(view):
        return any(n in view for n in needles)

    if hit(data):
        return "raw"
    if hit(unescape(data)):
        return "nal"
    if len(secret) >= 8 and (shifted(data, secret) or shifted(data.replace(b"\xff\0", b"\xff"),
        secret)):
        return "bits"
    for name, views in (("png", png_views), ("gif", gif_views), ("zlib", zlib_views)):
        for view in views(data):
            if hit(view):
                return name
    return None

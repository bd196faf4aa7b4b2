# SPDX-License-Identifier: GPL-3.0-or-later
"""What is public, put beside a server into its store: rows as store/published.c writes them.

usage: published_rows.py DATA jpg|mp4 COPY SMALL CAPTION ALT WARNING      prints the id; SMALL may be empty
"""
import contextlib
import hashlib
import os
import sqlite3
import struct
import sys
import time

PUBLICATION, SHARE, ASKED = 19, 21, 22
WAITING, PUBLIC, UNLISTED, HIDDEN, WITHDRAWN = 1, 2, 3, 4, 5
JPEG, MP4 = 1, 5
NOBODY = bytes(16)


def today():
    """As the server counts days. A test that compares it with what the server says begins with tap.py, not shortly before midnight."""
    return int(time.time() // 86400)


@contextlib.contextmanager
def rows(data):
    with contextlib.closing(sqlite3.connect(os.path.join(data, 'rows.db'), timeout=60)) as database, database:
        yield database


def text(said):
    return struct.pack('<H', len(said.encode())) + said.encode()


def add_publication(data, state=UNLISTED, copy=b'', small=b'', kind=JPEG, says=('', '', '')):
    """The id, in hexadecimal digits. @param small a rendition. @param says caption, alt and warning."""
    number, blob = os.urandom(16), os.urandom(16)
    if copy:
        with open(os.path.join(data, 'blobs', blob.hex()), 'wb') as file:
            file.write(copy + small)
    said = struct.pack('<B16siB4IQ32sB', 1, NOBODY, today(), kind, 640, 480, 0, 1, len(copy), hashlib.sha256(copy).digest(), bool(small))
    said += struct.pack('<QIHH', len(copy), len(small), 320, 240) if small else b''
    said += 2 * NOBODY + b''.join(map(text, says)) + b'\1'
    with rows(data) as database:
        database.execute('INSERT INTO records VALUES(?, ?, ?, 1, ?, ?, ?, ?, ?)',
                         (PUBLICATION, NOBODY, number, today(), state, blob if copy else None, len(copy + small), said))
    return number.hex()


def set_state(data, publication, state):
    with rows(data) as database:
        database.execute('UPDATE records SET flags=?, version=version+1 WHERE space=? AND id=?',
                         (state, PUBLICATION, bytes.fromhex(publication)))


def share_id(token):
    return hashlib.sha256(token.encode()).digest()[:16]


def share(data, token):
    """(flags, last day on which it opens, views that are left) of a link; None where there is no row."""
    with rows(data) as database:
        found = database.execute('SELECT flags, bytes FROM records WHERE space=? AND id=?', (SHARE, share_id(token))).fetchone()
    return found and (found[0], *struct.unpack('<iI', found[1][21:29]))


def set_share(data, token, flags=None, expires=None):
    with rows(data) as database:
        was, said = database.execute('SELECT flags, bytes FROM records WHERE space=? AND id=?', (SHARE, share_id(token))).fetchone()
        said = said if expires is None else said[:21] + struct.pack('<i', expires) + said[25:]
        database.execute('UPDATE records SET flags=?, bytes=?, version=version+1 WHERE space=? AND id=?',
                         (was if flags is None else flags, said, SHARE, share_id(token)))


def believe(data, day):
    """The last day that the clock was believed to say."""
    with rows(data) as database:
        database.execute("UPDATE settings SET value=? WHERE name='last day'", (struct.pack('<i', day),))
        assert database.execute('SELECT changes()').fetchone() == (1,)


def asked(data):
    """[(kind, what it is about, sealed words, whether it came by a link)] of what was asked for."""
    with rows(data) as database:
        found = database.execute('SELECT flags, bytes FROM records WHERE space=?', (ASKED,)).fetchall()
    return [(flags & 255, said[2:18], said[22:], bool(flags & 512)) for flags, said in found]


def read(path):
    with open(path, 'rb') as file:
        return file.read()


if __name__ == '__main__':
    folder, word, whole, smaller, *words = sys.argv[1:]
    print(add_publication(folder, copy=read(whole), small=read(smaller) if smaller else b'', kind={'jpg': JPEG, 'mp4': MP4}[word], says=words))

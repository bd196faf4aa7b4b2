#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing about a sender: markers planted in every header and field are nowhere afterwards.

usage: markers.py OILSKIN PAGES [--long]      (TAP; ends with `N passed, N failed, N skipped`)

Everything that could name a sender is sent with a marker of its own, by form, by tus, by the IETF's draft and by the API,
from an address that only the test uses. Then each marker is looked for, in each of its spellings, in the folder of the
data, in what the server says and in its figures. A second part compares what the disk keeps with true arrivals.
"""
import base64
import hashlib
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
sys.path[:0] = [TESTS, os.path.join(TESTS, 'serve')]
import tap  # noqa: E402 pylint: disable=wrong-import-position
from client import client_of, multipart, sample_photo  # noqa: E402 pylint: disable=wrong-import-position
from drop import Drop  # noqa: E402 pylint: disable=wrong-import-position

OILSKIN, PAGES = (os.path.abspath(word) for word in sys.argv[1:3])
LONG = '--long' in sys.argv
# Of this machine, and of nobody else who runs tests on it.
SOURCE = '127.91.83.7'
# What a browser, a proxy or a provider may say of who sends.
HEADERS = ('User-Agent', 'Referer', 'Cookie', 'From', 'Authorization', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Real-IP',
           'Forwarded', 'Via', 'True-Client-IP', 'CF-Connecting-IP', 'CF-IPCountry', 'X-Client-IP', 'X-Request-ID',
           'X-Requested-With', 'X-Device-ID', 'X-Wap-Profile', 'Accept-Language', 'Accept', 'Accept-Charset', 'DNT', 'Sec-GPC',
           'Sec-CH-UA', 'Sec-CH-UA-Model', 'Sec-CH-UA-Platform', 'Save-Data', 'Priority', 'Traceparent', 'Baggage',
           'Last-Event-ID', 'If-None-Match', 'If-Modified-Since', 'Pragma', 'Date', 'Tor-Circuit')


class Markers:
    """Words that stand nowhere else, and where each was planted."""

    def __init__(self):
        self.planted = {}

    def new(self, where):
        word = 'mk' + ''.join(random.SystemRandom().choices('abcdefghjkmnpqrstuvwxyz23456789', k=14))
        self.planted[word] = where
        return word

    def headers(self, how):
        # Languages are read: so the marker is one of them, behind one that is known.
        return [(name, ('ko-{0};q=0.9, x-{0};q=0.1' if name == 'Accept-Language' else '{0}').format(
            self.new(f'{how}: header {name}'))) for name in HEADERS]


def spellings(word):
    """A text as it is, in base64 wherever it begins there, in hexadecimal, in UTF-16."""
    raw = word.encode()
    yield raw
    yield raw.upper()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield word.encode('utf-16-le')
    for shift in range(3):
        text = base64.b64encode(b'\0' * shift + raw)
        # What depends on its neighbours is left out at both ends.
        yield text[0 if shift == 0 else 4:len(text) // 4 * 4 - 4]
        yield base64.urlsafe_b64encode(b'\0' * shift + raw)[0 if shift == 0 else 4:len(text) // 4 * 4 - 4]


def everything(folder):
    """{path: bytes} of each file below it, and the names of all as one text."""
    found, names = {}, []
    for top, folders, files in os.walk(folder):
        names += folders + files
        for name in files:
            path = os.path.join(top, name)
            try:
                with open(path, 'rb') as file:
                    # Room that is only kept free says nothing, and takes long to search.
                    found[os.path.relpath(path, folder)] = file.read().rstrip(b'\0')
            except FileNotFoundError:
                continue
    found['(names)'] = '\n'.join(names).encode()
    return found


def search(planted, places):
    """[what was planted, and where it was found]"""
    found = []
    for word, where in planted.items():
        for spelled in set(spellings(word)):
            found += [f'{where}: found in {place}' for place, data in places.items() if spelled in data]
    return found


def places_of(drop):
    """Everything that a drop leaves behind: data, a backup of it, what it said, its figures."""
    places = {'data/' + path: data for path, data in everything(drop.data).items()}
    copy = os.path.join(drop.folder, 'copy-' + os.urandom(4).hex())
    drop.run('store', 'backup', drop.data, copy)
    places.update({'backup/' + path: data for path, data in everything(copy).items()})
    for name in ('/metrics', '/healthz', '/readyz'):
        places[name] = drop.metrics.ask(name)[2]
    places['standard output'] = ''.join(drop.lines).encode()
    places['standard error'] = drop.said().encode()
    return places


# ---- sending with markers ----

def send_form(drop, markers, photo):
    client = client_of(drop, markers.headers('form'), SOURCE)
    action, receipt = client.form()
    action += '&ref=' + markers.new('form: query')
    fields = [('receipt', receipt), ('message', 'Seen from the bridge. ' + markers.new('form: message')),
              ('place', markers.new('form: place')), ('time', markers.new('form: time')), ('kind', 'scrub'),
              (markers.new('form: name of a field'), markers.new('form: unknown field'))]
    files = [(markers.new('form: name of a file') + '.jpg', 'image/jpeg', photo),
             ('IMG_2041.jpg', 'image/' + markers.new('form: media type'), photo[:-2] + b'\xff\xd9')]
    status, headers, body = client.submit(action, fields, files)
    assert status == 200, (status, body.decode()[:1500])
    assert 'set-cookie' not in headers, headers
    return receipt


def send_tus(drop, markers, photo):
    client = client_of(drop, markers.headers('tus'), SOURCE)
    address, got = client.tus_create(len(photo), [
        ('filename', markers.new('tus: filename')), ('filetype', markers.new('tus: filetype')),
        ('name', markers.new('tus: name')), (markers.new('tus: a key'), markers.new('tus: unknown key')), ('kind', 'scrub')])
    half = len(photo) // 2
    assert client.tus_patch(address, 0, photo[:half])[0] == 204
    status, headers, body = client.tus_patch(address, half, photo[half:])
    assert status in (200, 204), (status, body)
    assert 'oilskin-receipt' in got and 'set-cookie' not in headers, (got, headers)
    return address, got['oilskin-receipt']


def send_draft(drop, markers, photo):
    client = client_of(drop, markers.headers('draft'), SOURCE)
    status, headers, body = client.ask('POST', '/uploads/', photo, [
        ('Upload-Complete', '?1'), ('Content-Type', 'image/jpeg'),
        ('Content-Disposition', f'attachment; filename="{markers.new("draft: file name")}.jpg"')])
    assert status in (200, 201, 204), (status, body)
    return headers


def send_api(drop, markers, photo):
    plain = client_of(drop)
    _, receipt = plain.form()
    client = client_of(drop, markers.headers('api'), SOURCE)
    address, _ = client.tus_create(len(photo), [('receipt', receipt), ('attach', 'yes'), ('kind', 'original'),
                                                ('filename', markers.new('api: filename'))])
    assert client.tus_patch(address, 0, photo)[0] in (200, 204)
    status, draft = client.api('/api/drafts', {'receipt': receipt})
    assert status == 200 and len(draft['uploads']) == 1, draft
    status, answer = client.api('/api/submissions', {
        'receipt': receipt, 'message': markers.new('api: message'), 'place': markers.new('api: place'),
        'time': markers.new('api: time'), 'uploads': [draft['uploads'][0]['url']]})
    assert status == 200 and answer['received'] is True, answer
    status, answer = client.api('/api/receipts/answer', {'receipt': receipt, 'message': markers.new('api: answer')})
    assert status == 200, answer
    return receipt


def send_wrong(drop, markers):
    """What is refused leaves nothing either."""
    client = client_of(drop, markers.headers('refused'), SOURCE)
    for method, path in (('GET', '/' + markers.new('refused: path')), ('GET', '/?x=' + markers.new('refused: query')),
                         ('DELETE', '/uploads/' + markers.new('refused: upload')), ('PUT', '/'), ('POST', '/submit'),
                         ('POST', '/api/' + markers.new('refused: api'))):
        status, _, _ = client.ask(method, path, b'' if method != 'GET' else None)
        assert status < 500, (method, path, status)
    client.api('/api/receipts', {'receipt': markers.new('refused: receipt'), markers.new('refused: key'): 1})
    client.submit('/submit?slot=' + markers.new('refused: slot'),
                  [('receipt', markers.new('refused: receipt words')), ('message', markers.new('refused: message'))],
                  [(markers.new('refused: file name'), 'image/png', b'no picture')])
    # A sender who goes in the middle of it.
    connection = client_of(drop, source=SOURCE).connect()
    connection.putrequest('POST', '/submit')
    connection.putheader('User-Agent', markers.new('cut off: header'))
    connection.putheader('Content-Type', 'multipart/form-data; boundary=x')
    connection.putheader('Content-Length', '100000')
    connection.endheaders(f'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n{markers.new("cut off: text")}'.encode())
    time.sleep(0.3)
    connection.close()


def manifests(drop):
    """The manifests as a reader opens them."""
    rows = sqlite3.connect(f'file:{drop.data}/rows.db?mode=ro', uri=True)
    try:
        sealed = [row[0] for row in rows.execute('SELECT manifest FROM submissions')]
    finally:
        rows.close()
    out = []
    for number, data in enumerate(sealed):
        path = os.path.join(drop.folder, f'manifest-{number}')
        with open(path, 'wb') as file:
            file.write(data)
        out.append(subprocess.run([OILSKIN, 'unseal', '-i', drop.keys[1], '-o', '-', path], capture_output=True,
                                  check=True, timeout=60).stdout.decode('utf-8', 'replace'))
    return '\n'.join(out)


def test_nothing_that_names_a_sender_is_kept():
    markers, words = Markers(), []
    with tempfile.TemporaryDirectory(prefix='oilskin-markers-') as scratch, Drop(OILSKIN, PAGES, scratch) as drop:
        photo = sample_photo(OILSKIN, scratch)
        words.append(send_form(drop, markers, photo))
        address, words_of_tus = send_tus(drop, markers, photo)
        words.append(words_of_tus)
        send_draft(drop, markers, photo)
        words.append(send_api(drop, markers, photo))
        send_wrong(drop, markers)
        assert len(markers.planted) > 150, len(markers.planted)
        for when in ('while it runs', 'after it stopped'):
            places = places_of(drop) if when == 'while it runs' else {
                **everything(drop.data), 'standard error': drop.said().encode()}
            found = search(markers.planted, places)
            assert not found, (when, found[:8])
            found = [place for place, data in places.items() if SOURCE.encode() in data]
            found += [place for place, data in places.items() if 'rows.db' in place and bytes([127, 91, 83, 7]) in data]
            assert not found, ('the address', when, found)
            # Receipts and addresses of uploads are secrets that only the sender has.
            token = address.rsplit('/', 1)[1].encode()
            for secret in [token, *(text.encode() for text in words), *('-'.join(text.split()).encode() for text in words)]:
                assert not [place for place, data in places.items() if secret in data], (secret[:6], when)
            # No part of a picture lies there in the clear, and none of the texts that it hides.
            for part in (photo[at:at + 32] for at in range(0, len(photo) - 32, 1999)):
                assert len(set(part)) < 16 or not [p for p, data in places.items() if part in data], (photo.index(part), when)
            assert not [p for p, data in places.items() if b'KiteCam' in data or b'R. Example' in data], when
            if when == 'while it runs':
                check_that_it_would_be_found(drop, markers)
                drop.stop()


def check_that_it_would_be_found(drop, markers):
    """The same search finds what is there: in what a reader opens stand the texts, and no name of a file."""
    opened = manifests(drop)
    wanted = {word: where for word, where in markers.planted.items()
              if re.fullmatch('(form|api): (message|place|time)', where)}
    assert len(wanted) == 6
    missing = [where for word, where in wanted.items() if word not in opened]
    assert not missing, (missing, opened[:600])
    others = {word: where for word, where in markers.planted.items() if word not in wanted and not where.endswith('answer')}
    assert not search(others, {'a manifest': opened.encode()})
    assert SOURCE not in opened


# ---- receipts, as who watches the line sees them ----

def test_receipts_right_wrong_and_withdrawn_get_answers_of_one_size():
    """By the form and by the API, packed or not: status, headers and length are the same for each."""
    with tempfile.TemporaryDirectory(prefix='oilskin-markers-') as scratch, Drop(OILSKIN, PAGES, scratch) as drop:
        client = client_of(drop)
        words = {}
        for state in ('right', 'with an answer', 'begun', 'withdrawn', 'never used'):
            action, words[state] = client.form()
            if state in ('right', 'with an answer', 'withdrawn'):
                assert client.submit(action, [('receipt', words[state]), ('message', 'Seen from the bridge')])[0] == 200
        client.tus_create(100, [('receipt', words['begun']), ('attach', 'yes')])
        assert client.api('/api/receipts/answer', {'receipt': words['with an answer'], 'message': 'More ' * 300})[0] == 200
        assert client.api('/api/receipts/withdraw', {'receipt': words['withdrawn']})[0] == 200
        words['no words of ours'] = ' '.join(['zzzzz'] * 8)
        for packed in ((), (('Accept-Encoding', 'gzip, br'),)):
            seen = {}
            for state, receipt in words.items():
                media_type, body = multipart([('receipt', receipt)])
                seen[state] = outside(client.ask('POST', '/r', body, [('Content-Type', media_type), *packed]))
            assert len(set(seen.values())) == 1, seen
            del seen['no words of ours']
            for state in seen:
                body = json.dumps({'receipt': words[state]}).encode()
                seen[state] = outside(client.ask('POST', '/api/receipts', body, [('Content-Type', 'application/json'), *packed]))
            assert len(set(seen.values())) == 1, seen


def outside(answer):
    """What is seen of an answer without reading it."""
    status, headers, body = answer
    return status, tuple((name, len(value)) for name, value in headers.items()), len(body)


# ---- what the disk keeps, against true arrivals ----

def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    out = [0] * len(values)
    for rank, index in enumerate(order):
        out[index] = rank
    return out


def correlation(one, other):
    """Spearman's, of two rows without ties."""
    n = len(one)
    return 1 - 6 * sum((a - b) ** 2 for a, b in zip(ranks(one), ranks(other))) / (n * (n * n - 1))


def read_rows(drop, query):
    rows = sqlite3.connect(f'file:{drop.data}/rows.db?mode=ro', uri=True, timeout=20)
    try:
        return rows.execute(query).fetchall()
    finally:
        rows.close()


def tables(drop):
    return [name for name, in read_rows(drop, "SELECT name FROM sqlite_master WHERE type='table'")
            if not name.startswith('sqlite_')]


def blobs(drop):
    """{path: information} of all blobs."""
    folder = os.path.join(drop.data, 'blobs')
    return {os.path.join(top, name): os.stat(os.path.join(top, name)) for top, _, names in os.walk(folder) for name in names}


def padme(length):
    """https://lbarman.ch/blog/padme/: at most 12 % more."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    kept = exponent.bit_length()
    mask = (1 << (exponent - kept)) - 1
    return (length + mask) & ~mask


def send_many(drop, count):
    """[(submission's id, blob's digest, true length, second of arrival)] in the order of arrival."""
    client, seen, known, out = client_of(drop), set(), set(), []
    noise = random.Random(5)
    for _ in range(count):
        length = noise.randrange(2_000, 120_000)
        # Not a picture: kept as it came, so that the true length is known.
        address, _ = client.tus_create(length, [('kind', 'original')])
        status, _, body = client.tus_patch(address, 0, noise.randbytes(length))
        assert status in (200, 204), (status, body)
        arrived = time.time()
        row = {one for one, in read_rows(drop, 'SELECT id FROM submissions')} - seen
        blob = set(blobs(drop)) - known
        assert len(row) == len(blob) == 1, (len(row), len(blob))
        seen |= row
        known |= blob
        out.append((next(iter(row)), digest_of(next(iter(blob))), length, arrived))
    return out


def digest_of(path):
    """Without leaving a time of reading behind, which is looked at later."""
    with open(os.open(path, os.O_RDONLY | os.O_NOATIME), 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def digests(drop):
    """{digest: (path, information)} of all blobs."""
    out = {}
    for path, info in blobs(drop).items():
        out[digest_of(path)] = (path, info)
    return out


def test_what_the_disk_keeps_says_nothing_of_arrival():
    count = 400 if LONG else 150
    # Of so many in random order, this much is seen once in a million runs.
    bound = 4.9 / (count - 1) ** 0.5
    with tempfile.TemporaryDirectory(prefix='oilskin-markers-') as scratch, Drop(OILSKIN, PAGES, scratch) as drop:
        sent = send_many(drop, count)
        check_rows(drop, sent, bound)
        check_times(drop, sent)
        check_sizes(drop, sent)
        check_shuffle(drop, sent, bound)


def check_rows(drop, sent, bound):
    arrival = {row: number for number, (row, _, _, _) in enumerate(sent)}
    stored = [arrival[one] for one, in read_rows(drop, 'SELECT id FROM submissions')]
    assert len(stored) == len(sent)
    assert abs(correlation(stored, range(len(stored)))) < bound, correlation(stored, range(len(stored)))
    named = [arrival[one] for one in sorted(arrival)]
    assert abs(correlation(named, range(len(named)))) < bound
    for name, sql in read_rows(drop, "SELECT name, sql FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'"):
        assert 'WITHOUT ROWID' in sql.upper(), (name, sql)
        assert 'AUTOINCREMENT' not in sql.upper(), (name, sql)
    # No number in any row is a time: neither seconds, nor milliseconds, nor finer.
    now = time.time()
    for name in tables(drop):
        for row in read_rows(drop, f'SELECT * FROM {name}'):
            for value in row:
                for unit in (1, 1e3, 1e6, 1e9):
                    assert not (isinstance(value, (int, float)) and abs(value / unit - now) < 400 * 86400), (name, value)


def check_times(drop, sent):
    days = {int(arrived) // 86400 * 86400 for _, _, _, arrived in sent}
    for path, info in blobs(drop).items():
        for when in (info.st_mtime_ns, info.st_atime_ns):
            assert when % 10**9 == 0 and when // 10**9 in days, (path, when)


def check_sizes(drop, sent):
    kept = digests(drop)
    sealed = {}
    for _, digest, length, _ in sent:
        sealed.setdefault(padme(length), set()).add(kept[digest][1].st_size)
    assert all(len(sizes) == 1 for sizes in sealed.values()), {k: v for k, v in sealed.items() if len(v) > 1}
    lengths = {length for _, _, length, _ in sent}
    assert len(sealed) < len(lengths) / 2, (len(sealed), len(lengths))
    # What sealing adds is the same for one class, and padding is within what Padme promises.
    for padded, sizes in sealed.items():
        chunks = max(1, -(-padded // 65536))
        assert 0 < next(iter(sizes)) - padded - 16 * chunks < 1000, (padded, sizes)


def check_shuffle(drop, sent, bound):
    """Inode numbers and change times tell the order until then; that is why there is a shuffle."""
    kept = digests(drop)
    before = [kept[digest][1].st_ctime_ns for _, digest, _, _ in sent]
    assert correlation(before, range(len(before))) > 0.99, 'the kernel forgets times here: nothing is proven'
    drop.run('store', 'shuffle', drop.data, '--day', time.strftime('%Y-%m-%d', time.gmtime(sent[0][3])))
    shuffled = digests(drop)
    assert set(shuffled) == set(kept)
    paths = {path for path, _ in shuffled.values()} & {path for path, _ in kept.values()}
    assert not paths, (len(paths), 'kept their names')
    for what in ('st_ctime_ns', 'st_ino'):
        after = [getattr(shuffled[digest][1], what) for _, digest, _, _ in sent]
        assert abs(correlation(after, range(len(after)))) < bound, (what, correlation(after, range(len(after))))
    check_times(drop, sent)


sys.exit(tap.run(globals()))

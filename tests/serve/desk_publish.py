#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a clean copy to what everybody sees, by raw requests to a desk that runs: what a page would do, and what one does that
was changed to send what no page sends.

usage: desk_publish.py OILSKIN PAGES [--long]
"""
import hashlib
import http.client
import io
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE, os.path.join(os.path.dirname(HERE), 'fault')]
import tap  # noqa: E402  pylint: disable=wrong-import-position
from client import client_of  # noqa: E402  pylint: disable=wrong-import-position
from memory_search import found_in  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, PAGES, PASSPHRASE, Page, come_in, make_key, opened, picture, sealed_to, send, upload  # noqa: E402  pylint: disable=wrong-import-position

LONG = '--long' in sys.argv
SECRET = b'CANARY-the-second-window'
NOBODY = '0' * 32
MIB = 1 << 20
PUBLISHES = '\n[publish]\nalbums = yes\nfile_max_mib = 8\n'


class Publisher(Page):
    """A page that can also send copies; nothing of it is checked before the server does."""

    def raw(self, method, path, body=None, headers=()):
        """(status, {header: value}, bytes). None as a header takes it away."""
        host = f'127.0.0.1:{self.port}'
        sent = {'Cookie': '; '.join(f'{k}={v}' for k, v in self.cookies.items())}
        if method == 'POST':
            sent.update({'Origin': 'http://' + host, 'Content-Type': 'application/octet-stream', 'Oilskin-Token': self.token})
        sent.update(headers)
        connection = http.client.HTTPConnection(host, timeout=120)
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value is not None})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def copy(self, body, code=200):
        status, _, said = self.raw('POST', '/copies', body)
        assert status == code, (status, said[:300])
        return json.loads(said)

    def publish(self, copy, of, code=200, **more):
        keys = [one['age'] for one in self.get('/api/me')['recipients']]
        return self.post('/api/publications', {'copy': copy, 'areas': 2, 'provenance': sealed_to(keys), **of, **more}, code)


def publishing(more=''):
    return opened(PUBLISHES + more)


def another(page, drop, name, role):
    """Somebody else at the desk, logged in."""
    link = page.post('/api/reviewers', {'do': 'invite', 'role': role})['link']
    other = Publisher(page.port)
    other.post('/api/join', {'link': link, 'name': name, 'passphrase': PASSPHRASE, 'recipient': make_key(drop, name)})
    return other


def source(drop, page):
    """What a copy is made of: {submission, file} of an original that was just sent."""
    send(drop, SECRET.decode(), ('second-window.jpg', marked(picture(7, 90))))
    return latest(drop, page)


def latest(drop, page):
    """The file of the newest submission, once the server is done with it."""
    until = time.time() + 60
    while True:
        rows = page.get('/api/queue?view=all')['rows']
        rows = [row for row in rows if row['looked'] and row['representative']['file']]
        if rows and on_disk(drop)[1] == 0:
            return {name: rows[0]['representative'][name] for name in ('submission', 'file')}
        assert time.time() < until, drop.said()
        time.sleep(0.1)


def marked(jpeg):
    """With a comment behind its first marker."""
    return jpeg[:2] + b'\xff\xfe' + struct.pack('>H', len(SECRET) + 2) + SECRET + jpeg[2:]


def scrubbed(data, ending='.jpg'):
    folder = tempfile.mkdtemp(dir=FOLDER)
    for name, bytes_ in (('in' + ending, data),):
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(bytes_)
    out = os.path.join(folder, 'out' + ending)
    subprocess.run([OILSKIN, 'scrub', os.path.join(folder, 'in' + ending), '-o', out], check=True, capture_output=True)
    with open(out, 'rb') as file:
        return file.read()


def converted(*words):
    return subprocess.run(['convert', *words], check=True, capture_output=True).stdout


CLEAN = scrubbed(picture(7, 90))


def on_disk(drop):
    """Bytes of blobs with a name, and of files without one that the server holds open."""
    named = sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(os.path.join(drop.data, 'blobs')) for name in names)
    held, folder = 0, f'/proc/{drop.process.pid}/fd'
    for fd in os.listdir(folder):
        try:
            if os.readlink(f'{folder}/{fd}').startswith(os.path.join(drop.data, '')) and 'deleted' in os.readlink(f'{folder}/{fd}'):
                held += os.stat(f'{folder}/{fd}').st_size
        except FileNotFoundError:
            pass
    return named, held


def settled(drop, expected):
    """A request's end comes shortly behind its answer."""
    until = time.time() + 10
    while on_disk(drop) != expected:
        assert time.time() < until, (on_disk(drop), expected)
        time.sleep(0.05)


def at_once(*deeds):
    """What each of them returns, begun at the same moment."""
    got, barrier = [None] * len(deeds), threading.Barrier(len(deeds))

    def run(number):
        barrier.wait()
        got[number] = deeds[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(deeds))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return got


# ---- what is taken ----

def test_a_clean_copy_is_shown_as_it_will_be_and_then_is_public():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        of = source(drop, page)
        album = page.post('/api/albums', {'title': 'March', 'language': 'en'})['album']
        copy = page.copy(CLEAN)
        assert (copy['sha256'], copy['kind'], copy['copy_len']) == (hashlib.sha256(CLEAN).hexdigest(), 'jpeg', len(CLEAN)), copy
        assert (copy['width'], copy['height'], copy['moves'], copy['duration_ms'], copy['renditions']) == (800, 600, False, 0, 1), copy
        status, headers, shown = page.raw('GET', '/copies/' + copy['copy'])
        assert (status, headers['content-type'], shown) == (200, 'image/jpeg', CLEAN)
        assert 'no-store' in headers['cache-control'] and "default-src 'none'" in headers['content-security-policy'], headers
        status, headers, part = page.raw('GET', '/copies/' + copy['copy'], headers={'Range': 'bytes=10-29'})
        assert (status, headers['content-range'], part) == (206, f'bytes 10-29/{len(CLEAN)}', CLEAN[10:30])
        small = page.raw('GET', f"/copies/{copy['copy']}/1")[2]
        assert small[:3] == b'\xff\xd8\xff' and len(small) < len(CLEAN)
        for name in ('/2', '/0', '/11', '/', '/x', '/1/'):
            assert page.raw('GET', '/copies/' + copy['copy'] + name)[0] == 404, name
        made = page.publish(copy['copy'], of, album=album, caption='Two at a stop.', alt='Two people', areas=3)
        assert made['state'] == 'public' and made['areas'] == 3 and made['maker'] == 'anna' and made['second'] is None, made
        assert page.raw('GET', '/copies/' + made['publication'])[2] == CLEAN
        assert page.raw('GET', f"/copies/{made['publication']}/1")[2] == small
        public = client_of(drop)
        assert public.ask('GET', '/a/f/' + made['publication'])[2] == CLEAN
        assert public.ask('GET', f"/a/f/{made['publication']}/1")[2] == small
        assert b'Two at a stop.' in public.ask('GET', f"/a/{album}/{made['publication']}")[2]
        assert page.get('/api/albums')['albums'][0]['count'] == 1
        nothing_leads_back(drop, page, of, made)


def filmed(*codings, ending='.mp4'):
    """A second in the dark, and one that shows something; scrubbed."""
    out = os.path.join(tempfile.mkdtemp(dir=FOLDER), 'film' + ending)
    subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-f', 'lavfi', '-i',
                    'color=black:size=800x450:rate=10:duration=1[a];testsrc2=size=800x450:rate=10:duration=1[b];[a][b]concat=n=2',
                    '-f', 'lavfi', '-i', 'sine=duration=2', '-threads', '1', *codings, out], check=True)
    with open(out, 'rb') as file:
        return scrubbed(file.read(), ending)


H264 = ('-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p')


def test_a_video_has_a_frame_that_comes_and_goes_with_it():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        of = source(drop, page)
        album = page.post('/api/albums', {'title': 'March', 'language': 'en'})['album']
        copy = page.copy(filmed(*H264, '-c:a', 'aac'))
        assert (copy['kind'], copy['moves'], copy['renditions'], copy['unplayed_picture'], copy['unplayed_sound']) == ('mp4', True, 2, None, None), copy
        frames = [page.raw('GET', f"/copies/{copy['copy']}/{number}")[2] for number in (1, 2)]
        for frame, size in zip(frames, ('480x270', '800x450')):
            seen = subprocess.run(['identify', '-format', '%wx%h %[fx:mean]', '-'], input=frame, check=True, capture_output=True).stdout.decode().split()
            assert seen[0] == size and float(seen[1]) > 0.2, seen
        made = page.publish(copy['copy'], of, album=album)
        public = client_of(drop)
        assert f"poster=\"/a/f/{made['publication']}/2\"".encode() in public.ask('GET', f"/a/{album}/{made['publication']}")[2]
        assert [page.raw('GET', f"/copies/{made['publication']}/{number}")[2] for number in (1, 2)] == frames
        paths = [f"/a/f/{made['publication']}/{number}" for number in (1, 2)]
        assert [public.ask('GET', path)[2] for path in paths] == frames
        for state, code in (('hide', 404), ('show', 200), ('withdraw', 410)):
            made = page.post('/api/publications/change', {'publication': made['publication'], 'version': made['version'], 'state': state})
            assert [public.ask('GET', path)[0] for path in paths] == [code, code], state
        assert page.raw('GET', f"/copies/{made['publication']}/1")[0] == 404


def test_who_publishes_is_told_what_not_every_browser_plays():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        of = source(drop, page)
        for codings, ending, told in ((('-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:pools=1', '-c:a', 'aac'), '.mp4', ('hevc', None)),
                                      ((*H264, '-c:a', 'alac'), '.mov', (None, 'alac'))):
            copy = page.copy(filmed(*codings, ending=ending))
            assert (copy['unplayed_picture'], copy['unplayed_sound']) == told, copy
            refused = page.publish(copy['copy'], of, 400)
            assert refused['error'] == 'Not every browser plays this video' and 'H.264' in refused['next'], refused
            assert not page.get('/api/publications')['publications'] or told == (None, 'alac')
            # It is still there.
            assert page.publish(copy['copy'], of, confirmed_unplayed=True)['state'] == 'unlisted'


def nothing_leads_back(drop, page, of, made):
    """All that the public can ask for, and all that the audit chain says of it."""
    public, album = client_of(drop), made['album']
    said = [public.ask('GET', path) for path in ('/a/', f'/a/{album}', f"/a/{album}/{made['publication']}", f'/a/{album}/feed',
                                                 f"/a/f/{made['publication']}", f"/a/f/{made['publication']}/1")]
    assert all(status == 200 for status, _, _ in said), [status for status, _, _ in said]
    everything = b'\n'.join(body + repr(headers).encode() for _, headers, body in said)
    original = hashlib.sha256(marked(picture(7, 90))).hexdigest().encode()
    for secret in (SECRET, b'second-window', b'anna', of['submission'].encode(), of['file'].encode(), original):
        assert secret not in everything, secret
    entries = [json.loads(one['text']) for one in page.get('/api/audit')['entries']]
    publish = [one for one in entries if one['did'] == 'publish']
    assert [set(one['about']) for one in publish] == [{'publication', 'copy', 'areas'}], publish
    assert publish[0]['about'] == {'publication': made['publication'], 'copy': made['sha256'], 'areas': 3}, publish
    provenance = page.get('/api/publications?submission=' + of['submission'])['publications']
    assert [one['publication'] for one in provenance] == [made['publication']] and len(provenance[0]['provenance']) > 100, provenance


def test_each_kind_that_a_browser_shows_can_be_public():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        kinds = [('png', '.png', converted('-size', '600x500', 'plasma:red-blue', 'png:-')),
                 ('webp', '.webp', converted('-size', '600x500', 'gradient:red-blue', 'webp:-')),
                 ('gif', '.gif', converted('-size', '60x50', '-delay', '20', 'xc:red', 'xc:blue', '-loop', '0', 'gif:-'))]
        folder = tempfile.mkdtemp(dir=FOLDER)
        for kind, codecs in (('mp4', ('-c:v', 'libx264', '-pix_fmt', 'yuv420p')), ('webm', ('-c:v', 'libvpx', '-deadline', 'realtime'))):
            path = os.path.join(folder, 'film.' + kind)
            subprocess.run(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10:duration=1', *codecs, path], check=True)
            with open(path, 'rb') as file:
                kinds.append((kind, '.' + kind, file.read()))
        for kind, ending, data in kinds:
            clean = scrubbed(data, ending)
            copy = page.copy(clean)
            assert (copy['kind'], copy['sha256']) == (kind, hashlib.sha256(clean).hexdigest()), copy
            assert copy['moves'] == (kind in ('gif', 'mp4', 'webm')) and (copy['duration_ms'] > 0) == copy['moves'], copy
            assert page.raw('GET', '/copies/' + copy['copy'])[2] == clean


# ---- what is not ----

def png(width, height, rows, *more):
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) +
            b''.join(chunk(*one) for one in more) + chunk(b'IDAT', rows) + chunk(b'IEND', b''))


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as file:
        file.writestr('a.html', '<script>alert(1)</script>')
    return out.getvalue()


def unclean():
    """What a page that was changed might send."""
    html = b'<!doctype html><script>alert(1)</script>'
    rgb = zlib.compress(bytes(600 * (1 + 1800)))
    frame = b'\x21\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00'
    return {
        'a comment': marked(CLEAN),
        'words behind it': CLEAN + SECRET,
        'an archive behind it': CLEAN + archive(),
        'an archive in a comment': CLEAN[:2] + b'\xff\xfe' + struct.pack('>H', len(archive()) + 2) + archive() + CLEAN[2:],
        'a script in front': b'<?php system($_GET["c"]); ?>' + CLEAN,
        'cut off': CLEAN[:-2000],
        'HTML': html,
        'HTML that begins as a picture': b'GIF89a/*' + html + b'*/',
        'SVG': b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        'PDF': b'%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n',
        'a format that few browsers show': converted('-size', '60x50', 'xc:red', 'bmp:-'),
        'a text in a PNG': png(600, 600, rgb, (b'tEXt', b'Comment\0' + SECRET)),
        'a PNG of 2.5 thousand million pixels': png(50000, 50000, zlib.compress(bytes(MIB))),
        'a PNG that unpacks to more than it shows': png(60, 60, zlib.compress(bytes(200 * MIB), 9)),
        'a GIF of half a million frames': b'GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff' + frame * (MIB // 4) + b';',
        'an archive': archive(),
        'one byte': b'\xff',
        'noise': os.urandom(50000),
    }


def test_a_page_that_was_changed_publishes_nothing_unclean_and_leaves_nothing():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        of = source(drop, page)
        before = on_disk(drop)
        for what, body in unclean().items():
            began = time.time()
            status, _, said = page.raw('POST', '/copies', body)
            assert status == 422, (what, status, said[:200])
            said = json.loads(said)
            assert said['error'] and {'part', 'offset'} <= set(said) and 'copy' not in said, (what, said)
            assert SECRET.decode() not in json.dumps(said), (what, said)
            assert time.time() - began < 60, what
        settled(drop, before)
        assert page.get('/api/publications')['publications'] == []
        # Nor by the name of what was never there, or is a file of the drop.
        for name in (NOBODY, of['file'], of['submission'], 'x', ''):
            page.publish(name, of, code=404 if len(name) == 32 else 400)


def test_no_planted_file_is_taken():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        folder = tempfile.mkdtemp(dir=FOLDER)
        plant = os.path.join(os.path.dirname(HERE), 'planted', 'plant.py')
        # WebM is among what is planted in Matroska; MOV among what is planted in MP4.
        formats = ('jpg', 'png', 'apng', 'webp', 'gif', 'mp4', 'mkv')
        subprocess.run([sys.executable, plant, folder, *(word for one in formats for word in ('--only', one))], check=True, capture_output=True)
        with open(os.path.join(folder, 'manifest.json'), encoding='utf-8') as file:
            rows = [row for row in json.load(file)['files'] if row['place'] != 'none' and row['expect'] != 'named-limit']
        webm, mov = ([row for row in rows if row['file'].endswith(ending)] for ending in ('.webm', '.mov'))
        rows = [row for row in rows if row['format'] != 'mkv' and row not in mov]
        assert len(rows) > 600 and len(webm) > 25 and len(mov) > 10, (len(rows), len(webm), len(mov))
        planted_in = {word for row in webm for word in row['place'].split('-')}
        assert {'tag', 'attachment', 'chapter', 'title', 'track', 'segment', 'cluster', 'trailer'} <= planted_in, planted_in
        before, taken = on_disk(drop), []
        for row in webm + mov + rows if LONG else webm[::2] + mov[::4] + rows[::29]:
            with open(os.path.join(folder, row['file']), 'rb') as file:
                status, _, said = page.raw('POST', '/copies', file.read())
            assert status in (200, 422), (row['file'], status, said[:200])
            taken += [row['file']] if status == 200 else []
        assert not taken, taken
        settled(drop, before)


def test_of_a_film_that_told_much_nothing_is_public_but_what_is_seen():
    with publishing() as drop:
        page, public, folder = come_in(drop, Publisher), client_of(drop), tempfile.mkdtemp(dir=FOLDER)
        plant = os.path.join(os.path.dirname(HERE), 'planted')
        subprocess.run([sys.executable, os.path.join(plant, 'plant.py'), folder, '--only', 'mkv', '--only', 'mp4'], check=True, capture_output=True)
        sys.path.append(plant)
        from seek import find  # pylint: disable=import-outside-toplevel,import-error
        with open(os.path.join(folder, 'manifest.json'), encoding='utf-8') as file:
            rows = {row['file']: row for row in json.load(file)['files']}
        of = source(drop, page)
        album = page.post('/api/albums', {'title': 'March', 'language': 'en'})['album']
        for name in ('mkv-tag-string-webm.webm', 'mkv-attachment-webm.webm', 'mkv-chapter-late-webm.webm', 'mkv-track-name-sound-webm.webm',
                     'mp4-keys-android.mov', 'mp4-udta-qt-xyz.mp4', 'mp4-chapters.mov'):
            row, ending = rows[name], os.path.splitext(name)[1]
            secret = bytes.fromhex(row['secret'])
            with open(os.path.join(folder, name), 'rb') as file:
                told = file.read()
            assert find(told, secret, row['how']) and page.raw('POST', '/copies', told)[0] == 422, name
            clean = scrubbed(told, ending)
            made = page.publish(page.copy(clean)['copy'], of, album=album)['publication']
            shown = [public.ask('GET', path) for path in (f'/a/f/{made}', f'/a/f/{made}?save=yes', f'/a/{album}/{made}', f'/a/{album}/feed')]
            assert [status for status, _, _ in shown] == [200] * 4 and shown[0][2] == clean, (name, [status for status, _, _ in shown])
            for _, headers, body in shown:
                assert not find(body + repr(headers).encode(), secret, row['how']), name


def test_a_copy_comes_as_the_page_of_a_publisher_sends_it():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        for code, headers in ((415, {'Content-Type': 'image/jpeg'}), (415, {'Content-Type': 'multipart/form-data; boundary=x'}),
                              (403, {'Origin': 'https://evil.example'}), (403, {'Origin': None}), (403, {'Oilskin-Token': NOBODY}),
                              (401, {'Cookie': 'oilskin-desk=' + NOBODY})):
            assert page.raw('POST', '/copies', CLEAN, headers)[0] == code, headers
        assert page.raw('POST', '/copies', iter([CLEAN]), {'Transfer-Encoding': 'chunked'})[0] == 411
        assert page.raw('POST', '/copies', b'')[0] == 400
        assert page.raw('POST', '/copies', None, {'Content-Length': str(8 * MIB + 1)})[0] == 413
        reviewer = another(page, drop, 'rosa', 'reviewer')
        assert reviewer.raw('POST', '/copies', CLEAN)[0] == 403
        reviewer.publish(NOBODY, {'submission': NOBODY, 'file': NOBODY}, code=403)
    with opened() as drop:
        page = come_in(drop, Publisher)
        assert page.raw('POST', '/copies', CLEAN)[0] == 409
        assert 'publish' not in page.get('/api/me')


def broken_off(page, body):
    connection = http.client.HTTPConnection(f'127.0.0.1:{page.port}', timeout=60)
    connection.putrequest('POST', '/copies')
    for name, value in {'Cookie': f"oilskin-desk={page.cookies['oilskin-desk']}", 'Origin': f'http://127.0.0.1:{page.port}',
                        'Content-Type': 'application/octet-stream', 'Oilskin-Token': page.token, 'Content-Length': str(4 * MIB)}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    time.sleep(0.1)
    connection.close()


def test_a_copy_that_breaks_off_leaves_nothing():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        before = on_disk(drop)
        for _ in range(6):
            broken_off(page, CLEAN)
        settled(drop, before)
        page.copy(CLEAN)


def test_an_original_that_was_sent_by_mistake_is_left_nowhere():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        assert page.raw('POST', '/copies', marked(CLEAN))[0] == 422
        broken_off(page, marked(CLEAN))
        settled(drop, on_disk(drop)[:1] + (0,))
        for at, _, names in os.walk(drop.data):
            for name in names:
                with open(os.path.join(at, name), 'rb') as file:
                    assert SECRET not in file.read(), name
        needles, until = {'all of it': SECRET, 'half of it': SECRET[:14]}, time.time() + 15
        while (found := found_in(drop.process.pid, needles)) and time.time() < until:
            time.sleep(0.5)
        assert not found, found


# ---- what is said of it ----

def test_what_is_published_is_said_twice_and_checked():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        of, other = source(drop, page), source(drop, page)
        copy = page.copy(CLEAN)['copy']
        keys = [one['age'] for one in page.get('/api/me')['recipients']]
        found = page.publish(copy, of, caption='Ask @anna or +41 44 123 45 67', alt='x@example.org', code=409)['findings']
        assert [(one['field'], one['kind']) for one in found] == [('caption', 'handle'), ('caption', 'phone'), ('alt', 'email')], found
        page.publish(copy, of, areas=0, code=400)
        page.publish(copy, of, areas=-1, code=400)
        page.publish(copy, of, areas='2', code=400)
        page.publish(copy, of, caption='x' * 2001, code=400)
        page.publish(copy, of, warning='two\nlines', code=400)
        page.publish(copy, of, album=NOBODY, code=404)
        page.publish(copy, {**of, 'submission': NOBODY}, code=404)
        page.publish(copy, {**of, 'file': NOBODY}, code=404)
        page.publish(copy, {**of, 'provenance': None}, code=400)
        page.publish(copy, {**of, 'provenance': sealed_to(keys[:1])}, code=400)
        page.publish(copy, {**of, 'provenance': sealed_to(keys, 200000)}, code=413)
        assert page.get('/api/publications')['publications'] == []
        if other['submission'] != of['submission']:
            page.publish(copy, {**of, 'file': other['file']}, code=404)
        made = page.publish(copy, of, areas=0, confirmed_none=True, caption='Ask @anna', words_checked=True)
        assert made['state'] == 'unlisted' and made['areas'] == 0 and made['caption'] == 'Ask @anna', made
        page.publish(copy, of, code=404)


def test_of_two_who_publish_one_copy_one_does():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        of = source(drop, page)
        copy = page.copy(CLEAN)['copy']
        keys = [one['age'] for one in page.get('/api/me')['recipients']]
        body = json.dumps({'copy': copy, 'areas': 1, 'provenance': sealed_to(keys), **of})
        deed = lambda: page.raw('POST', '/api/publications', body, {'Content-Type': 'application/json'})[0]  # noqa: E731
        assert sorted(at_once(*[deed] * 8)) == [200] + [404] * 7
        assert page.get('/api/publications')['counts']['unlisted'] == 1


# ---- a second person ----

def test_nothing_is_public_before_a_second_person_has_seen_it():
    with publishing('second_person = yes\n') as drop:
        anna = come_in(drop, Publisher)
        of = source(drop, anna)
        album = anna.post('/api/albums', {'title': 'March', 'language': 'en'})['album']
        made = anna.publish(anna.copy(CLEAN)['copy'], of, album=album)
        # Somebody who words it without a look at it is not the second one who looked.
        bert = another(anna, drop, 'bert', 'publisher')
        said = bert.post('/api/publications/change', {'publication': made['publication'], 'version': 1, 'caption': 'One.'}, code=409)
        assert 'who made it' in said['error'], said
        bert.post('/api/albums', {'album': album, 'version': 1, 'state': 'open'})
        name, public = {'publication': made['publication']}, client_of(drop)
        assert made['state'] == 'waiting' and anna.get('/api/me')['publish']['second_person']
        assert anna.get('/api/digest')['waiting'] == 1
        now = lambda: {**name, 'version': anna.get('/api/publications?publication=' + made['publication'])['publications'][0]['version']}  # noqa: E731
        assert public.ask('GET', '/a/f/' + made['publication'])[0] == 404
        rosa = another(anna, drop, 'rosa', 'reviewer')
        anna.post('/api/publications/approve', now(), code=409)
        rosa.post('/api/publications/approve', now(), code=403)
        for deed in ('show', 'hide'):
            anna.post('/api/publications/change', {**name, 'state': deed}, code=409)
        assert bert.raw('GET', '/copies/' + made['publication'])[2] == CLEAN
        anna.post('/api/publications/approve', name, code=400)
        done = bert.post('/api/publications/approve', now())
        assert (done['state'], done['maker'], done['second']) == ('public', 'anna', 'bert'), done
        assert public.ask('GET', '/a/f/' + made['publication'])[2] == CLEAN
        # Who changes it afterwards is the one who must be seconded.
        assert bert.post('/api/publications/change', {**now(), 'caption': 'Two.'})['state'] == 'waiting'
        assert public.ask('GET', '/a/f/' + made['publication'])[0] == 404
        seen = now()
        assert bert.post('/api/publications/change', {**now(), 'caption': 'Three.'})['state'] == 'waiting'
        bert.post('/api/publications/approve', now(), code=409)
        # What was seen is not what is there any more.
        anna.post('/api/publications/approve', seen, code=409)
        assert anna.post('/api/publications/approve', now())['state'] == 'public'
        deeds = [json.loads(one['text'])['did'] for one in anna.get('/api/audit')['entries']]
        assert [one for one in deeds if one.startswith('publish')] == ['publish', 'publish-approve', 'publish-change', 'publish-change', 'publish-approve'], deeds


def test_what_stands_above_an_album_is_read_by_two():
    with publishing('second_person = yes\n') as drop:
        anna = come_in(drop, Publisher)
        bert, public = another(anna, drop, 'bert', 'publisher'), client_of(drop)
        album = anna.post('/api/albums', {'title': 'March', 'warning': 'Blood.', 'language': 'en', 'state': 'open'})
        name, path = {'album': album['album']}, '/a/' + album['album']
        assert (album['state'], album['for_another']) == ('hidden', True) and public.ask('GET', path)[0] == 404
        anna.post('/api/albums', {**name, 'version': 1, 'state': 'open'}, code=409)
        bert.post('/api/albums', {**name, 'state': 'open'}, code=400)
        done = bert.post('/api/albums', {**name, 'version': 1, 'state': 'open'})
        assert (done['state'], done['for_another']) == ('open', False) and b'March' in public.ask('GET', path)[2]
        # It was read by both: either may hide it and show it again.
        anna.post('/api/albums', {**name, 'state': 'hidden'})
        assert anna.post('/api/albums', {**name, 'version': 3, 'state': 'open'})['state'] == 'open'
        for words in ({'title': 'CANARYTITLE'}, {'warning': ''}):
            version = [one for one in bert.get('/api/albums')['albums']][0]['version']
            changed = bert.post('/api/albums', {**name, 'version': version, **words})
            assert changed['state'] == 'hidden' and public.ask('GET', path)[0] == 404
            bert.post('/api/albums', {**name, 'version': version + 1, 'state': 'open'}, code=409)
            bert.post('/api/albums', {**name, 'version': version + 1, **words, 'state': 'open'})
            assert public.ask('GET', path)[0] == 404
            # What was read is not what is there any more.
            anna.post('/api/albums', {**name, 'version': version + 1, 'state': 'open'}, code=409)
            anna.post('/api/albums', {**name, 'version': version + 2, 'state': 'open'})
            assert public.ask('GET', path)[0] == 200
        changed = [json.loads(one['text'])['about'].get('changed') for one in anna.get('/api/audit')['entries'] if json.loads(one['text'])['did'] == 'album']
        assert changed[0] == ['title', 'warning', 'language'] and ['title'] in changed and ['warning'] in changed, changed


def test_words_that_were_taken_out_are_nowhere_in_the_store():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        of = source(drop, page)
        made = page.publish(page.copy(CLEAN)['copy'], of, caption='CANARYCAPTION')
        album = page.post('/api/albums', {'title': 'CANARYTITLE', 'language': 'en'})['album']
        held = lambda: [one for one in (b'CANARYCAPTION', b'CANARYTITLE') for path in pathlib.Path(drop.data).glob('rows.db*')  # noqa: E731
                        if one in path.read_bytes()]
        assert set(held()) == {b'CANARYCAPTION', b'CANARYTITLE'}
        page.post('/api/publications/change', {'publication': made['publication'], 'version': 1, 'caption': 'A street.'})
        page.post('/api/albums', {'album': album, 'version': 1, 'title': 'March'})
        assert held() == []


def test_nobody_approves_what_its_sender_took_back_before():
    with publishing('second_person = yes\n') as drop:
        anna = come_in(drop, Publisher)
        bert = another(anna, drop, 'bert', 'publisher')
        sent = upload(drop, [marked(picture(7, 90))])
        receipt = drop.api('/api/submissions', {'message': 'Look.', 'uploads': [sent]})['receipt']
        of = latest(drop, anna)
        made = [anna.publish(anna.copy(CLEAN)['copy'], of)['publication'] for _ in range(2)]
        bert.post('/api/publications/approve', {'publication': made[0], 'version': 1})
        drop.api('/api/receipts/withdraw', {'receipt': receipt})
        said = bert.post('/api/publications/approve', {'publication': made[1], 'version': 1}, code=409)
        assert 'taken back' in said['error'], said
        # What was public before stays, and may be worded anew.
        again = {'publication': made[0], 'version': bert.post('/api/publications/change', {
            'publication': made[0], 'version': 2, 'caption': 'Two.'})['version']}
        assert anna.post('/api/publications/approve', again)['state'] == 'unlisted'
        assert anna.post('/api/publications/change', {'publication': made[1], 'state': 'withdraw'})['state'] == 'withdrawn'


def test_who_approves_and_who_withdraws_at_once_leave_nothing_public():
    with publishing('second_person = yes\n') as drop:
        anna = come_in(drop, Publisher)
        of = source(drop, anna)
        bert = another(anna, drop, 'bert', 'publisher')
        before = on_disk(drop)[0]
        for _ in range(6):
            made = anna.publish(anna.copy(CLEAN)['copy'], of)
            name = {'publication': made['publication']}
            json_ = {'Content-Type': 'application/json'}
            ask = lambda who, path, what, name=name: who.raw('POST', path, json.dumps({**name, **what}), json_)[0]  # noqa: E731
            approved, withdrawn, again = at_once(lambda ask=ask: ask(bert, '/api/publications/approve', {'version': 1}),
                                                 lambda ask=ask: ask(anna, '/api/publications/change', {'state': 'withdraw'}),
                                                 lambda ask=ask: ask(bert, '/api/publications/change', {'state': 'withdraw'}))
            assert {approved, withdrawn, again} <= {200, 409} and 200 in (approved, withdrawn, again), (approved, withdrawn, again)
            if 200 not in (withdrawn, again):
                anna.post('/api/publications/change', {**name, 'state': 'withdraw'})
            assert anna.raw('GET', '/copies/' + made['publication'])[0] == 404
        assert anna.get('/api/publications')['counts'] == {'waiting': 0, 'public': 0, 'unlisted': 0, 'hidden': 0, 'withdrawn': 6}
        settled(drop, (before, 0))


# ---- copies that wait ----

def test_a_copy_waits_for_its_own_reviewer_and_goes_with_the_session():
    with publishing() as drop:
        anna = come_in(drop, Publisher)
        of = source(drop, anna)
        bert = another(anna, drop, 'bert', 'publisher')
        before = on_disk(drop)
        copies = [anna.copy(CLEAN)['copy'] for _ in range(5)]
        assert [anna.raw('GET', '/copies/' + one)[0] for one in copies] == [404, 200, 200, 200, 200]
        assert on_disk(drop)[1] >= 4 * len(CLEAN) and on_disk(drop)[0] == before[0]
        assert bert.raw('GET', '/copies/' + copies[4])[0] == 404
        bert.publish(copies[4], of, code=404)
        anna.post('/api/logout', {})
        settled(drop, before)
        anna.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})
        assert anna.raw('GET', '/copies/' + copies[4])[0] == 404
        # Nor does one outlive who made it at the desk, or the server.
        held = bert.copy(CLEAN)['copy']
        anna.post('/api/reviewers', {'do': 'role', 'reviewer': bert.get('/api/me')['id'], 'role': 'reviewer'})
        assert bert.raw('GET', '/copies/' + held)[0] == 401
        settled(drop, before)


# ---- what becomes of it ----

def test_hiding_and_taking_back_lose_no_request():
    with publishing() as drop:
        page, public = come_in(drop, Publisher), client_of(drop)
        of = source(drop, page)
        album = page.post('/api/albums', {'title': 'March', 'language': 'en'})['album']
        made = page.publish(page.copy(CLEAN)['copy'], of, album=album)['publication']
        status, _, _ = public.ask('POST', '/a/ask', f'about={made}&kind=remove&words=It+is+me'.encode(),
                                  [('Content-Type', 'application/x-www-form-urlencoded')])
        assert status == 200, status
        for state, now in (('hide', 'hidden'), ('withdraw', 'withdrawn')):
            page.post('/api/publications/change', {'publication': made, 'state': state})
            groups = page.get('/api/asked')['groups']
            assert [(one['target'], one['state']) for one in groups] == [(made, now)], (state, groups)
        page.post('/api/asked/answer', {'asked': [{'asked': one['asked'], 'counted': one['counted']} for one in groups[0]['asked']], 'did': 'withdrawn'})
        assert page.get('/api/asked')['groups'] == []


def test_what_is_withdrawn_is_gone_at_once_and_what_it_was_made_of_goes_without_it():
    with publishing() as drop:
        page = come_in(drop, Publisher)
        client = client_of(drop)
        action, receipt = client.form()
        status, _, _ = client.submit(action, [('receipt', receipt), ('message', SECRET.decode())], [('second-window.jpg', 'image/jpeg', marked(picture(7, 90)))])
        assert status == 200, status
        of = latest(drop, page)
        album = page.post('/api/albums', {'title': 'March', 'language': 'en'})['album']
        before = on_disk(drop)
        made = page.publish(page.copy(CLEAN)['copy'], of, album=album, caption='Two at a stop.')
        name, public = made['publication'], client_of(drop)
        assert public.ask('GET', '/a/f/' + name)[0] == 200
        page.post('/api/publications/change', {'publication': name, 'state': 'hide'})
        assert public.ask('GET', '/a/f/' + name)[0] == 404
        page.post('/api/publications/change', {'publication': name, 'state': 'show'})
        # A submission that is gone takes along what leads to it, and nothing that is public.
        assert drop.api('/api/receipts/withdraw', {'receipt': receipt})['withdrawn']
        page.get('/api/submissions/' + of['submission'], code=404)
        assert page.get('/api/publications?submission=' + of['submission'])['publications'] == []
        assert public.ask('GET', '/a/f/' + name)[2] == CLEAN
        done = page.post('/api/publications/change', {'publication': name, 'state': 'withdraw'})
        assert done['state'] == 'withdrawn' and done['caption'] == '', done
        status, _, said = public.ask('GET', f'/a/{album}/{name}')
        assert status == 410 and b'Two at a stop' not in said, (status, said[:300])
        assert public.ask('GET', '/a/f/' + name)[0] in (404, 410)
        assert on_disk(drop)[0] <= before[0] and on_disk(drop)[1] == 0
        rows = b''.join(open(os.path.join(drop.data, one), 'rb').read() for one in os.listdir(drop.data) if one.startswith('rows.db'))
        assert b'Two at a stop.' not in rows


if __name__ == '__main__':
    try:
        sys.exit(tap.run(globals()))
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)

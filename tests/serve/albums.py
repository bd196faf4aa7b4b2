#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public pages of a drop that runs: albums, their files and feeds, what is asked for from there, by raw requests.

usage: albums.py OILSKIN PAGES PUBLISH-FILL
"""
import contextlib
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import come_in  # noqa: E402  pylint: disable=wrong-import-position
from drop import Drop, hold_all_places, with_few_descriptors  # noqa: E402  pylint: disable=wrong-import-position

OILSKIN, PAGES, FILL = (os.path.abspath(word) for word in sys.argv[1:4])
FOLDER = tempfile.mkdtemp(prefix='oilskin-albums-')
DESK = '\n[desk]\nlisten = 127.0.0.1:0\n'
PUBLISH = '[publish]\nalbums = yes\n'
LANGUAGES = ('en', 'es', 'fr', 'ar', 'zh', 'ko')
ATOM = '{http://www.w3.org/2005/Atom}'
NOBODY = 'f' * 32
# Of who published, in every way that it could show: publish-fill writes it into each row.
REVIEWERS = [text for name in (b'FIRST-REVIEWER-1', b'OTHER-REVIEWER-2') for text in (name, name.hex().encode())] + [b'3919791979']


def jpeg(width, height, color):
    pixels = f'P6 {width} {height} 255\n'.encode() + bytes(color) * (width * height)
    return subprocess.run(['cjpeg', '-quality', '80'], input=pixels, capture_output=True, check=True).stdout


class World:
    """A drop with albums: what is in them was published while it did not run."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(dir=FOLDER)
        self.data = os.path.join(self.folder, 'data')
        os.makedirs(self.data, mode=0o700)
        self.files = {'copy.jpg': jpeg(1600, 1200, (180, 40, 40)), '1.jpg': jpeg(480, 360, (40, 180, 40)),
                      '2.jpg': jpeg(1280, 960, (40, 40, 180)), 'film.mp4': b'\0\0\0\x18ftypmp42' + os.urandom(200000),
                      'moves.gif': b'GIF89a' + os.urandom(3000)}
        for name, data in self.files.items():
            with open(os.path.join(self.folder, name), 'wb') as file:
                file.write(data)
        self.open, self.warned, self.hidden = self.fill(
            'album\tMarcha del 8M <b>\tLo que vimos & oímos\t\tes\topen', 'album\tDay two\t\tInjuries\ten\topen',
            'album\tClosed\t\t\ten\thidden')
        self.plain, self.blood, self.film, self.moves, self.old = self.fill(
            self.piece(self.open, caption='First "line" <script>alert(1)</script> & more', alt='A "red" field <i>'),
            self.piece(self.open, day=20701, caption='SECRETCAPTION', alt='SECRETALT', warning='blood'),
            self.piece(self.open, day=20697, kind='mp4', file='film.mp4', ms=65400, alt='People walk'),
            self.piece(self.open, day=20699, kind='gif', file='moves.gif', small=()),
            self.piece(self.open, day=20698, caption='x' + 'é' * 900))
        self.wounds, self.unseen, self.wounded, self.bare = self.fill(
            self.piece(self.warned), self.piece(self.hidden), self.piece(self.warned, day=20600, kind='mp4', file='film.mp4'),
            self.piece(self.warned, day=20600, kind='mp4', file='film.mp4', small=()))
        self.states = dict(zip(('waiting', 'unlisted', 'hidden', 'withdrawn'), self.fill(
            *(self.piece(self.open, state=state, caption='NOT-FOR-EVERYBODY') for state in ('waiting', 'unlisted', 'hidden', 'public')))))
        self.fill(f'state\t{self.states["withdrawn"]}\twithdrawn')
        self.drop = Drop(OILSKIN, PAGES, self.folder, categories=DESK + PUBLISH)

    def fill(self, *lines):
        done = subprocess.run([FILL, self.data], input=''.join(line + '\n' for line in lines), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split('\n')[:-1]

    def piece(self, album, state='public', day=20700, kind='jpg', ms=0, caption='', alt='', warning='', file='copy.jpg', small=('1.jpg:480:360', '2.jpg:1280:960')):
        parts = ['piece', album, state, str(day), kind, '1600', '1200', str(ms), caption, alt, warning, os.path.join(self.folder, file)]
        return '\t'.join(parts + [os.path.join(self.folder, one) for one in small])

    def while_stopped(self, *lines, **config):
        """Publishes with the drop stopped, and starts it again."""
        self.drop.stop(signal.SIGKILL)
        out = self.fill(*lines) if lines else []
        if config:
            self.drop.write_config(pages=PAGES, **config)
        self.drop.start()
        return out

    def get(self, path, code=200, method='GET', **headers):
        """(headers, body): of every answer, that it says no more than it may."""
        status, got, body = self.drop.ask(path, method, **headers)
        assert status == code, f'{path}: {status} {body[:300]}'
        assert 'set-cookie' not in got and 'last-modified' not in got, got
        assert got['x-content-type-options'] == 'nosniff' and got['referrer-policy'] == 'no-referrer', got
        assert not [one for one in REVIEWERS if one in body or one in repr(got).encode()], body
        assert 'script-src' not in got['content-security-policy'] and "default-src 'none'" in got['content-security-policy'], got
        if got.get('content-type', '').startswith('text/html') and 'content-encoding' not in got:
            assert got['cache-control'] == 'no-cache' and 'Accept-Language' in got['vary'], got
            page = body.decode()
            assert not re.search(r'<script|\son\w+=|javascript:|style=', page), page
            assert '{{' not in page, page
        return got, body

    def page(self, path, code=200, **headers):
        return self.get(path, code, **headers)[1].decode()

    def ask(self, body, code=200, kind='application/x-www-form-urlencoded', path='/a/ask'):
        body = body if isinstance(body, bytes) else urllib.parse.urlencode(body).encode()
        head = (f'POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\n'
                f'Content-Length: {len(body)}\r\n\r\n')
        answer = self.drop.raw(head.encode() + body)
        assert answer.startswith(f'HTTP/1.1 {code} '.encode()), answer[:900]
        return answer.partition(b'\r\n\r\n')[2].decode()

    def asked(self):
        """What was asked for, oldest by nothing; the drop is stopped for it."""
        rows = [line.split('\t') for line in self.while_stopped('asked')[:-1]]
        return [dict(zip(('id', 'kind', 'state', 'more', 'space', 'target', 'len', 'sealed'), row)) for row in rows]

    def unsealed(self, row):
        path = os.path.join(self.folder, 'sealed.age')
        with open(path, 'wb') as file:
            file.write(bytes.fromhex(row['sealed']))
        out = subprocess.run([OILSKIN, 'unseal', '-i', self.drop.keys[0], path], check=True, capture_output=True).stdout
        return json.loads(out.rstrip(b'\0'))


WORLD = World()
DROP = WORLD.drop


def test_albums_are_closed_until_the_operator_opens_them():
    with Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER), categories=DESK) as closed:
        for path in ('/a/', '/a/' + NOBODY, '/a/f/' + NOBODY, '/a/look/icon.svg'):
            assert closed.ask(path)[0] == 404, path
        assert closed.ask('/a/ask', 'POST', Content_Length='0')[0] in (404, 405)
        closed.write_config(pages=PAGES, categories=PUBLISH)
        done = subprocess.run([OILSKIN, 'serve', '--config', closed.config], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2 and 'only a desk can publish' in done.stderr, done


def test_the_list_has_open_albums_alone():
    page = WORLD.page('/a/')
    assert 'Marcha del 8M &lt;b&gt;' in page and 'Day two' in page and 'Closed' not in page, page
    assert page.index('Marcha') < page.index('Day two'), 'newest first'
    assert 'Content warning: <bdi>Injuries</bdi>' in page
    # A picture that needs no warning stands for an album; where there is none, none does.
    assert f'/a/f/{WORLD.plain}/1' in page and WORLD.wounds not in page and WORLD.blood not in page, page
    assert re.search(r'Pictures and videos: <bdi>5</bdi>', page), page


def test_an_album_is_light_and_says_what_pictures_show():
    page = WORLD.page('/a/' + WORLD.open)
    images = re.findall(r'<img [^>]*>', page)
    assert len(images) == 5, images
    for image in images:
        assert all(word in image for word in ('loading="lazy"', 'width="1600"', 'height="1200"', 'alt="')), image
    of = next(image for image in images if f'/a/f/{WORLD.plain}/' in image)
    assert f'src="/a/f/{WORLD.plain}/1"' in of and f'srcset="/a/f/{WORLD.plain}/1 480w, /a/f/{WORLD.plain}/2 1280w" sizes="' in of, of
    assert 'alt="A &quot;red&quot; field &lt;i&gt;"' in of, of
    assert f'/a/f/{WORLD.plain} ' not in page, 'the copy is on a page of its own'
    assert 'First &quot;line&quot; &lt;script&gt;' in page and '<video' not in page and '1:05' in page, page
    days = re.findall(r'<time dir="ltr" datetime="([\d-]+)"', page)
    assert days == sorted(days, reverse=True) and days[0] == '2026-09-05', days
    assert 'x' + 'é' * 139 + '…' in page and 'é' * 140 not in page, 'the begin of a long caption, in whole letters'


def test_what_may_disturb_is_behind_its_warning():
    tile = WORLD.page('/a/' + WORLD.open).partition('<details class="warned">')[2].partition('</details>')[0]
    alone = WORLD.page(f'/a/{WORLD.open}/{WORLD.blood}')
    for page in (tile, alone):
        assert 'Content warning: <bdi>blood</bdi>' in page and WORLD.blood in page, page
    outside = re.sub(r'<details class="warned">.*?</details>', '', alone, flags=re.S)
    outside = outside.partition('<body>')[2]
    assert f'/a/f/{WORLD.blood}"' not in outside and 'SECRETALT' not in outside and 'SECRETCAPTION' not in outside, outside
    # An album's own warning is that of what is in it.
    page = WORLD.page(f'/a/{WORLD.warned}/{WORLD.wounds}')
    assert '<details class="warned"><summary>Content warning: <bdi>Injuries</bdi>' in page, page


def test_one_picture_has_all_sizes_and_a_neutral_name():
    page = WORLD.page(f'/a/{WORLD.open}/{WORLD.plain}')
    one = WORLD.plain
    assert f'srcset="/a/f/{one}/1 480w, /a/f/{one}/2 1280w, /a/f/{one} 1600w"' in page, page
    assert f'download="oilskin-{one[:8]}.jpg"' in page and '<form method="post" action="/a/ask?lang=en">' in page, page
    assert f'rel="prev" href="/a/{WORLD.open}/{WORLD.blood}?lang=en"' in page, page
    assert f'rel="next" href="/a/{WORLD.open}/{WORLD.moves}?lang=en"' in page, page
    film = WORLD.page(f'/a/{WORLD.open}/{WORLD.film}')
    assert (f'<video controls preload="none" poster="/a/f/{WORLD.film}/2" playsinline width="1600" height="1200" src="/a/f/{WORLD.film}" '
            'aria-label="People walk">') in film, film
    assert 'autoplay' not in film and f'oilskin-{WORLD.film[:8]}.mp4' in film


def test_a_video_shows_a_frame_of_itself_before_it_plays():
    film, album = WORLD.film, WORLD.page('/a/' + WORLD.open)
    assert f'<span class="film"><img src="/a/f/{film}/1" srcset="/a/f/{film}/1 480w, /a/f/{film}/2 1280w"' in album, album
    assert f'poster="/a/f/{film}/2"' in WORLD.page(f'/a/{WORLD.open}/{film}')
    for number in '12':
        got, body = WORLD.get(f'/a/f/{film}/{number}')
        assert got['content-type'] == 'image/jpeg' and body == WORLD.files[f'{number}.jpg'], got
    # What nobody made one of is asked for its size.
    bare = WORLD.page(f'/a/{WORLD.warned}/{WORLD.bare}')
    assert 'preload="metadata"' in bare and 'poster' not in bare, bare
    assert '<span class="blank film">' in WORLD.page('/a/' + WORLD.warned)


def test_the_frame_of_a_video_stands_behind_its_warning():
    for path in ('/a/' + WORLD.warned, f'/a/{WORLD.warned}/{WORLD.wounded}'):
        page = WORLD.page(path)
        before, _, behind = page.partition('<details class="warned">')
        address = f'/a/f/{WORLD.wounded}/'
        assert address not in before and address in behind, page
        assert address not in re.sub(r'<details class="warned">.*?</details>', '', page, flags=re.DOTALL), page
    assert WORLD.wounded not in WORLD.page('/a/'), 'nothing that carries a warning stands for an album'


def test_what_previews_show_leaks_nothing():
    plain, warned = (WORLD.page(f'/a/{WORLD.open}/{one}').partition('<body>')[0] for one in (WORLD.plain, WORLD.blood))
    assert re.findall(r'property="(og:[a-z:]+)"', plain) == ['og:type', 'og:title'], plain
    assert 'SECRET' not in warned and 'blood' not in warned, warned
    WORLD.while_stopped(categories=DESK + PUBLISH + 'address = https://herald.example\nunindexed = yes\n')
    plain, warned, film = (WORLD.page(f'/a/{WORLD.open}/{one}').partition('<body>')[0]
                           for one in (WORLD.plain, WORLD.blood, WORLD.film))
    assert f'<meta property="og:image" content="https://herald.example/a/f/{WORLD.plain}/1">' in plain, plain
    assert f'<meta property="og:image" content="https://herald.example/a/f/{WORLD.film}/1">' in film, film
    wounded, bare = (WORLD.page(f'/a/{WORLD.warned}/{one}').partition('<body>')[0] for one in (WORLD.wounded, WORLD.bare))
    assert not [head for head in (warned, wounded, bare) if 'og:image' in head], warned
    assert all('<meta name="robots" content="noindex">' in page for page in (plain, warned))
    feed = WORLD.page(f'/a/{WORLD.open}/feed')
    assert f'href="https://herald.example/a/{WORLD.open}/feed"' in feed, feed
    for path in ('/a/', f'/a/f/{WORLD.plain}', f'/a/{WORLD.open}/feed', f'/a/{WORLD.open}', f'/a/{WORLD.open}'):
        assert WORLD.get(path)[0]['x-robots-tag'].startswith('noindex'), path
    WORLD.while_stopped(categories=DESK + PUBLISH)
    assert 'x-robots-tag' not in WORLD.get(f'/a/f/{WORLD.plain}')[0]
    assert 'noindex' not in WORLD.page(f'/a/{WORLD.open}/{WORLD.plain}')


def test_hidden_and_removed_say_so_and_nothing_more():
    for state, one in WORLD.states.items():
        code = 410 if state == 'withdrawn' else 404
        page = WORLD.page(f'/a/{WORLD.open}/{one}', code)
        said = {'hidden': 'This is hidden while it is looked at.', 'withdrawn': 'Removed here; copies, feeds and caches elsewhere stay.'}.get(state, 'There is nothing at this address.')
        assert said in page and 'NOT-FOR-EVERYBODY' not in page and one not in page, page
        for path in (f'/a/f/{one}', f'/a/f/{one}/1', f'/a/f/{one}?save=yes'):
            assert said in WORLD.page(path, code), path
    nothing = WORLD.page(f'/a/{WORLD.open}/{NOBODY}', 404)
    assert nothing == WORLD.page(f'/a/{WORLD.open}/{WORLD.states["waiting"]}', 404) == WORLD.page(f'/a/f/{WORLD.states["unlisted"]}', 404)
    # What is in an album that is hidden.
    assert 'hidden while' in WORLD.page('/a/' + WORLD.hidden, 404) and 'hidden while' in WORLD.page(f'/a/{WORLD.hidden}/{WORLD.unseen}', 404)
    WORLD.get(f'/a/f/{WORLD.unseen}', 404)
    assert WORLD.get(f'/a/{WORLD.hidden}/feed', 404)[0]['content-type'] == 'text/html; charset=utf-8'
    album = WORLD.page('/a/' + WORLD.open) + WORLD.page(f'/a/{WORLD.open}/feed')
    assert not [one for one in WORLD.states.values() if one in album]


def test_no_other_address_is_one():
    for path in ('/a/x', '/a/' + NOBODY, '/a/' + WORLD.open.upper(), f'/a/{WORLD.open}/', f'/a/{WORLD.open}/{WORLD.plain}/', f'/a/{WORLD.open}/{WORLD.plain}x',
                 f'/a/{WORLD.open}?page=0', f'/a/{WORLD.open}?page=2', f'/a/{WORLD.open}?page=-1', f'/a/{WORLD.open}?page=99999999999999999999', '/a/?page=7',
                 f'/a/f/{WORLD.plain}/0', f'/a/f/{WORLD.plain}/3', f'/a/f/{WORLD.plain}/10', f'/a/f/{WORLD.plain}/1/', '/a/f/', '/a/f/..%2f..%2frows.db'):
        assert 'There is nothing at this address.' in WORLD.page(path, 404), path
    assert WORLD.drop.ask('/a/f/../../data/rows.db')[0] in (400, 404)
    assert WORLD.drop.ask(f'/a/{WORLD.open}', 'DELETE')[0] == 405
    assert WORLD.get('/a', 308)[0]['location'] == '/a/'
    for path in ('/a/', f'/a/{WORLD.open}', f'/a/{WORLD.open}'):
        got, body = WORLD.get(path, method='HEAD')
        assert body == b'' and int(got['content-length']) > 1000, got
    got, _ = WORLD.get(f'/a/{WORLD.warned}/{WORLD.plain}', 302)
    assert got['location'] == f'/a/{WORLD.open}/{WORLD.plain}', got


def test_files_are_exactly_what_was_published():
    for path, name, kind in ((WORLD.plain, 'copy.jpg', 'image/jpeg'), (WORLD.plain + '/1', '1.jpg', 'image/jpeg'), (WORLD.plain + '/2', '2.jpg', 'image/jpeg'),
                             (WORLD.film, 'film.mp4', 'video/mp4'), (WORLD.moves, 'moves.gif', 'image/gif')):
        data = WORLD.files[name]
        got, body = WORLD.get('/a/f/' + path)
        assert body == data and got['content-type'] == kind and got['cache-control'] == 'no-cache', (path, got)
        assert 'content-disposition' not in got and re.fullmatch(r'"[0-9a-f]{16}-\d"', got['etag']), got
        head, nothing = WORLD.get('/a/f/' + path, method='HEAD')
        assert head['content-length'] == str(len(data)) and nothing == b'', head
        again, nothing = WORLD.get('/a/f/' + path, 304, If_None_Match=got['etag'])
        assert nothing == b'' and again['cache-control'] == 'no-cache' and again['content-length'] == str(len(data)), again
        part, middle = WORLD.get('/a/f/' + path, 206, Range='bytes=100-299')
        assert middle == data[100:300] and part['content-range'] == f'bytes 100-299/{len(data)}', part
        _, last = WORLD.get('/a/f/' + path, 206, Range='bytes=-10')
        assert last == data[-10:], 'the end of this file, and not of what lies behind it'
        WORLD.get('/a/f/' + path, 416, Range=f'bytes={len(data)}-')
        saved, whole = WORLD.get(f'/a/f/{path}?save=yes')
        ending = {'image/jpeg': 'jpg', 'video/mp4': 'mp4', 'image/gif': 'gif'}[kind]
        assert saved['content-disposition'] == f'attachment; filename="oilskin-{path[:8]}.{ending}"' and whole == data, saved


def test_who_comes_while_too_many_read_is_told_so_in_words():
    folder = tempfile.mkdtemp(dir=FOLDER)
    film, data = os.path.join(folder, 'film.mp4'), os.path.join(folder, 'data')
    os.mkdir(data, 0o700)
    with open(film, 'wb') as file:
        file.write(bytes(3 << 20))

    def fill(line):
        return subprocess.run([FILL, data], input=line + '\n', capture_output=True, text=True, check=True).stdout.strip()
    album = fill('album\tOne\t\t\ten\topen')
    one = fill('\t'.join(['piece', album, 'public', '20700', 'mp4', '1600', '1200', '9000', '', '', '', film]))
    with Drop(with_few_descriptors(OILSKIN, folder), PAGES, folder, categories=DESK + PUBLISH) as drop, contextlib.ExitStack() as streams:
        hold_all_places(drop, f'GET /a/f/{one}', streams)
        for tag, word in (('en', 'Not now'), ('fr', 'Pas maintenant')):
            status, got, body = drop.ask(f'/a/f/{one}?save=yes', Accept_Language=tag)
            assert status == 503 and got['retry-after'] == '30' and word in body.decode(), (status, got, body)
        # Pages have places of their own.
        assert drop.ask(f'/a/{album}/{one}')[0] == 200 and drop.ask('/')[0] == 200


def test_a_page_that_the_browser_has_is_not_sent_again():
    for path in ('/a/', '/a/' + WORLD.open, f'/a/{WORLD.open}/{WORLD.plain}', f'/a/{WORLD.open}/feed'):
        first, body = WORLD.get(path + '?lang=fr')
        assert re.fullmatch(r'"[0-9a-f]{20}"', first['etag']) and first['vary'] == 'Accept-Language, Accept-Encoding', first
        again, nothing = WORLD.get(path + '?lang=fr', 304, If_None_Match=first['etag'])
        assert nothing == b'' and again['cache-control'] == 'no-cache' and again['etag'] == first['etag'], again
        assert again['content-length'] == first['content-length'], again
        for _ in range(2):
            got, packed = WORLD.get(path + '?lang=fr', Accept_Encoding='gzip', Accept='x')
        assert got['content-encoding'] == 'gzip' and gzip.decompress(packed) == body and len(packed) < len(body), got
        assert got['etag'] == first['etag'][:-1] + '-gz"', got
        WORLD.get(path + '?lang=fr', 304, If_None_Match=got['etag'], Accept_Encoding='gzip')
        assert WORLD.get(path + '?lang=fr')[1] == body
        other = WORLD.get(path + '?lang=ko', If_None_Match=first['etag'])
        assert other[1] != body, 'another language is another page'
    # More pages than are kept, each as it is.
    for number in range(300):
        page = WORLD.page(f'/a/{WORLD.open}?lang={LANGUAGES[number % 6]}&page={"0" * (number % 7)}1')
        assert f'lang="{LANGUAGES[number % 6]}' in page and WORLD.plain in page, number


def test_a_feed_is_what_readers_read():
    got, body = WORLD.get(f'/a/{WORLD.open}/feed')
    assert got['content-type'] == 'application/atom+xml; charset=utf-8', got
    subprocess.run(['xmllint', '--noout', '--nonet', '-'], input=body, check=True, capture_output=True)
    feed = xml.fromstring(body)
    assert feed.tag == ATOM + 'feed', feed.tag
    entries = feed.findall(ATOM + 'entry')
    # RFC 4287, sections 4.1.1 and 4.1.2: what must be there, once.
    for one in (feed, *entries):
        for name in ('id', 'title', 'updated'):
            assert len(one.findall(ATOM + name)) == 1 and one.find(ATOM + name).text, (one, name)
        assert re.fullmatch(r'urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', one.find(ATOM + 'id').text)
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT00:00:00Z', one.find(ATOM + 'updated').text), 'no time of day'
        links = [link.get('rel') for link in one.findall(ATOM + 'link')]
        assert links.count('alternate') == 1 and links.count('self') == (1 if one is feed else 0), links
    assert len({one.find(ATOM + 'id').text for one in (feed, *entries)}) == len(entries) + 1 == 6
    assert feed.find(ATOM + 'author').find(ATOM + 'name').text == 'The Herald'
    assert feed.find(ATOM + 'updated').text == entries[0].find(ATOM + 'updated').text
    assert feed.find(ATOM + 'title').text == 'Marcha del 8M <b>'
    assert feed.get('{http://www.w3.org/XML/1998/namespace}lang') == 'en'
    plain = next(one for one in entries if WORLD.plain in xml.tostring(one).decode())
    assert plain.find(ATOM + 'summary').text == 'First "line" <script>alert(1)</script> & more'
    link = next(link for link in plain.findall(ATOM + 'link') if link.get('rel') == 'enclosure')
    assert (link.get('type'), link.get('length'), link.get('href')) == ('image/jpeg', str(len(WORLD.files['copy.jpg'])), '/a/f/' + WORLD.plain)
    warned = xml.tostring(next(one for one in entries if WORLD.blood in xml.tostring(one).decode())).decode()
    assert 'Content warning: blood' in warned and 'enclosure' not in warned and 'SECRET' not in warned, warned
    again = WORLD.get(f'/a/{WORLD.open}/feed?lang=ar')[1]
    assert {one.find(ATOM + 'id').text for one in xml.fromstring(again).findall(ATOM + 'entry')} == {one.find(ATOM + 'id').text for one in entries}


def test_pages_are_in_six_languages():
    paths = ('/a/', f'/a/{WORLD.open}', f'/a/{WORLD.open}/{WORLD.plain}', f'/a/{WORLD.open}/{WORLD.states["withdrawn"]}')
    for path in paths:
        code, texts = (410 if path == paths[-1] else 200), set()
        for language in LANGUAGES:
            page = WORLD.page(f'{path}?lang={language}', code)
            direction = 'rtl' if language == 'ar' else 'ltr'
            assert re.search(rf'<html lang="{language}(-Hans)?" dir="{direction}">', page), page[:100]
            texts.add(re.sub(r'<[^>]*>', '', page.partition('<main')[2]))
            assert page == WORLD.page(path, code, Accept_Language=f'{language}-XX, en;q=0.1').replace('?lang=' + language, '?lang=' + language)
        assert len(texts) == len(LANGUAGES), path
    page = WORLD.page(f'/a/{WORLD.open}/{WORLD.plain}?lang=ar')
    assert 'lang="es" dir="auto"' in page, "an album's words keep their own language and direction"


def test_each_picture_of_an_album_leads_to_where_its_face_is_covered():
    for language in LANGUAGES:
        page = WORLD.page(f'/a/{WORLD.open}?lang={language}')
        ways = dict(re.findall(r'<a href="(/a/[^"]*#ask)">([^<]+)</a>', page))
        for piece in (WORLD.plain, WORLD.blood, WORLD.film, WORLD.moves, WORLD.old):
            way = f'/a/{WORLD.open}/{piece}?lang={language}#ask'
            there = WORLD.page(way.partition('#')[0])
            # It is called as what it leads to, and that is about this picture.
            assert f'id="ask"><summary>{ways[way]}</summary>' in there and f'name="about" value="{piece}"' in there, (way, ways)
        hints = [re.search(r'id="words-hint">([^<]+)<', one).group(1) for one in (page, there)]
        assert hints[0] != hints[1], 'of all of an album nobody is told to say which person they mean'
        assert len(re.findall(r'name="kind"', page)) == 1 and len(re.findall(r'name="kind"', there)) == 3


def test_the_drop_leads_to_its_albums_while_they_are_open():
    for language in LANGUAGES:
        assert f'href="/a/?lang={language}"' in DROP.ask('/?lang=' + language)[2].decode(), language
    with Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER), categories=DESK) as closed:
        page = closed.ask('/')[2].decode()
        assert 'id="form"' in page and '/a/' not in page, page


def test_anyone_asks_with_a_plain_form():
    before = {row['id'] for row in WORLD.asked()}
    words = 'The woman on the left "in blue" & her child <b> 👋 \x07'
    page = WORLD.ask({'about': WORLD.plain, 'kind': 'cover', 'words': words})
    assert 'We have it' in page and 'The Herald' in page and 'copies, feeds and caches elsewhere stay' in page and 'blue' not in page, page
    done = subprocess.run(['curl', '-sS', '-d', 'kind=remove', '-d', f'about={WORLD.film}', f'http://127.0.0.1:{WORLD.drop.port}/a/ask?lang=es'],
                          capture_output=True, check=True, text=True)
    assert 'Lo tenemos' in done.stdout, done.stdout
    WORLD.ask({'about': WORLD.open, 'kind': 'report', 'words': 'x' * 2000})
    rows = {row['target']: row for row in WORLD.asked() if row['id'] not in before}
    assert {(row['kind'], row['space'], target) for target, row in rows.items()} == {('1', '19', WORLD.plain), ('2', '19', WORLD.film), ('3', '20', WORLD.open)}, rows
    assert all(row['state'] == 'open' and row['more'] == '0' for row in rows.values())
    assert WORLD.unsealed(rows[WORLD.plain]) == {'schema': 'oilskin/asked/1', 'text': words}
    assert WORLD.unsealed(rows[WORLD.open])['text'] == 'x' * 2000
    assert rows[WORLD.film]['len'] == '0', 'no words, none sealed'


def test_what_is_written_is_read_by_the_desk_alone():
    WORLD.ask({'about': WORLD.plain, 'kind': 'report', 'words': 'PLANTED-WORDS-OF-SOMEBODY'})
    WORLD.ask({'about': WORLD.plain, 'kind': 'report', 'words': 'short'})
    lengths = {row['len'] for row in WORLD.asked() if row['kind'] == '3' and row['target'] == WORLD.plain}
    assert len(lengths) == 1, 'a few words are of one length'
    for top, _, names in os.walk(WORLD.folder):
        for name in names:
            with open(os.path.join(top, name), 'rb') as file:
                assert b'PLANTED-WORDS' not in file.read(), name


def test_what_is_no_request_keeps_nothing():
    before = len(WORLD.asked())
    good = {'about': WORLD.plain, 'kind': 'cover'}
    for value in ({'about': WORLD.plain}, {'kind': 'cover'}, {**good, 'kind': 'thank'}, {**good, 'about': 'x'}, {**good, 'words': 'ü' * 4001},
                  b'about=' + WORLD.plain.encode() + b'&kind=cover&kind=cover', b'about=' + WORLD.plain.encode() + b'&kind=cover&words=%ff', b'', b'%'):
        assert 'Nothing was kept' in WORLD.ask(value, 400), value
    assert 'Nothing was kept' in WORLD.ask(json.dumps(good).encode(), 400, 'application/json')
    assert 'Nothing was kept' in WORLD.ask(b'x' * 40000, 400)
    assert 'nothing at this address' in WORLD.ask({**good, 'about': NOBODY}, 404)
    assert 'nothing at this address' in WORLD.ask({**good, 'about': WORLD.states['waiting']}, 404)
    assert 'hidden while' in WORLD.ask({**good, 'about': WORLD.states['hidden']}, 404)
    assert 'Removed here' in WORLD.ask({**good, 'about': WORLD.states['withdrawn']}, 410)
    assert WORLD.drop.ask('/a/ask')[0] == 405
    assert len(WORLD.asked()) == before


def test_more_than_a_desk_can_read_is_counted():
    for _ in range(20):
        assert 'was not kept' not in WORLD.ask({'about': WORLD.moves, 'kind': 'remove', 'words': 'a'})
    for _ in range(3):
        page = WORLD.ask({'about': WORLD.moves, 'kind': 'remove', 'words': 'b'})
        assert 'your request was counted, but what you wrote was not kept' in page, page
    rows = [row for row in WORLD.asked() if row['target'] == WORLD.moves]
    assert len(rows) == 20 and sum(int(row['more']) for row in rows) == 3, rows
    assert 'was not kept' not in WORLD.ask({'about': WORLD.old, 'kind': 'remove', 'words': 'b'})


def test_sixty_on_a_page_and_each_once():
    [album] = WORLD.while_stopped('album\tMany\t\t\ten\topen')
    WORLD.while_stopped('many\t130\t' + WORLD.piece(album).partition('\t')[2])
    seen, newer = [], None
    for number in (1, 2, 3):
        page = WORLD.page(f'/a/{album}?page={number}')
        ids = re.findall(rf'class="shown" href="/a/{album}/([0-9a-f]{{32}})\?', page)
        assert len(ids) == (60, 60, 10)[number - 1], len(ids)
        assert f'Page <bdi>{number}</bdi> of <bdi>3</bdi>' in page
        assert (f'rel="next" href="/a/{album}?page={number + 1}&amp;lang=en"' in page) == (number < 3)
        assert (f'rel="prev" href="/a/{album}?page={number - 1}&amp;lang=en"' in page) == (number > 1)
        assert f'page={number}&amp;lang=ar' in page, 'another language shows the same page'
        seen += ids
        newer = newer or ids
    assert len(set(seen)) == 130
    back = WORLD.page(f'/a/{album}/{seen[70]}')
    assert f'href="/a/{album}?page=2&amp;lang=en"' in back, back
    assert len(xml.fromstring(WORLD.get(f'/a/{album}/feed')[1]).findall(ATOM + 'entry')) == 60


def test_the_operator_gives_albums_a_title():
    WORLD.drop.write_config(pages=PAGES, categories=DESK + PUBLISH + 'title = Streets & squares\n')
    WORLD.drop.process.send_signal(signal.SIGHUP)
    for _ in range(100):
        page = WORLD.page('/a/')
        if 'Streets &amp; squares' in page:
            break
    assert '<title>Streets &amp; squares · Albums</title>' in page, page


def test_what_a_reviewer_hides_is_on_no_page_that_was_kept():
    desk = come_in(DROP)
    one, pages = WORLD.plain, ('/a/', f'/a/{WORLD.open}', f'/a/{WORLD.open}/feed', f'/a/{WORLD.open}/{WORLD.blood}')

    def kept():
        """{page: (its ETag, whether the picture is on it)}, asked for so often that it was kept."""
        asked = [[WORLD.get(path) for path in pages] for _ in range(3)]
        assert asked[1] == asked[2]
        return {path: (got['etag'], one.encode() in body) for path, (got, body) in zip(pages, asked[2])}

    before = kept()
    assert all(there for _, there in before.values()), before
    _, picture = WORLD.get(f'/a/f/{one}')
    for state, code, said in (('hide', 404, 'hidden while'), ('show', 200, ''), ('withdraw', 410, 'Removed here')):
        desk.post('/api/publications/change', {'publication': one, 'state': state})
        assert said in WORLD.page(f'/a/{WORLD.open}/{one}', code), state
        for path in (f'/a/f/{one}', f'/a/f/{one}/1'):
            got, body = WORLD.get(path, code, If_None_Match='"0"')
            assert (picture in body) == (state == 'show' and path.endswith(one)), (state, path)
        after = kept()
        assert all(there == (state == 'show') for _, there in after.values()), (state, after)
        for path, (etag, _) in before.items():
            WORLD.get(path, 304 if state == 'show' else 200, If_None_Match=etag)
    desk.post('/api/albums', {'album': WORLD.open, 'state': 'hidden'})
    assert 'Marcha' not in WORLD.page('/a/')
    for path in (*pages[1:], f'/a/f/{WORLD.film}', f'/a/{WORLD.open}/{WORLD.film}'):
        WORLD.get(path, 404)


if __name__ == '__main__':
    with DROP:
        CODE = tap.run(dict(globals()))
    sys.exit(CODE)

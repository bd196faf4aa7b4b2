#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`oilskin desk page`: the desk's page from a reviewer's own machine, known by its digest, against a desk that runs and
against servers that lie.

usage: desk_page.py OILSKIN PAGES
"""
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_reviewer import Listening  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, PAGES, PASSPHRASE, Page, first_link, make_key, opened, picture, send, unseal  # noqa: E402  pylint: disable=wrong-import-position

BUNDLE = os.path.join(os.path.dirname(PAGES), 'desk')


def digest_of(folder):
    """As docs/desk.md has it for sha256sum."""
    lines = []
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            if os.path.relpath(path, folder) != 'bundle.json':
                with open(path, 'rb') as file:
                    lines.append((os.path.relpath(path, folder), hashlib.sha256(file.read()).hexdigest()))
    return hashlib.sha256(''.join(f'{digest}  {path}\n' for path, digest in sorted(lines)).encode()).hexdigest()


class Local:
    """`oilskin desk page` until the end of its `with`."""

    def __init__(self, desk, *more):
        self.process = subprocess.Popen([OILSKIN, 'desk', 'page', '--desk', desk, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said = ''
        while 'Ctrl-C' not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said + self.process.stderr.read()
            self.said += line
        self.port = int(re.search(r'The desk is at http://127\.0\.0\.1:(\d+)/', self.said).group(1))

    def ask(self, method, path, headers=(), body=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        result = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        connection.close()
        return result

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0, self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()


def refused(*words, code=8):
    done = subprocess.run([OILSKIN, 'desk', 'page', *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, done
    assert 'The desk is at' not in done.stdout, done
    return done.stderr


def copy_of_bundle():
    folder = os.path.join(tempfile.mkdtemp(dir=FOLDER), 'desk')
    shutil.copytree(BUNDLE, folder)
    return folder


def test_a_reviewer_works_through_the_page_of_this_machine():
    with opened() as drop:
        port, link = first_link(drop)
        with Local(f'http://127.0.0.1:{port}', '--digest', digest_of(BUNDLE)) as here:
            assert digest_of(BUNDLE) in here.said, here.said
            page = Page(here.port)
            me = page.post('/api/first', {'link': link, 'name': 'anna', 'passphrase': PASSPHRASE, 'recipient': make_key(drop, 'anna')})
            assert me['role'] == 'admin' and [re.sub('-[0-9a-f]{16}$', '', name) for name in page.cookies] == ['oilskin-desk', 'oilskin-desk-known'], (me, page.cookies)
            send(drop, 'by the bridge', ('a.jpg', picture(4, 90)))
            rows = page.get('/api/queue?view=new&kind=scrubbed')['rows']
            assert len(rows) == 1 and rows[0]['has_words'], rows
            one = rows[0]['representative']
            way = page.post('/api/open', {'file': one['file'], 'why': 'evidence'})
            sealed = page.ask('GET', f"/blobs/{way['address']}?segment=0&at=0")
            assert unseal(drop, sealed)[:3] == b'\xff\xd8\xff'
            page.post('/api/login', {'name': 'anna', 'passphrase': 'wrong'}, code=401)
            page.post('/api/logout', {})
            page.get('/api/me', code=401)


def test_a_changed_byte_of_the_page_is_refused():
    folder = copy_of_bundle()
    right = digest_of(folder)
    with Local('http://127.0.0.1:1', '--pages', folder, '--digest', right) as here:
        assert here.ask('GET', '/desk/')[0] == 200
    script = next(os.path.join(folder, 'assets', name) for name in sorted(os.listdir(os.path.join(folder, 'assets'))) if name.endswith('.js'))
    with open(script, 'r+b') as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))
    assert 'something changed' in refused('--desk', 'http://127.0.0.1:1', '--pages', folder, '--digest', right)
    # Who changes the list as well makes another bundle.
    with open(os.path.join(folder, 'bundle.json'), 'r+', encoding='utf-8') as file:
        bundle = json.load(file)
        file.seek(0)
        json.dump({**bundle, 'digest': digest_of(folder)}, file)
        file.truncate()
    assert 'another bundle' in refused('--desk', 'http://127.0.0.1:1', '--pages', folder, '--digest', right)


def test_a_file_more_or_a_list_less_is_refused():
    folder = copy_of_bundle()
    right = digest_of(folder)
    with open(os.path.join(folder, 'more.js'), 'w', encoding='ascii') as file:
        file.write('fetch("/")\n')
    assert 'something changed' in refused('--desk', 'http://127.0.0.1:1', '--pages', folder, '--digest', right)
    os.remove(os.path.join(folder, 'more.js'))
    os.remove(os.path.join(folder, 'bundle.json'))
    assert 'no list' in refused('--desk', 'http://127.0.0.1:1', '--pages', folder, '--digest', right, code=3)


def test_pages_from_elsewhere_are_taken_by_their_digest_alone():
    assert 'say --digest' in refused('--desk', 'http://127.0.0.1:1', '--pages', copy_of_bundle(), code=2)
    refused('--desk', 'http://desk.example', code=2)
    refused('--desk', 'http://127.0.0.1:1', '--name', 'anna', code=2)


def test_a_hostile_server_s_page_is_never_loaded():
    page = b'<!doctype html><script>steal()</script>'
    lies = {'/api/page': (200, [('Content-Type', 'text/html')], page),
            '/blobs/page.html': (200, [('Content-Type', 'text/html; charset=utf-8')], page),
            '/copies/page.svg': (200, [('Content-Type', 'image/svg+xml')], page),
            '/api/away': (302, [('Location', 'http://127.0.0.1:1/')], page)}
    hostile = Listening(lambda path: lies.get(path, (200, [('Content-Type', 'text/html')], page)))
    with hostile, Local(hostile.before(1)) as here:
        for path, name in (('/desk/', 'index.html'), ('/desk/bundle.json', 'bundle.json')):
            with open(os.path.join(BUNDLE, name), 'rb') as file:
                assert here.ask('GET', path)[2] == file.read(), path
        for path in ('/desk/other.html', '/other', '/studio/', '/desk/../api/page/..'):
            status, _, body = here.ask('GET', path)
            assert status in (400, 404) and b'steal' not in body, (path, status, body)
        assert not hostile.paths, hostile.paths
        for path in ('/api/page', '/blobs/page.html', '/copies/page.svg'):
            status, headers, _ = here.ask('GET', path)
            assert headers['content-type'] == 'application/octet-stream' and headers['x-content-type-options'] == 'nosniff', (path, headers)
            assert headers['content-security-policy'].startswith("default-src 'none'; base-uri 'none'; form-action 'none'"), headers
        status, headers, body = here.ask('GET', '/api/away')
        assert status == 502 and 'location' not in headers and b'steal' not in body, (status, headers)


def cookies_of(port, sent):
    """What the browser gets for `sent`: [(name, the rest)]"""
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
    connection.request('GET', '/api/me', headers={'Cookie': sent} if sent else {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return [said.split('=', 1) for said in answer.headers.get_all('Set-Cookie', [])]


def test_no_cookie_of_another_program_or_desk_reaches_the_server_and_it_plants_none():
    planted = [('Set-Cookie', said) for said in (
        'jupyter-session=00; Path=/; Domain=127.0.0.1', 'oilskin-desk=a b; Path=/', 'oilskin-deskx=00', 'oilskin-desk=00; Path=/; Domain=localhost; Max-Age=20; Secure')]
    hostile = Listening(lambda path: (200, [('Content-Type', 'application/json'), *planted], b'{}'))
    logout = Listening(lambda path: (200, [('Content-Type', 'application/json'), ('Set-Cookie', 'oilskin-desk=; Path=/; Secure; Max-Age=0')], b'{}'))
    with hostile, logout, Local(hostile.before(1)) as here, Local(logout.before(1)) as other:
        (name, rest), = cookies_of(here.port, '')
        assert re.fullmatch('oilskin-desk-[0-9a-f]{16}', name) and rest == '00; Path=/; HttpOnly; SameSite=Strict; Max-Age=20', (name, rest)
        (others, rest), = cookies_of(other.port, '')
        assert others != name and rest == '; Path=/; HttpOnly; SameSite=Strict; Max-Age=0', (others, rest)
        known = name.replace('desk', 'desk-known')
        long = 'login-of-another=' + 'x' * 2000
        cookies_of(here.port, f'{long}; {others}=bb; oilskin-desk=cc; {known}=dd; x{name}=ee; {name}=aa; {name}=ff')
        cookies_of(here.port, f'{others}=bb; {name}=00 login=1; {known}=zz')
        assert hostile.cookies == [None, 'oilskin-desk-known=dd; oilskin-desk=aa', None], hostile.cookies


def test_no_other_page_and_no_other_name_reaches_the_desk():
    server = Listening(lambda path: (200, [('Content-Type', 'application/json')], b'{}'))
    with server, Local(server.before(1)) as here:
        own = f'http://127.0.0.1:{here.port}'
        for origin in ((), (('Origin', 'http://127.0.0.1:1'),), (('Origin', 'https://evil.example'),), (('Origin', 'null'),)):
            assert here.ask('POST', '/api/act', origin, b'{}')[0] == 403, origin
        assert here.ask('GET', '/api/me', (('Host', 'evil.example'),))[0] == 421
        assert not server.paths, server.paths
        assert here.ask('POST', '/api/act', (('Origin', own), ('Content-Type', 'application/json'), ('Oilskin-Token', 'ab')), b'{"do":1}')[0] == 200
        assert server.paths == ['/api/act'] and server.bodies == [b'{"do":1}'], (server.paths, server.bodies)


def test_what_is_long_comes_whole():
    long = os.urandom(20 << 20)
    server = Listening(lambda path: (200, [('Content-Type', 'application/octet-stream')], long))
    with server, Local(server.before(1)) as here:
        assert here.ask('GET', '/blobs/long?segment=0&at=0')[2] == long
        own = (('Origin', f'http://127.0.0.1:{here.port}'), ('Content-Type', 'application/octet-stream'))
        assert here.ask('POST', '/copies', own, long)[0] == 200
        assert server.paths == ['/blobs/long?segment=0&at=0', '/copies'] and server.bodies[1] == long, server.paths


def files_without_a_name(process):
    """Of a process, those that lie on a disk."""
    found = []
    for name in os.listdir(f'/proc/{process.pid}/fd'):
        try:
            leads_to = os.readlink(f'/proc/{process.pid}/fd/{name}')
        except FileNotFoundError:
            continue
        if leads_to.endswith(' (deleted)'):
            found.append(leads_to)
    return [one for one in found if not one.startswith('/memfd:')], len(found)


def test_no_copy_lies_on_the_reviewer_s_disk_in_the_clear():
    long, seen = os.urandom(20 << 20), []

    def answer(_path):
        seen.append(files_without_a_name(here.process))
        return 200, [('Content-Type', 'application/octet-stream')], long

    server = Listening(answer)
    with server, Local(server.before(1)) as here:
        own = {'Origin': f'http://127.0.0.1:{here.port}', 'Content-Type': 'application/octet-stream'}
        connection = http.client.HTTPConnection('127.0.0.1', here.port, timeout=60)
        connection.request('POST', '/copies', long, own)
        answered = connection.getresponse()
        first = answered.read(1)
        seen.append(files_without_a_name(here.process))
        assert first + answered.read() == long
        connection.close()
    # The body, then body and answer: both are held, and neither on a disk.
    assert [on_disk for on_disk, _ in seen] == [[], []] and seen[0][1] >= 1 and seen[1][1] >= 1, seen


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk of `oilskin serve`, as a reviewer's page meets it: from what a sender sends to the bytes that a key opens.

usage: desk.py OILSKIN PAGES
"""
import base64
import http.client
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from client import client_of, multipart  # noqa: E402  pylint: disable=wrong-import-position
from drop import Drop  # noqa: E402  pylint: disable=wrong-import-position

OILSKIN, PAGES = (os.path.abspath(word) for word in sys.argv[1:3])
DESK = '\n[desk]\nlisten = 127.0.0.1:0\n'
PASSPHRASE = 'correct horse battery'


class Page:
    """A browser with the desk's page open."""

    def __init__(self, port):
        self.port, self.cookies, self.token = port, {}, None

    def ask(self, method, path, value=None, code=200):
        """The bytes of the answer."""
        host = f'127.0.0.1:{self.port}'
        headers = {'Cookie': '; '.join(f'{k}={v}' for k, v in self.cookies.items())}
        if method == 'POST':
            headers.update({'Origin': 'http://' + host, 'Content-Type': 'application/json'})
            if self.token:
                headers['Oilskin-Token'] = self.token
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request(method, path, None if value is None else json.dumps(value), headers)
        answer = connection.getresponse()
        body = answer.read()
        for header in answer.headers.get_all('Set-Cookie', []):
            name, _, rest = header.partition('=')
            self.cookies[name] = rest.split(';')[0]
        connection.close()
        assert answer.status == code, f'{method} {path}: {answer.status} {body[:300]}'
        return body

    def get(self, path, code=200):
        return json.loads(self.ask('GET', path, code=code))

    def post(self, path, value, code=200):
        answer = json.loads(self.ask('POST', path, value, code))
        self.token = answer.get('token', self.token)
        return answer


def opened():
    return Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER), categories=DESK)


def first_link(drop):
    """Starts the drop again in a terminal, as its operator does; (port of the desk, what the link ends in)."""
    drop.stop()
    ours, theirs = pty.openpty()
    drop.process = subprocess.Popen([OILSKIN, 'serve', '--config', drop.config], stdout=theirs, stderr=drop.log)
    os.close(theirs)
    # drop.stop() closes it.
    drop.process.stdout = os.fdopen(ours, 'r', encoding='utf-8', newline='\n')
    said, until = '', time.time() + 60
    while 'Figures are at' not in said:
        assert time.time() < until, said
        try:
            said += drop.process.stdout.readline()
        except OSError as error:
            raise AssertionError(f'it ended: {said} {drop.said()}') from error
    drop.port = int(re.search(r'The drop is at http://[^ ]*:(\d+)/', said).group(1))
    return re.search(r'http://127\.0\.0\.1:(\d+)/#first=([0-9a-f]{32})\r', said).groups()


def come_in(drop):
    port, link = first_link(drop)
    page = Page(port)
    key = os.path.join(drop.folder, 'anna.key')
    drop.run('keygen', '-o', key)
    with open(key, encoding='ascii') as file:
        recipient = re.search(r'age1[a-z0-9]+', file.read()).group()
    me = page.post('/api/first', {'link': link, 'name': 'anna', 'passphrase': PASSPHRASE, 'recipient': recipient})
    assert me['role'] == 'admin' and [one['age'] for one in me['recipients']] == drop.recipients(), me
    return page


def test_the_link_of_the_first_admin_is_shown_in_a_terminal_alone():
    with opened() as drop:
        assert not [line for line in drop.lines if 'first' in line], drop.lines
        assert 'start it once in a terminal' in drop.said(), drop.said()
        page = come_in(drop)
        drop.stop()
        said = len(drop.said())
        drop.start()
        assert 'admin' not in drop.said()[said:], drop.said()
        page.port = [re.search(r':(\d+)$', line).group(1) for line in drop.lines if 'The desk is at' in line][0]
        page.post('/api/act', {'do': 'keep'}, code=401)
        page.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})
        page.get('/api/queue')


def test_who_reaches_the_drop_does_not_reach_the_desk():
    with opened() as drop:
        page = come_in(drop)
        for path in ('/api/queue', '/api/me', '/api/audit', '/blobs/x'):
            assert drop.ask(path)[0] == 404, path
        outside = Page(drop.port)
        outside.cookies, outside.token = page.cookies, page.token
        outside.ask('POST', '/api/login', {'name': 'anna', 'passphrase': PASSPHRASE}, code=405)
        page.ask('POST', '/api/submissions', {}, code=405)


def send(drop, message, *files):
    kind, body = multipart([('message', message)] if message else [], [(name, 'image/x', data) for name, data in files])
    status, _, answer = client_of(drop).ask('POST', '/submit', body, [('Content-Type', kind)])
    assert status == 200, answer[:500]


def unseal(drop, sealed):
    path = os.path.join(drop.folder, 'sealed.age')
    with open(path, 'wb') as file:
        file.write(sealed)
    return subprocess.run([OILSKIN, 'unseal', '-i', drop.keys[0], path], check=True, capture_output=True).stdout


def test_what_a_sender_sent_is_what_the_key_of_the_desk_opens():
    with opened() as drop:
        page = come_in(drop)
        # No program of pictures knows it: it is kept as it came.
        letter = b'A letter of an unknown kind. ' + os.urandom(3 << 20)
        send(drop, 'Look at the second window.', ('letter.bin', letter))
        rows = page.get('/api/queue')['rows']
        assert len(rows) == 1 and rows[0]['has_words'] and rows[0]['kind'] == 'unscrubbed', rows
        about = page.get('/api/submissions/' + rows[0]['representative']['submission'])
        manifest = json.loads(unseal(drop, base64.b64decode(about['manifest'])).rstrip(b'\0'))
        assert manifest['message'] == 'Look at the second window.', manifest
        file = about['files'][0]
        way = page.post('/api/open', {'file': file['file'], 'why': 'evidence'})
        plain = b''
        for segment in way['segments']:
            sealed = b''
            while len(sealed) < segment['sealed_len']:
                piece = page.ask('GET', f"/blobs/{way['address']}?segment={segment['number']}&at={len(sealed)}")
                assert 0 < len(piece) <= way['piece_bytes'], len(piece)
                sealed += piece
            assert len(sealed) == segment['sealed_len'], (len(sealed), segment)
            plain += unseal(drop, sealed)[:segment['plain_len']]
        # What stands behind it hides its length.
        assert plain[:manifest['files'][0]['len']] == letter and not plain[len(letter):].strip(b'\0'), len(plain)
        audit = page.get('/api/audit')
        assert audit['broken_at'] is None and json.loads(audit['entries'][-1]['text'])['about']['why'] == 'evidence', audit


def test_a_file_without_words_goes_when_it_is_dismissed_and_words_stay():
    with opened() as drop:
        page = come_in(drop)
        send(drop, None, ('a.bin', os.urandom(5000)))
        send(drop, 'These words must be read.', ('b.bin', os.urandom(5000)))
        rows = page.get('/api/queue')['rows']
        assert sorted(row['has_words'] for row in rows) == [False, True], rows
        done = page.post('/api/act', {'do': 'dismiss', 'clusters': [row['cluster'] for row in rows], 'reason': 'off-topic'})
        assert done['changed'] == 2, done
        left = page.get('/api/queue')['rows']
        assert [row['kind'] for row in left] == ['words'], left
        assert page.post('/api/undo', {'operation': done['operation']})['changed'] == 2
        assert page.get('/api/queue')['rows'] == rows


def test_a_restart_keeps_the_address_of_the_desk():
    with opened() as drop:
        page = come_in(drop)
        drop.process.send_signal(signal.SIGUSR2)
        until = time.time() + 30
        while is_in(page):
            assert time.time() < until, 'the session outlives the process'
            time.sleep(0.1)
        page.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})
        assert page.get('/api/me')['name'] == 'anna'


def is_in(page):
    """Whether the session is that of the running process."""
    connection = http.client.HTTPConnection(f'127.0.0.1:{page.port}', timeout=60)
    connection.request('GET', '/api/me', headers={'Cookie': '; '.join(f'{k}={v}' for k, v in page.cookies.items())})
    status = connection.getresponse().status
    connection.close()
    return status == 200


FOLDER = tempfile.mkdtemp(prefix='oilskin-desk-')
try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)

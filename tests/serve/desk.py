#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk of `oilskin serve`, as a reviewer's page meets it: from what a sender sends to the bytes that a key opens.

usage: desk.py OILSKIN PAGES
"""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, PASSPHRASE, Page, come_in, opened, send, unseal  # noqa: E402  pylint: disable=wrong-import-position


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


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)

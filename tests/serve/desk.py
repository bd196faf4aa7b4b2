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
import stat
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, PASSPHRASE, Page, come_in, opened, picture, seen, send, unseal  # noqa: E402  pylint: disable=wrong-import-position


def test_the_link_of_the_first_admin_is_shown_in_a_terminal_alone():
    with opened() as drop:
        assert not [line for line in drop.lines if 'first' in line], drop.lines
        assert 'start it once in a terminal' in drop.said() and f'desk first-link {drop.data}\n' in drop.said(), drop.said()
        page = come_in(drop)
        assert drop.stop() == 0
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
        done = page.post('/api/act', {'do': 'dismiss', 'clusters': [seen(row) for row in rows], 'reason': 'off-topic'})
        assert done['changed'] == 2, done
        left = page.get('/api/queue')['rows']
        assert [row['kind'] for row in left] == ['words'], left
        assert page.post('/api/undo', {'operation': done['operation']})['changed'] == 2
        assert page.get('/api/queue')['rows'] == rows


def wait_for_rows(page, enough, path='/api/queue'):
    until = time.time() + 60
    while True:
        rows = page.get(path)['rows']
        if enough(rows):
            return rows
        assert time.time() < until, rows
        time.sleep(0.2)


def test_copies_fold_under_one_row_and_what_differs_or_is_new_stays():
    with opened() as drop:
        page = come_in(drop)
        assert page.get('/api/me')['triage'] == 'server'
        key = os.path.join(drop.data, 'triage.key')
        assert stat.S_IMODE(os.stat(key).st_mode) == 0o600, os.stat(key)
        send(drop, None, ('first.jpg', picture(1, 92)))
        wait_for_rows(page, lambda rows: [row['tier'] for row in rows] == ['new'])
        for quality in (40, 60, 80):
            send(drop, None, ('copy.jpg', picture(1, quality)))
        send(drop, None, ('mirrored.jpg', picture(1, 70, '-flop')), ('other.jpg', picture(2, 70)))
        patch = ('-fill', 'white', '-draw', 'circle 300,300 300,380', '-fill', 'black', '-draw', 'circle 320,300 330,330')
        send(drop, None, ('patched.jpg', picture(1, 80, *patch)))
        rows = wait_for_rows(page, lambda rows: sum(row['count'] for row in rows) == 7 and all(row['tier'] for row in rows))
        assert sorted((row['tier'], row['count']) for row in rows) == [('different', 1), ('new', 1), ('new', 5)], rows
        flood = max(rows, key=lambda row: row['count'])
        different = [row for row in rows if row['tier'] == 'different'][0]
        assert different['root'] == flood['cluster'] and different['box']['width'] > 0, rows
        page.post('/api/act', {'do': 'dismiss', 'clusters': [seen(flood)], 'reason': 'duplicate'})
        send(drop, None, ('again.jpg', picture(1, 75)))
        caught = wait_for_rows(page, lambda rows: rows and rows[0]['catches'] == 1, '/api/queue?view=dismissed')
        assert caught[0]['count'] == 6, caught
        left = [row for row in page.get('/api/queue')['rows'] if row['state'] != 'dismissed']
        assert sorted(row['tier'] for row in left) == ['different', 'new'], left


def film(source, *how):
    """A video of a source of ffmpeg's."""
    path = os.path.join(FOLDER, 'film.' + how[-1])
    subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', source, *how[:-1], path], check=True)
    with open(path, 'rb') as file:
        return file.read()


def test_copies_of_a_video_fold_and_its_frames_are_shown():
    clock = 'testsrc2=size=640x360:rate=30:duration=6'
    h264 = ('-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p')
    with opened() as drop:
        page = come_in(drop)
        send(drop, None, ('first.mp4', film(clock, *h264, '-crf', '20', 'mp4')))
        rows = wait_for_rows(page, lambda rows: [row['tier'] for row in rows] == ['new'])
        assert rows[0]['media'] == 'video', rows
        first = rows[0]['representative']['file']
        assert unseal(drop, page.ask('GET', f'/blobs/{first}/preview'))[:3] == b'\xff\xd8\xff'
        send(drop, None, ('copy.webm', film(clock + ',scale=320:180', '-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '600k', 'webm')))
        send(drop, None, ('other.mp4', film('mandelbrot=size=640x360:rate=30,trim=duration=4', *h264, 'mp4')))
        rows = wait_for_rows(page, lambda rows: sum(row['count'] for row in rows) == 3 and all(row['tier'] for row in rows))
        assert sorted((row['tier'], row['count']) for row in rows) == [('new', 1), ('new', 2)], rows
        assert [row['representative']['file'] for row in rows if row['count'] == 2] == [first], rows


def key_of_packs():
    """(the file of a reviewer's key that opens packs, its recipient)."""
    key = os.path.join(FOLDER, 'packs.key')
    if not os.path.exists(key):
        subprocess.run([OILSKIN, 'keygen', '-o', key], check=True, capture_output=True)
    with open(key, encoding='ascii') as file:
        return key, re.search(r'age1[a-z0-9]+', file.read()).group()


def test_a_server_without_the_key_of_packs_folds_nothing_by_itself():
    key, recipient = key_of_packs()
    with opened(f'triage = desk\ntriage_recipient = {recipient}\n') as drop:
        page = come_in(drop)
        assert page.get('/api/me')['triage'] == 'desk'
        assert not os.path.exists(os.path.join(drop.data, 'triage.key'))
        send(drop, None, ('first.jpg', picture(3, 92)))
        until = time.time() + 60
        while not page.get('/api/packs?waiting=1')['packs']:
            assert time.time() < until, page.get('/api/queue')
            time.sleep(0.2)
        pack = page.get('/api/packs')['packs'][0]
        assert pack['state'] == 'waiting', pack
        sealed = base64.b64decode(pack['pack'])
        opened_pack = subprocess.run([OILSKIN, 'unseal', '-i', key, '-'], check=True, input=sealed, capture_output=True).stdout
        assert opened_pack[:4] == b'okpk', opened_pack[:16]
        found = {'file': pack['file'], 'tier': 'new', 'like': None, 'stands_for': False, 'distance': 256, 'inliers': 0, 'covered': 0,
                 'component_16': 0, 'component_32': 0, 'box': [0, 0, 0, 0], 'frames': 0, 'key_frames': 0}
        assert page.post('/api/folds', {'folds': [found]})['folded'] == 1
        assert page.get('/api/queue')['rows'][0]['tier'] == 'new'


def test_the_form_says_whether_this_server_can_look():
    """A sender decides by it: also after the configuration was read again."""
    words = b'a key that opens small, blurry versions'
    with opened() as drop:
        assert words in drop.ask('/')[2]
        text = open(drop.config, encoding='utf-8').read()
        with open(drop.config, 'w', encoding='utf-8') as file:
            file.write(text.replace('operator = The Herald', 'operator = The Evening Herald'))
        drop.process.send_signal(signal.SIGHUP)
        until = time.time() + 20
        while b'The Evening Herald' not in drop.ask('/')[2]:
            assert time.time() < until, drop.said()
            time.sleep(0.1)
        assert words in drop.ask('/')[2]
    with opened(f'triage = desk\ntriage_recipient = {key_of_packs()[1]}\n') as drop:
        assert words not in drop.ask('/')[2]


def test_what_is_on_hold_is_withdrawn_by_nobody_until_that_ends():
    with opened() as drop:
        page = come_in(drop)
        words = drop.api('/api/submissions', {'message': 'I changed my mind.'})['receipt']
        submission = page.get('/api/queue')['rows'][0]['representative']['submission']
        page.post('/api/act', {'do': 'hold', 'submissions': [submission]})
        assert not drop.api('/api/receipts/withdraw', {'receipt': words})['withdrawn']
        assert page.get('/api/submissions/' + submission)['held']
        page.post('/api/act', {'do': 'unhold', 'submissions': [submission]})
        assert drop.api('/api/receipts/withdraw', {'receipt': words})['withdrawn']
        page.get('/api/submissions/' + submission, code=404)
        assert not page.get('/api/queue?view=all')['rows']
        did = [json.loads(entry['text']) for entry in page.get('/api/audit')['entries']]
        assert [one['did'] for one in did if one['did'].endswith('hold')] == ['hold', 'unhold'], did
        assert did[-1]['about']['targets'][0]['id'] == submission, did


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

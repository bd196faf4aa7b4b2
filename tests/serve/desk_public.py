#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`oilskin desk publish`, `withdraw` and `end-link` against a drop that runs.

usage: desk_public.py OILSKIN PAGES
"""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)
import published_rows  # noqa: E402  pylint: disable=wrong-import-position
import tap  # noqa: E402  pylint: disable=wrong-import-position
from client import client_of  # noqa: E402  pylint: disable=wrong-import-position
from desk_reviewer import Listening, at_desk, only_submission  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, opened, picture, send, unseal  # noqa: E402  pylint: disable=wrong-import-position


def state_of(page, publication):
    return page.get('/api/publications?publication=' + publication)['publications'][0]['state']


def test_what_is_withdrawn_is_not_public_and_says_what_stays_elsewhere():
    with opened() as drop:
        page, anna = at_desk(drop)
        one = published_rows.add_publication(drop.data)
        assert state_of(page, one) == 'unlisted'
        assert anna.run('withdraw', one) == 'Removed here; copies, feeds and caches elsewhere stay.\n'
        assert state_of(page, one) == 'withdrawn'
        assert one in anna.run('withdraw', one, code=7)
        assert '32 letters' in anna.run('withdraw', '../me', code=2)
        anna.run('withdraw', 'f' * 32, code=7)


def test_a_link_ends_by_its_address_alone_and_that_is_not_said_again():
    with opened('\n[publish]\nlinks = yes\n') as drop:
        page, anna = at_desk(drop)
        publication = published_rows.add_publication(drop.data)
        made = [page.post('/api/shares', {'publication': publication}) for _ in range(3)]
        for number, address in enumerate((made[0]['address'], 'https://drop.example' + made[1]['address'] + '#x')):
            said = anna.run('end-link', address)
            assert 'ended' in said and made[number]['address'][3:] not in said, said
        states = {one['share']: one['state'] for one in page.get('/api/shares')['shares']}
        assert [states[one['share']] for one in made] == ['ended', 'ended', 'open'], states
        token = 'A' * 22
        assert token not in anna.run('end-link', '/s/' + token, code=7)


def test_the_key_of_a_sealed_link_does_not_leave_the_machine_that_ends_it():
    with opened('\n[publish]\nlinks = yes\nsealed_links = yes\n') as drop, Listening() as between:
        page, anna = at_desk(drop)
        publication = published_rows.add_publication(drop.data)
        anna.url = between.before(page.port)
        key = 'k' * 43
        for behind in ('#' + key, '?lang=es#' + key, '%23' + key):
            address = page.post('/api/shares', {'publication': publication})['address']
            assert 'ended' in anna.run('end-link', f' https://drop.example{address}{behind}')
            sent = dict(zip(between.paths, between.bodies))['/api/shares/end']
            assert json.loads(sent) == {'address': f' https://drop.example{address}'}, sent
        assert all(key.encode() not in body for body in between.bodies) and all(key not in path for path in between.paths)


# ---- publish ----

def answer_json(value):
    return 200, [('Content-Type', 'application/json')], json.dumps(value).encode()


class Desk(Listening):
    """The desk that runs, but for what it says of copies."""

    def __init__(self, digest=None, refusal=None, **more):
        self.given, self.wanted, self.digest, self.refusal, self.more = [], [], digest, refusal, more
        super().__init__(self.answer_public)

    def answer_public(self, path):
        if path == '/copies':
            self.given.append(self.bodies[-1])
            told = self.digest or hashlib.sha256(self.bodies[-1]).hexdigest()
            return self.refusal or answer_json({'copy': 'a' * 32, 'sha256': told, 'kind': 'jpeg', **self.more})
        if path == '/api/publications':
            self.wanted.append(json.loads(self.bodies[-1]))
            return answer_json({'publication': 'b' * 32, 'state': 'waiting'})
        return None


REGIONS = {'version': 1, 'regions': [{'shape': 'rect', 'unit': 'px', 'style': 'fill', 'x': 10, 'y': 20, 'w': 30, 'h': 40},
                                     {'shape': 'rect', 'unit': 'px', 'style': 'fill', 'x': 100, 'y': 20, 'w': 30, 'h': 40}]}


def covered(anna, original):
    """A reviewer's work at her machine: paths of the regions and of the covered copy."""
    with open(anna.path('original.jpg'), 'wb') as file:
        file.write(original)
    with open(anna.path('regions.json'), 'w', encoding='ascii') as file:
        json.dump(REGIONS, file)
    subprocess.run([OILSKIN, 'redact', anna.path('original.jpg'), '--regions', anna.path('regions.json'), '-o', anna.path('covered.jpg')],
                   check=True, capture_output=True)
    return anna.path('regions.json'), anna.path('covered.jpg')


def one_sent(drop):
    page, anna = at_desk(drop)
    original = picture(7, 90)
    send(drop, None, ('a.jpg', original))
    return page, anna, only_submission(anna), original


def test_a_copy_is_given_byte_for_byte_with_a_sealed_record_of_what_was_covered():
    with opened() as drop:
        page, anna, one, original = one_sent(drop)
        regions, copy = covered(anna, original)
        with Desk() as desk:
            anna.url = desk.before(page.port)
            said = anna.run('publish', one, '0=' + copy, '-i', anna.key, '--regions', '0=' + regions, '--caption', 'Main Street',
                            '--alt', 'A street', '--album', 'c' * 32)
            manifest = json.loads(anna.run('show', one, '-i', anna.key, '--json'))['words']
        assert said == 'b' * 32 + '  waiting: a second person must say so, too\n', said
        assert desk.given == [anna.read('covered.jpg')]
        wanted = desk.wanted[0]
        assert wanted == {**wanted, 'copy': 'a' * 32, 'submission': one, 'album': 'c' * 32, 'caption': 'Main Street', 'alt': 'A street',
                          'warning': '', 'areas': 2, 'confirmed_none': False, 'confirmed_unplayed': False, 'words_checked': False}, wanted
        record = json.loads(unseal(drop, base64.b64decode(wanted['provenance'])).rstrip(b'\0'))
        assert record == {'schema': 'oilskin/provenance/1', 'file': wanted['file'], 'regions': REGIONS, 'crop': None, 'turn': 0,
                          'mirror': False, 'areas': 2, 'original_sha256': manifest['files'][0]['sha256'],
                          'copy_sha256': hashlib.sha256(desk.given[0]).hexdigest()}, record


def test_what_is_not_clean_or_not_covered_is_not_even_sent():
    with opened() as drop:
        page, anna, one, original = one_sent(drop)
        _, copy = covered(anna, original)
        subprocess.run(['convert', copy, '-set', 'comment', 'secret', anna.path('unclean.jpg')], check=True)
        with open(anna.path('page.html'), 'w', encoding='ascii') as file:
            file.write('<html><script>alert(1)</script></html>')
        with Desk() as desk:
            anna.url = desk.before(page.port)
            words = ('-i', anna.key, '--areas', '2')
            assert 'scrub it first' in anna.run('publish', one, '0=' + anna.path('unclean.jpg'), *words, code=1)
            assert 'scrub it first' in anna.run('publish', one, '0=' + anna.path('page.html'), *words, code=4)
            assert 'how many areas' in anna.run('publish', one, '0=' + copy, '-i', anna.key, code=2)
            assert 'no file of this number' in anna.run('publish', one, '7=' + copy, *words, code=2)
            assert 'NUMBER=FILE' in anna.run('publish', one, copy, *words, code=2)
            assert '-i KEYFILE' in anna.run('publish', one, '0=' + copy, '--areas', '2', code=2)
            for caption in ('call +49 151 23456789', 'mail me@example.org', 'by @somebody', 'see https://example.org/x'):
                said = anna.run('publish', one, '0=' + copy, *words, '--caption', caption, code=2)
                assert '--caption: ' in said and '--words-checked' in said, said
            assert not desk.given and not desk.wanted
            anna.run('publish', one, '0=' + copy, '-i', anna.key, '--nothing-covered', '--caption', 'by @somebody', '--words-checked')
        assert desk.wanted[0]['confirmed_none'] is True and desk.wanted[0]['words_checked'] is True, desk.wanted


def test_what_not_every_browser_plays_is_said_before_it_is_public():
    with opened() as drop:
        page, anna, one, original = one_sent(drop)
        _, copy = covered(anna, original)
        words = ('publish', one, '0=' + copy, '-i', anna.key, '--areas', '2')
        for told, said in (({'unplayed_picture': 'hevc', 'unplayed_sound': None}, 'plays hevc\n'),
                           ({'unplayed_picture': None, 'unplayed_sound': 'alac'}, 'plays alac\n'),
                           ({'unplayed_picture': 'av1', 'unplayed_sound': 'ac3'}, 'plays av1 and ac3\n')):
            with Desk(**told) as desk:
                anna.url = desk.before(page.port)
                refused = anna.run(*words, code=2)
                assert 'not every browser ' + said in refused and 'H.264' in refused and '--not-everywhere' in refused, refused
                assert not desk.wanted
                anna.run(*words, '--not-everywhere')
                assert desk.wanted[0]['confirmed_unplayed'] is True, desk.wanted


def test_a_refusal_names_the_part_and_the_other_copies_are_published_all_the_same():
    with opened() as drop:
        page, anna, one, original = one_sent(drop)
        _, copy = covered(anna, original)
        refusal = {'error': 'a comment', 'part': 'COM', 'offset': 2, 'next': 'scrub it once more, and publish that copy'}
        with Desk(refusal=(422, [('Content-Type', 'application/json')], json.dumps(refusal).encode())) as desk:
            anna.url = desk.before(page.port)
            said = anna.run('publish', one, '0=' + copy, '-i', anna.key, '--areas', '2', code=7)
            assert 'a comment (COM, byte 2)' in said and 'scrub it once more' in said, said
            assert not desk.wanted
        with Desk() as desk:
            anna.url = desk.before(page.port)
            anna.run('publish', one, '3=' + copy, '0=' + copy, '-i', anna.key, '--areas', '2', code=2)
            assert len(desk.wanted) == 1


def test_a_desk_that_received_something_else_publishes_nothing():
    with opened() as drop:
        page, anna, one, original = one_sent(drop)
        _, copy = covered(anna, original)
        with Desk(digest='0' * 64) as desk:
            anna.url = desk.before(page.port)
            said = anna.run('publish', one, '0=' + copy, '-i', anna.key, '--areas', '2', code=3)
            assert 'something else' in said and not desk.wanted, said


def film(folder):
    """A clip as a phone has it: with a place, and the program that coded it."""
    path = os.path.join(folder, 'clip.mp4')
    subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=2',
                    '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-metadata', 'location=+48.2+016.3/', path], check=True)
    with open(path, 'rb') as file:
        return path, file.read()


def test_a_film_goes_from_its_original_to_the_public_and_back():
    with opened('\n[publish]\nalbums = yes\n') as drop:
        page, anna = at_desk(drop)
        path, original = film(anna.folder)
        send(drop, None, ('clip.mp4', original))
        one = only_submission(anna)
        copy = anna.path('clean.mp4')
        subprocess.run([OILSKIN, 'scrub', path, '-o', copy], check=True, capture_output=True)
        album = page.post('/api/albums', {'title': 'Main Street', 'description': '', 'warning': '', 'language': 'en', 'state': 'open'})['album']
        made = anna.json('publish', one, '0=' + copy, '-i', anna.key, '--nothing-covered', '--album', album, '--alt', 'A clock')
        assert made['state'] == 'public', made
        status, headers, body = client_of(drop).ask('GET', '/a/f/' + made['publication'])
        assert (status, body, headers['content-type']) == (200, anna.read('clean.mp4'), 'video/mp4'), (status, headers)
        assert client_of(drop).ask('GET', f"/a/f/{made['publication']}/1")[2][:3] == b'\xff\xd8\xff', 'a frame of it'
        row = page.get('/api/publications?publication=' + made['publication'])['publications'][0]
        assert (row['kind'], row['width'], row['height'], row['areas']) == ('mp4', 320, 180, 0), row
        assert 1900 <= row['duration_ms'] <= 2100, row
        anna.run('withdraw', made['publication'])
        status, _, body = client_of(drop).ask('GET', '/a/f/' + made['publication'])
        assert status in (404, 410) and anna.read('clean.mp4')[:100] not in body, status


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What who takes a desk's server has: its disk, and its memory while reviewers work. No message and no original opens with
that, and where packs are sealed to a key that is elsewhere, no picture either.

usage: desk_dump.py OILSKIN PAGES
"""
import base64
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE, os.path.join(os.path.dirname(HERE), 'fault')]
import tap  # noqa: E402  pylint: disable=wrong-import-position
from age_keys import keys_of, secret_of  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, come_in, opened, picture, send, upload  # noqa: E402  pylint: disable=wrong-import-position
from memory_search import found_in  # noqa: E402  pylint: disable=wrong-import-position
from sealed import blobs  # noqa: E402  pylint: disable=wrong-import-position

MESSAGE = 'planted: the courier comes at dawn, by the old mill'
COMMENT = b'planted: a comment that only the original has'


def photo(seed):
    """With a comment, which no copy keeps."""
    data = picture(seed, 92)
    return data[:2] + b'\xff\xfe' + (len(COMMENT) + 2).to_bytes(2, 'big') + COMMENT + data[2:]


def wait_until_looked(page):
    until = time.time() + 60
    while not all(row['looked'] for row in page.get('/api/queue')['rows']):
        assert time.time() < until, page.get('/api/queue')
        time.sleep(0.2)


def work(drop, page):
    """What a reviewer does: the queue, each submission, its preview and its original."""
    page.get('/api/queue')
    for row in page.get('/api/queue')['rows']:
        there = row['representative']
        page.get('/api/submissions/' + there['submission'])
        page.ask('GET', f"/blobs/{there['file']}/preview")
        place = page.post('/api/open', {'file': there['file'], 'why': 'review'})
        segment = place['segments'][0]['number']
        page.ask('GET', f"/blobs/{place['address']}?segment={segment}&at=0")


def of_the_desk(drop):
    """Keys of everything on the disk that the desk's own key opens."""
    secret, needles = secret_of(drop.keys[0]), {}
    for number, path in enumerate(blobs(drop.data)):
        keys = keys_of(path.read_bytes(), secret)
        if keys:
            needles |= {f'file key {number}': keys[0], f'payload key {number}': keys[1]}
    assert len(needles) >= 14, 'three pictures, one in two parts, and their previews are expected'
    return needles


def on_the_disk(folder, needles):
    found = set()
    for path in pathlib.Path(folder).rglob('*'):
        if path.is_file():
            data = path.read_bytes()
            found |= {f'{name} in {path.name}' for name, needle in needles.items() if needle in data}
    return found


def filled(drop):
    """Three submissions that came just now and were looked at, one of them kept as it was sent, and so opened by keys that the
    server had; and a reviewer who works on them."""
    page = come_in(drop)
    send(drop, MESSAGE, ('first.jpg', photo(1)))
    send(drop, None, ('second.jpg', photo(2)))
    data = photo(3)
    drop.api('/api/submissions', {'uploads': [upload(drop, [data[:3000], data[3000:]], ('kind', 'original'))]})
    wait_until_looked(page)
    work(drop, page)
    return page


def in_memory(drop, needles):
    """Without a restart, nor the ten minutes that docs/threat-model.md allows: what was looked at is closed. What is found for
    longer than a moment."""
    until = time.time() + 15
    while (found := found_in(drop.process.pid, needles)) and time.time() < until:
        time.sleep(0.5)
    return found


def never_there(drop):
    return {'message': MESSAGE.encode(), 'half of it': MESSAGE[20:44].encode(), 'comment': COMMENT, **of_the_desk(drop)}


def test_neither_disk_nor_memory_opens_a_message_or_an_original():
    with opened() as drop:
        filled(drop)
        needles = never_there(drop)
        with open(os.path.join(drop.data, 'triage.key'), encoding='ascii') as file:
            key = secret_of(file.name)
        assert not [path for path in blobs(drop.data) if keys_of(path.read_bytes(), key)], 'the key of packs opens a blob'
        assert not on_the_disk(drop.data, needles)
        found = in_memory(drop, needles)
        assert not found, f'in memory: {sorted(found)}'
        assert found_in(drop.process.pid, {'key of packs': key}), 'the search finds no key that is there'


def test_where_packs_are_for_others_neither_disk_nor_memory_opens_a_picture():
    key = os.path.join(FOLDER, 'packs.key')
    subprocess.run([OILSKIN, 'keygen', '-o', key], check=True, capture_output=True)
    with open(key, encoding='ascii') as file:
        recipient = re.search(r'age1[a-z0-9]+', file.read()).group()
    with opened(f'triage = desk\ntriage_recipient = {recipient}\n') as drop:
        page = filled(drop)
        needles, packs = never_there(drop), page.get('/api/packs')['packs']
        assert len(packs) == 3, packs
        for number, pack in enumerate(packs):
            sealed = base64.b64decode(pack['pack'])
            keys = keys_of(sealed, secret_of(key))
            plain = subprocess.run([OILSKIN, 'unseal', '-i', key, '-'], check=True, input=sealed, capture_output=True).stdout
            assert plain[:4] == b'okpk', plain[:16]
            needles |= {f'file key of pack {number}': keys[0], f'payload key of pack {number}': keys[1],
                        f'pack {number}': plain[100:132], f'end of pack {number}': plain.rstrip(b'\0')[-64:-32]}
        assert not on_the_disk(drop.data, {**needles, 'an identity': b'AGE-SECRET-KEY-1'})
        found = in_memory(drop, {**needles, 'an identity': b'AGE-SECRET-KEY-1Q', 'its bytes': secret_of(key)})
        assert not found, f'in memory: {sorted(found)}'


def test_the_search_finds_what_is_there():
    with opened() as drop:
        come_in(drop)
        assert found_in(drop.process.pid, {'desk': b'oilskin-desk'}) and on_the_disk(drop.data, {'key': b'AGE-SECRET-KEY-1'})


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)

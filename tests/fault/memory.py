#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left in a drop's memory when its senders are gone: nothing that they wrote or sent.

usage: memory.py OILSKIN PAGES [--long]

The server runs on; its memory is read from outside, as by somebody who takes the running machine. That keys are
gone ten minutes after an upload, tests/unit/intake/memory.c shows in seconds, with a keyring that is in a hurry; --long
waits these ten minutes.
"""
import os
import random
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), 'serve')]
import tap  # noqa: E402  pylint: disable=wrong-import-position
from age_keys import keys_of, secret_of  # noqa: E402  pylint: disable=wrong-import-position
from client import client_of, sample_photo  # noqa: E402  pylint: disable=wrong-import-position
from drop import Drop  # noqa: E402  pylint: disable=wrong-import-position
from memory_search import found_in  # noqa: E402  pylint: disable=wrong-import-position
from sealed import blobs  # noqa: E402  pylint: disable=wrong-import-position

OILSKIN, PAGES = (os.path.abspath(word) for word in sys.argv[1:3])
# What is sent last may stand in buffers until the connection is closed; nobody needs longer.
PATIENCE_S = 10
# How long keys of uploads may be held, and how late that may be seen to.
KEYS_S = 10 * 60 + PATIENCE_S


def wait_until_gone(pid, needles):
    until = time.time() + PATIENCE_S
    found = found_in(pid, needles)
    while found and time.time() < until:
        time.sleep(1)
        found = found_in(pid, needles)
    assert not found, f'still in memory: {sorted(found)}'


def places(name, data, count=12):
    """Some pieces of a file, from its first byte to its last."""
    step = (len(data) - 32) // (count - 1)
    return {f'{name} at {i * step}': data[i * step:i * step + 32] for i in range(count)}


def planted(seed, length):
    return random.Random(seed).randbytes(length)


def test_the_memory_can_be_read_and_searched():
    with Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER)) as drop:
        assert found_in(drop.process.pid, {'operator': b'Two editors of The Herald'}), 'the search finds nothing at all'


def test_nothing_that_a_form_brought_stays():
    with Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER)) as drop:
        client = client_of(drop)
        # The studio's pages hold the drawn photo, too: what is looked for is a comment that was put into it.
        letter, photo, comment = planted(1, 700000), sample_photo(OILSKIN, FOLDER), planted(4, 60000)
        photo = photo[:2] + b'\xff\xfe' + (len(comment) + 2).to_bytes(2, 'big') + comment + photo[2:]
        message = 'planted: the courier comes at dawn, by the old mill'
        action, receipt = client.form()
        fields = [('receipt', receipt), ('message', message), ('place', 'planted place by the river'),
                  ('time', 'planted hour before noon')]
        status, _, body = client.submit(action, fields, [('planted-name.bin', 'application/octet-stream', letter),
                                                         ('photo.jpg', 'image/jpeg', photo)])
        assert status == 200, (status, body[:300])
        needles = {'message': message.encode(), 'half of it': message[20:44].encode(), 'place': b'planted place by',
                   'time': b'planted hour before', 'name of the file': b'planted-name', 'receipt': receipt.encode(),
                   **places('letter', letter), **places('photo', comment)}
        wait_until_gone(drop.process.pid, needles)


def test_nothing_that_an_upload_brought_stays():
    with Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER)) as drop:
        client = client_of(drop)
        whole, half = planted(2, 3 << 20), planted(3, 2 << 20)
        address, _ = client.tus_create(len(whole), [('kind', 'original'), ('filename', 'planted-name.mp4')])
        for at in range(0, len(whole), 1 << 20):
            status, _, body = client.tus_patch(address, at, whole[at:at + (1 << 20)])
            assert status == 204, (status, body)
        # Its sender went away in the middle, and may come back.
        address, _ = client.tus_create(len(half), [('attach', 'yes')])
        status, _, body = client.tus_patch(address, 0, half[:1500000])
        assert status == 204, (status, body)
        needles = {'name of the file': b'planted-name', **places('submitted', whole), **places('parked', half[:1500000])}
        wait_until_gone(drop.process.pid, needles)


def test_nothing_that_the_api_brought_stays():
    with Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER)) as drop:
        client = client_of(drop)
        _, receipt = client.form()
        message = 'planted: nobody knows of the second door'
        status, answer = client.api('/api/submissions', {'receipt': receipt, 'message': message})
        assert status == 200, answer
        status, answer = client.api('/api/receipts', {'receipt': receipt})
        assert status == 200, answer
        wait_until_gone(drop.process.pid, {'message': message.encode(), 'receipt': receipt.encode()})


def keys_in(drop):
    """The keys of every sealed file that the drop has, by name."""
    secret, found = secret_of(drop.keys[0]), {}
    for number, path in enumerate(blobs(drop.data)):
        keys = keys_of(path.read_bytes(), secret)
        assert keys, f'{path} is no age file for the desk'
        found |= {f'file key {number}': keys[0], f'payload key {number}': keys[1]}
    return found


def test_ten_minutes_after_the_last_upload_no_key_is_left():
    if '--long' not in sys.argv:
        raise tap.Skip('it waits ten minutes: ./test --long memory')
    with Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER)) as drop:
        client = client_of(drop)
        letter, half = planted(5, 700000), planted(6, 2 << 20)
        message = 'planted: she has copied the ledger, all of it'
        action, receipt = client.form()
        status, _, body = client.submit(action, [('receipt', receipt), ('message', message), ('kind', 'original')],
                                        [('planted-ledger.bin', 'application/octet-stream', letter),
                                         ('photo.jpg', 'image/jpeg', sample_photo(OILSKIN, FOLDER))])
        assert status == 200, (status, body[:300])
        address, _ = client.tus_create(len(half), [('attach', 'yes')])
        status, _, body = client.tus_patch(address, 0, half[:1500000])
        assert status == 204, (status, body)
        sent = time.time()
        needles = {'message': message.encode(), 'name of the file': b'planted-ledger', 'receipt': receipt.encode(),
                   'address of the upload': address.rsplit('/', 1)[1].encode(), **keys_in(drop),
                   **places('letter', letter), **places('parked', half[:1500000])}
        held = {name for name in found_in(drop.process.pid, needles) if 'key' in name}
        assert held, 'the key of an upload in flight is not found, so that this test shows nothing'
        time.sleep(max(0, sent + KEYS_S - time.time()))
        wait_until_gone(drop.process.pid, needles)


FOLDER = tempfile.mkdtemp(prefix='oilskin-memory-')
try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)

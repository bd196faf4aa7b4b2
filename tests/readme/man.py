#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs each example of the manual pages and looks at what came of it.

usage: man.py ROOT OILSKIN SAMPLE_TOOL      (TAP; ends with `N passed, N failed, N skipped`)

Paths of a server stand below a folder of the test, and an address is a free port. What must come of an example stands in
AFTER, by its page; a page whose examples nobody looks at fails. Those of oilskin-desk(1) need a drop: tests/serve/desk_readme.py
runs them.
"""
import contextlib
import glob
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

from PIL import Image

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
sys.path[:0] = [TESTS, os.path.join(TESTS, 'serve')]
import tap  # noqa: E402 pylint: disable=wrong-import-position
from client import Client  # noqa: E402 pylint: disable=wrong-import-position

ROOT, OILSKIN, SAMPLE = (os.path.abspath(word) for word in sys.argv[1:4])
START_LIMIT = 60
KEYS = ('one.key', 'two.key')


def examples(path):
    """The commands below EXAMPLES, each of them in one line."""
    with open(path, encoding='utf-8') as file:
        text = file.read()
    found = re.search(r'^# EXAMPLES\n(.*?)^# ', text, re.S | re.M)
    lines = []
    for part in re.findall(r'(?:^\t.+(?:\n[^\n\t].*)*)|^```\n.*?^```', found.group(1) if found else '', re.S | re.M):
        part = part.replace('\\\\++\n', ' ').replace('++\n', '\n').strip('`\n')
        lines += [line.strip() for line in part.splitlines()]
    return [line for line in lines if re.match(r'(oilskin|rm) ', line)]


class Place:
    """A folder with what the examples name, and a server's folders below it."""

    def __init__(self, folder):
        self.folder = folder
        for name in ('camera', 'march', 'march-regions', 'outbox', 'bin', 'var/lib/oilskin', 'backup'):
            os.makedirs(self.path(name))
        os.symlink(OILSKIN, self.path('bin/oilskin'))
        subprocess.run([SAMPLE, self.path('small.jpg')], check=True)
        # As large as a phone's, with what a phone writes.
        small = Image.open(self.path('small.jpg'))
        small.resize((4032, 3024)).save(self.path('photo.jpg'), quality=85, exif=small.info['exif'])
        for name in ('camera', 'march'):
            small.save(self.path(name, 'a.jpg'), exif=small.info['exif'])
        with open(self.path('march-regions/a.jpg.json'), 'w', encoding='utf-8') as out:
            json.dump({'version': 1, 'regions': [{'shape': 'rect', 'x': 9, 'y': 9, 'w': 90, 'h': 90}]}, out)
        self.before = set()
        self.blobs = {}
        self.recipients = [self.key(name) for name in KEYS]
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        self.env = {**os.environ, 'PATH': f'{self.path("bin")}:{os.environ["PATH"]}'}

    def path(self, *words):
        return os.path.join(self.folder, *words)

    def key(self, name):
        subprocess.run([OILSKIN, 'keygen', '-o', self.path(name)], check=True, capture_output=True)
        with open(self.path(name), encoding='ascii') as file:
            return re.search(r'age1[a-z0-9]{58}', file.read()).group()

    def here(self, command):
        """The same command in this folder."""
        for recipient in self.recipients:
            command = command.replace('age1...', recipient, 1)
        command = re.sub(r'(?<![\w./])/(var|backup)/', self.folder + r'/\1/', command)
        return command.replace('127.0.0.1:8080', f'127.0.0.1:{self.port}')

    def run(self, command):
        self.before = self.everything()
        done = subprocess.run(['bash', '-c', self.here(command)], cwd=self.folder, env=self.env, capture_output=True, check=False,
                              timeout=120, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f'{command}: {done.returncode}: {(done.stdout + done.stderr).decode()[-400:]}'
        return done.stdout.decode(errors='replace')

    def size(self, name):
        return Image.open(self.path(name)).size

    def is_clean(self, name):
        return subprocess.run([OILSKIN, 'inspect', '--check', self.path(name)], capture_output=True, check=False).returncode == 0

    def everything(self):
        return set(glob.glob(self.path('**'), recursive=True))

    def made(self):
        """The picture, or the backup, that the last command left."""
        name, = (name for name in self.everything() - self.before if name.endswith('.jpg') or os.path.dirname(name) == self.path('backup'))
        return name


def after_inspect(place, command, said):
    if '--check' not in command:
        assert 'where it was taken' in said and '47.37503' in said, said
        return
    # Nothing was in the folder. What reveals something is not let through, what was scrubbed is.
    assert 'not yet' not in said, said
    shutil.copy(place.path('small.jpg'), place.path('outbox', 'a.jpg'))
    assert 'not yet' in place.run(command)
    os.unlink(place.path('outbox', 'a.jpg'))
    subprocess.run([OILSKIN, 'scrub', place.path('small.jpg'), '-o', place.path('outbox', 'b.jpg')], check=True, capture_output=True)
    said = place.run(command)
    assert 'b.jpg' in said and 'not yet' not in said, said
    os.unlink(place.path('outbox', 'b.jpg'))


def after_redact(place, command, said):
    made = place.made()
    assert place.is_clean(made) and 'covered' in said, (made, said)
    assert '--crop' not in command or place.size(made) == (1600, 3024), place.size(made)


def after_scrub(place, command, said):
    made = place.made()
    assert place.is_clean(made), (made, said)
    if '--map' in command:
        with open(place.path('list.tsv'), encoding='utf-8') as file:
            assert 'camera/a.jpg' in file.read()


def files(folder):
    return {name: os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)}


def is_whole(store):
    return subprocess.run([OILSKIN, 'store', 'check', store], capture_output=True, check=False).returncode == 0


def after_store(place, command, said):
    store, older = place.path('var/lib/oilskin'), place.path('backup', time.strftime('%a'))
    assert is_whole(store), (command, said)
    now = files(os.path.join(store, 'blobs'))
    if ' shuffle ' in command:
        # Each file of a past day has a new name, and the bytes that it had.
        assert said == f'{len(place.blobs)} files have new names.\n' and place.blobs and not set(now) & set(place.blobs), (said, now, place.blobs)
        assert sorted(now.values()) == sorted(place.blobs.values()), (now, place.blobs)
        # Last week's backup of the same day.
        os.makedirs(older)
        with open(os.path.join(older, 'rows.db'), 'w', encoding='ascii') as out:
            out.write('of last week')
    elif command.startswith('rm '):
        assert not os.path.exists(older) and os.path.isdir(place.path('backup')) and now, (older, os.listdir(place.path('backup')))
    elif ' backup ' in command:
        assert place.made() == older and is_whole(older) and said == f'The backup is in {older}.\n', (place.made(), said)
        assert files(os.path.join(older, 'blobs')) == now and now, (said, now)
    else:
        raise AssertionError('nobody looks at ' + command)


def answer_of(place):
    """What the drop shows, or "" where it is closed."""
    try:
        connection = http.client.HTTPConnection('127.0.0.1', place.port, timeout=10)
        connection.request('GET', '/')
        return connection.getresponse().read().decode()
    except OSError:
        return ''


def serve(place, command, data, meanwhile=lambda _: None):
    """A drop that was begun by hand opens when each of its keys was tried, and says whose it is."""
    with open(place.path('serve.log'), 'w', encoding='utf-8') as log:
        server = subprocess.Popen(['bash', '-c', 'exec ' + place.here(command)], cwd=place.folder, env=place.env, stdin=subprocess.DEVNULL,
                                  stdout=log, stderr=log)
    until = time.monotonic() + START_LIMIT

    def wait(condition):
        while not condition():
            with open(place.path('serve.log'), encoding='utf-8') as log:
                assert server.poll() is None and time.monotonic() < until, log.read()[-400:]
            time.sleep(0.1)

    try:
        wait(lambda: len(glob.glob(place.path(data, 'opening/*.age'))) == 2)
        for name in KEYS:
            place.run(f'oilskin desk open {data} {name}')
        wait(lambda: 'The Herald' in answer_of(place))
        meanwhile(place)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


AFTER = {'oilskin-inspect.1': after_inspect, 'oilskin-redact.1': after_redact, 'oilskin-scrub.1': after_scrub,
         'oilskin-store.1': after_store}


def test_of(page, command):
    def run(place):
        if page == 'oilskin-serve.1':
            serve(place, command, 'drop')
        else:
            AFTER[page](place, command, place.run(command))
    return run


def send(place):
    client = Client(lambda: http.client.HTTPConnection('127.0.0.1', place.port, timeout=60))
    action, receipt = client.form()
    with open(place.path('small.jpg'), 'rb') as photo:
        status, _, said = client.submit(action, [('receipt', receipt), ('message', 'From the station.')], [('IMG_1.jpg', 'image/jpeg', photo.read())])
    assert status == 200, (status, said[:400])
    # Its small picture is made behind the answer.
    until = time.monotonic() + START_LIMIT
    with contextlib.closing(sqlite3.connect(place.path('var/lib/oilskin/rows.db'), timeout=60)) as rows:
        while not rows.execute('SELECT count(*) FROM records WHERE blob IS NOT NULL').fetchone()[0]:
            assert time.monotonic() < until, 'nobody looks at it'
            time.sleep(0.1)


def make_store(place):
    """A drop's folder, as the server makes it, with what somebody sent some days ago."""
    serve(place, 'oilskin serve --listen 127.0.0.1:8080 --data var/lib/oilskin --recipient age1... --recipient age1... '
                 "--set drop.operator='The Herald' --set drop.readers=We --set drop.contact=desk@example.org "
                 '--set drop.keep_days=30', 'var/lib/oilskin', send)
    with contextlib.closing(sqlite3.connect(place.path('var/lib/oilskin/rows.db'))) as rows, rows:
        assert rows.execute('UPDATE submissions SET day = day - 3').rowcount == 1
        # Its small picture, for the desk.
        assert rows.execute('UPDATE records SET day = day - 3 WHERE blob IS NOT NULL').rowcount == 1
    place.blobs = files(place.path('var/lib/oilskin/blobs'))


def main():
    tests = {}
    for path in sorted(glob.glob(os.path.join(ROOT, 'docs/man/*.scd'))):
        page = os.path.basename(path)[:-4]
        for number, command in enumerate(examples(path) if page != 'oilskin-desk.1' else []):
            tests[f'test_{page} {number}: {command}'] = test_of(page, command)
    with tempfile.TemporaryDirectory(prefix='oilskin-man-') as folder:
        place = Place(folder)
        make_store(place)
        return tap.run({'test_there are examples': lambda _: len(tests) > 8 or sys.exit('no examples'), **tests}, place)


sys.exit(main())

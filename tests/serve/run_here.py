#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./run` without words, as somebody with a fresh machine starts it: a drop, the studio and a desk on this machine.

usage: run_here.py OILSKIN PAGES

The script itself runs, in a tree of its own where everything has been built a moment ago, so that it builds nothing and
keeps its drop there.
"""
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, PAGES, PASSPHRASE, Page, send  # noqa: E402  pylint: disable=wrong-import-position

WORDS = 'Look at the second window.'
STAMPS = ('build/.built', 'build/web/.built')


def tree():
    """A checkout with nothing newer than what was built."""
    root = os.path.join(FOLDER, 'checkout')
    shutil.rmtree(root, ignore_errors=True)
    for name in ('include', 'src', 'host', 'worker', 'http', 'store', 'intake', 'desk', 'publish', 'cli/sample', 'web', 'setup', 'build/cli', 'build/web'):
        os.makedirs(os.path.join(root, name))
    for name in ('meson.build', 'meson_options.txt', 'run'):
        shutil.copy(os.path.join(ROOT, name), root)
    os.symlink(OILSKIN, os.path.join(root, 'build/cli/oilskin'))
    os.symlink(PAGES, os.path.join(root, 'build/web/dist'))
    for name in STAMPS:
        with open(os.path.join(root, name), 'w', encoding='ascii'):
            pass
        os.utime(os.path.join(root, name), (time.time() + 60,) * 2)
    return root


class Run:
    """`./run` in a terminal, or with what it says in a file, until the end of its `with`."""

    def __init__(self, root, in_terminal=True, env=None):
        ours, theirs = pty.openpty() if in_terminal else os.pipe()
        self.process = subprocess.Popen([os.path.join(root, 'run')], stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **(env or {})})
        os.close(theirs)
        self.lines = os.fdopen(ours, 'r', encoding='utf-8')  # pylint: disable=consider-using-with
        self.said, until = '', time.time() + 60
        while 'The studio is at' not in self.said:
            assert time.time() < until, self.said
            try:
                line = self.lines.readline()
            except OSError:
                line = ''
            assert line, f'it ended: {self.said}'
            self.said += line
        self.port = int(self.found(r'The drop is at http://127\.0\.0\.1:(\d+)/'))
        self.desk = int(self.found(r'The desk is at http://127\.0\.0\.1:(\d+)'))

    def found(self, what):
        match = re.search(what, self.said)
        assert match, f'{what} is not in: {self.said}'
        return match.group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.lines.close()


def test_run_opens_a_desk_whose_link_lets_the_first_reviewer_in():
    root = tree()
    with Run(root) as here:
        link = here.found(rf'This link makes the first one, once:\s+http://127\.0\.0\.1:{here.desk}/#first=([0-9a-f]{{32}})')
        page = Page(here.desk)
        assert b'<html' in page.ask('GET', '/desk/')
        with open(os.path.join(root, 'build/drop/desk.key'), encoding='ascii') as file:
            recipient = re.search(r'age1[a-z0-9]+', file.read()).group()
        me = page.post('/api/first', {'link': link, 'name': 'anna', 'passphrase': PASSPHRASE, 'recipient': recipient})
        assert me['role'] == 'admin', me
        assert b'Nothing is published here yet.' in Page(here.port).ask('GET', '/a/?lang=en')
        send(here, WORDS)
        rows = page.get('/api/queue')['rows']
        assert len(rows) == 1 and rows[0]['has_words'], rows
    # Once: the next start has a desk with an admin, and another address.
    with Run(root) as here:
        assert '#first=' not in here.said, here.said
        page = Page(here.desk)
        page.post('/api/first', {'link': link, 'name': 'eve', 'passphrase': PASSPHRASE, 'recipient': recipient}, code=403)
        page.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})


def test_run_opens_a_desk_for_a_drop_that_had_none():
    root = tree()
    with Run(root):
        pass
    config = os.path.join(root, 'build/drop/oilskin.conf')
    with open(config, encoding='utf-8') as file:
        text = file.read()
    assert text.count('[desk]\n') == 1, text
    with open(config, 'w', encoding='utf-8') as file:
        file.write(text.partition('[desk]')[0])
    # Into a file the secret of the link is not written; how to ask for it is.
    with Run(root, in_terminal=False, env={'SSH_CONNECTION': '10.0.0.1 40000 10.0.0.2 22'}) as here:
        assert f'ssh -N -L {here.desk}:127.0.0.1:{here.desk} ' in here.said, here.said
        assert '#first=' not in here.said, here.said
        data = here.found(r'ask for it: oilskin desk first-link (\S+)')
        done = subprocess.run([OILSKIN, 'desk', 'first-link', data], capture_output=True, text=True, check=True, timeout=60)
        assert re.search(r'/#first=[0-9a-f]{32}\n', done.stdout), done.stdout


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)

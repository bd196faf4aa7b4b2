#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every command that the README and oilskin-desk(1) have for the desk, in their order, against a drop that runs.

usage: desk_readme.py OILSKIN PAGES

Behind `$ ` stands a command; `./run` is the program, SUBMISSION what was sent, DATA the drop's folder. What is asked at a
terminal (the login's passphrase) is handed over as scripts do. What must come of each verb stands in EXPECTED, so that
neither can be there without the other.
"""
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from client import client_of  # noqa: E402  pylint: disable=wrong-import-position
from desk_reviewer import at_desk, only_submission, triaged, wait_for_packs  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, picture  # noqa: E402  pylint: disable=wrong-import-position

WORDS = 'Look at the second window.'
ANSWER = 'Which house is it?'


class Desk:
    """anna's machine, with the files that the README names, and a desk to which one thing was sent."""

    def __init__(self, drop, packs):
        page, self.anna = at_desk(drop)
        photo = picture(1, 92)
        client = client_of(drop)
        address, _ = client.tus_create(len(photo), [('attach', 'yes')])
        assert client.tus_patch(address, 0, photo)[0] == 204
        self.drop, self.receipt = drop, drop.api('/api/submissions', {'message': WORDS, 'uploads': [address]})['receipt']
        wait_for_packs(page, 1)
        self.one = only_submission(self.anna)
        shutil.copy(self.anna.key, self.path('anna.key'))
        shutil.copy(packs, self.path('triage.key'))
        drop.run('keygen', '-o', self.path('new.key'))
        with open(self.path('answer.txt'), 'w', encoding='ascii') as file:
            file.write(ANSWER)
        self.page = page
        self.named = {'SUBMISSION': self.one, 'DATA': drop.data, 'https://desk.example': self.anna.url}
        with open(self.path('photo.jpg'), 'wb') as file:
            file.write(photo)
        drop.run('scrub', self.path('photo.jpg'), '-o', self.path('covered.jpg'))

    def path(self, name):
        return self.anna.path(name)

    def run(self, words):
        """What one of the README's commands prints."""
        asked = ['--login-file', self.anna.login] if words[2] in ('login', 'rotate') else []
        done = subprocess.run([OILSKIN, *(self.named.get(word, word) for word in words[1:]), *asked], cwd=self.anna.folder,
                              capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f'{words}: {done.returncode} {done.stdout}{done.stderr}'
        return done.stdout

    def opened(self):
        """The one file, as `unseal` wrote it."""
        name, = (name for name in os.listdir(self.path('opened')) if name.startswith('file-'))
        return self.anna.read('opened', name)

    def answers(self):
        letters = self.drop.api('/api/receipts', {'receipt': self.receipt})['letters']
        return [one['text'] for one in letters if one['from'] == 'desk']

    def published(self, said):
        """What `publish` printed is there, and a link leads to it; both are named from now on."""
        publication, state = said.split()
        self.named['PUBLICATION'] = publication
        self.named['ADDRESS'] = self.page.post('/api/shares', {'publication': publication})['address']
        return state == 'unlisted' and self.is_link_open()

    def is_link_open(self):
        share, = self.page.get('/api/shares')['shares']
        return share['state'] == 'open'

    def opens_with(self, key):
        return WORDS in self.anna.run('show', self.one, '-i', self.path(key))

    def recipient(self, key):
        with open(self.path(key), encoding='ascii') as file:
            return re.search(r'age1[a-z0-9]+', file.read()).group()


# What each verb prints, or leaves behind.
EXPECTED = {
    'login': lambda desk, said: os.path.getsize(desk.path('s')) > 0,
    'triage': lambda desk, said: said == '1 new, 0 different, 0 copies, 0 unreadable.\n',
    'list': lambda desk, said: desk.one in said,
    'show': lambda desk, said: WORDS in said,
    'fetch': lambda desk, said: sorted(os.listdir(desk.path('taken'))) == ['file-0.age', 'submission.json'],
    'unseal': lambda desk, said: WORDS in said and desk.opened()[:2] == b'\xff\xd8',
    'reply': lambda desk, said: desk.answers() == [ANSWER],
    'export': lambda desk, said: hashlib.sha256(desk.anna.read('evidence.age')).hexdigest() in said,
    'verify-export': lambda desk, said: 'WRONG' not in said and hashlib.sha256(desk.opened()).hexdigest() in said,
    'publish': lambda desk, said: desk.published(said),
    'end-link': lambda desk, said: not desk.is_link_open(),
    'withdraw': lambda desk, said: said.startswith('Removed here') and desk.page.get('/api/publications')['counts']['withdrawn'] == 1,
    'rotate': lambda desk, said: desk.recipient('new.key') in said,
    'rewrap': lambda desk, said: desk.opens_with('new.key'),
    'reviewer list': lambda desk, said: 'anna' in said,
    'reviewer add': lambda desk, said: re.search(r'#join=[0-9a-f]{32}', said),
    'logout': lambda desk, said: not os.path.exists(desk.path('s')),
}


def commands():
    """Each command of the README's blocks that are about the desk, as words."""
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        blocks = re.findall(r'^```console no-run\n(.*?)^```', file.read(), re.S | re.M)
    return [shlex.split(line[2:], comments=True) for block in blocks if './run desk' in block
            for line in block.splitlines() if line.startswith('$ ')]


def verb(words):
    return ' '.join(words[2:4]) if words[2] == 'reviewer' else words[2]


def test_each_command_of_the_readme_does_what_it_says():
    found = commands()
    assert all(words[:2] == ['./run', 'desk'] for words in found), found
    assert {verb(words) for words in found} == set(EXPECTED), found
    drop, packs = triaged('[publish]\nlinks = yes\n')
    with drop:
        desk = Desk(drop, packs)
        for words in found:
            said = desk.run(words)
            assert EXPECTED[verb(words)](desk, said), f'{words}: {said}'


def examples():
    """Each command below EXAMPLES of the manual page, as words."""
    with open(os.path.join(ROOT, 'docs/man/oilskin-desk.1.scd'), encoding='utf-8') as file:
        blocks = re.findall(r'^```\n(.*?)^```', file.read().split('# EXAMPLES')[1], re.S | re.M)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_each_example_of_the_manual_page_does_what_it_says():
    found = examples()
    assert len(found) > 4 and all(words[:2] == ['oilskin', 'desk'] for words in found), found
    drop, packs = triaged('[publish]\nlinks = yes\n')
    with drop:
        desk = Desk(drop, packs)
        film = desk.path('film.mp4')
        subprocess.run(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=1', '-c:v', 'libx264',
                        '-pix_fmt', 'yuv420p', film], check=True, stdin=subprocess.DEVNULL)
        drop.run('scrub', film, '-o', desk.path('covered.mp4'))
        shutil.copy(desk.path('anna.key'), desk.path('desk.key'))
        desk.named.update({'0b1c…': desk.one, '~/anna.session': desk.path('s'), '/media/stick/0b1c': desk.path('taken'),
                           '0b1c': desk.path('opened'), 'https://desk.example.org': desk.anna.url})
        for words in found:
            said = desk.run(words)
            assert EXPECTED[verb(words)](desk, said), f'{words}: {said}'


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)

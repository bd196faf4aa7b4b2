# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop that runs, for clients of others: at one port, in a folder that goes with it."""
import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'serve'))
import drop  # noqa: E402  pylint: disable=wrong-import-position

ZERO = b'\0'


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Drop(drop.Drop):
    """Stays at its port when it is started again, where clients look for it."""

    def __init__(self, oilskin, pages, **settings):
        super().__init__(os.path.abspath(oilskin), os.path.abspath(pages), tempfile.mkdtemp(prefix='oilskin-drop-'),
                         listen=f'127.0.0.1:{free_port()}', **settings)

    def kill(self):
        """As if the machine lost its process."""
        self.stop(signal.SIGKILL)

    def __exit__(self, fault, *rest):
        super().__exit__(fault, *rest)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    def send(self, method, path, body=None, **headers):
        """(status, headers, body): one request on a connection of its own."""
        peer = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        try:
            peer.request(method, path, body, {name.replace('_', '-'): value for name, value in headers.items()})
            answer = peer.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            peer.close()

    def rows(self, question):
        path = next(os.path.join(top, name) for top, _, names in os.walk(self.data) for name in names
                    if name.endswith(('.db', '.sqlite', '.sqlite3')))
        with sqlite3.connect(f'file:{path}?mode=ro', uri=True) as rows:
            return rows.execute(question).fetchall()

    def files(self):
        """What the desk can open, file by file: the pieces of each, in order, without their padding (the true lengths
        stand in the manifest alone: no test sends a file that ends in zeros)."""
        for _ in range(50):
            found = self.found_files()
            if found is not None:
                return found
        raise AssertionError('blobs are missing')

    def found_files(self):
        """None when a row changed meanwhile: what was stored twice is found in the background."""
        paths = {}
        for top, _, names in os.walk(self.data):
            paths.update({name.split('.')[0]: os.path.join(top, name) for name in names})
        found = {}
        for owner, blob in self.rows('SELECT s.owner, s.blob FROM segments s JOIN files f ON f.id = s.owner '
                                     'ORDER BY s.owner, s.number'):
            done = subprocess.run([self.oilskin, 'unseal', '-i', self.keys[0], paths.get(blob.hex(), '/nowhere')],
                                  check=False, capture_output=True)
            if done.returncode != 0:
                return None
            found[owner] = found.get(owner, b'') + done.stdout.rstrip(ZERO)
        return list(found.values())

    def submissions(self):
        return self.rows('SELECT count(*) FROM submissions')[0][0]


def run_all(tests):
    """Each in turn; the last line counts."""
    failed = 0
    for name, run in tests:
        try:
            run()
            print(f'ok - {name}', flush=True)
        except Exception:  # the next test says what it says
            failed += 1
            print(f'not ok - {name}', flush=True)
            print('\n'.join('  # ' + line for line in traceback.format_exc().splitlines()), flush=True)
    print(f'{len(tests) - failed} passed, {failed} failed')
    return 1 if failed else 0

# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop that runs: `oilskin serve`, with a desk's key, in a folder of its own."""
import ctypes
import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ZERO = b'\0'


def end_with_parent():
    """A test that is killed leaves no server behind (prctl, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Drop:
    """Starts and stops; keeps its folder and its port in between."""

    def __init__(self, oilskin, pages, *settings):
        self.oilskin, self.pages, self.settings = oilskin, pages, settings
        self.folder = tempfile.mkdtemp(prefix='oilskin-drop-')
        self.data = os.path.join(self.folder, 'data')
        self.key = os.path.join(self.folder, 'desk.key')
        self.port = free_port()
        self.process = None
        subprocess.run([oilskin, 'keygen', '--output', self.key], check=True, capture_output=True)
        with open(self.key, encoding='ascii') as file:
            self.recipient = re.search(r'age1[a-z0-9]+', file.read()).group(0)
        self.start()

    def start(self):
        words = ['drop.operator=The Test', 'drop.readers=nobody', 'drop.contact=test@example.org', 'drop.keep_days=30',
                 *self.settings]
        self.log = open(os.path.join(self.folder, 'log'), 'a+', encoding='utf-8')
        at = self.log.seek(0, os.SEEK_END)
        self.process = subprocess.Popen(
            [self.oilskin, 'serve', '--listen', f'127.0.0.1:{self.port}', '--data', self.data, '--recipient',
             self.recipient, '--pages', self.pages, *(word for text in words for word in ('--set', text))],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
            preexec_fn=end_with_parent)
        opened = False
        until = time.monotonic() + 60
        while True:
            self.log.seek(at)
            said = self.log.read()
            if f'127.0.0.1:{self.port}' in said:
                return
            if 'Not opened yet' in said and not opened:
                subprocess.run([self.oilskin, 'desk', 'open', self.data, self.key], check=True, capture_output=True)
                opened = True
            assert self.process.poll() is None and time.monotonic() < until, said
            time.sleep(0.05)

    def kill(self):
        """As if the machine lost its process."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    def ask(self, method, path, body=None, **headers):
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
        found = {}
        for owner, blob in self.rows('SELECT s.owner, s.blob FROM segments s JOIN files f '
                                             'ON f.id = s.owner ORDER BY s.owner, s.number'):
            name = blob.hex()
            path = next(os.path.join(top, one) for top, _, names in os.walk(self.data) for one in names if name in one)
            plain = subprocess.run([self.oilskin, 'unseal', '-i', self.key, path], check=True,
                                   capture_output=True).stdout
            found[owner] = found.get(owner, b'') + plain.rstrip(ZERO)
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

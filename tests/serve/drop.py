# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop under test: `oilskin serve` with keys, a configuration and a folder of its own."""
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'http'))
from server import Peer  # noqa: E402  pylint: disable=wrong-import-position

CONFIG = '''[drop]
operator = The Herald
readers = Two editors of The Herald
contact = drop@example.org
keep_days = 30
{recipients}
{drop}
[server]
listen = {listen}
metrics = 127.0.0.1:0
data = {data}
pages = {pages}
{server}
'''


def with_few_descriptors(oilskin, folder):
    """The program, with room for 80 connections, of which FILES may be answers from files (http/limits.h)."""
    path = os.path.join(folder, 'oilskin')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\nulimit -n 160\nexec {shlex.quote(os.path.abspath(oilskin))} "$@"\n')
    os.chmod(path, 0o755)
    return path


FILES = 26


def hold_all_places(drop, asks, streams):
    """Asks until no answer from a file is given any more, and reads none of them."""
    said = []
    for _ in range(FILES + 10):
        peer = streams.enter_context(socket.socket())
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        peer.connect(('127.0.0.1', drop.port))
        peer.sendall(f'{asks} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n'.encode())
        said.append(peer.recv(12))
    assert said == [b'HTTP/1.1 200'] * FILES + [b'HTTP/1.1 503'] * 10, said


class Drop(Peer):
    """Runs until the end of its `with`; its folder stays, so that another one can go on in it."""

    def __init__(self, oilskin, pages, folder, drop='', server='', categories='', listen='127.0.0.1:0', env=None):
        super().__init__(0)
        self.oilskin, self.folder = oilskin, folder
        self.data = os.path.join(folder, 'data')
        self.config = os.path.join(folder, 'oilskin.conf')
        self.keys = [os.path.join(folder, name + '.key') for name in ('desk', 'recovery')]
        self.env = {**os.environ, **(env or {})}
        os.makedirs(self.data, mode=0o700, exist_ok=True)
        for key in self.keys:
            if not os.path.exists(key):
                self.run('keygen', '-o', key)
                self.run('desk', 'open', self.data, key)
        self.write_config(pages=pages, drop=drop, server=server, categories=categories, listen=listen)
        self.log = open(os.path.join(folder, 'log.txt'), 'ab')
        self.start()

    def recipients(self):
        return [re.search(r'age1[a-z0-9]+', open(key, encoding='ascii').read()).group() for key in self.keys]

    def write_config(self, pages, drop='', server='', categories='', listen='127.0.0.1:0'):
        text = CONFIG.format(recipients='\n'.join('recipient = ' + one for one in self.recipients()), drop=drop,
                             listen=listen, data=self.data, pages=pages, server=server) + categories
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(text)

    def run(self, *words, code=0):
        done = subprocess.run([self.oilskin, *words], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == code, f'{words}: {done.stdout}{done.stderr}'
        return done.stdout

    def start(self):
        self.process = subprocess.Popen([self.oilskin, 'serve', '--config', self.config], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, env=self.env)
        self.lines = []
        self.metrics = None
        # Lines that a reader holds already are nothing that select() sees, so that a timer ends a wait.
        late = threading.Timer(60, self.process.kill)
        late.start()
        while self.metrics is None:
            line = self.process.stdout.readline()
            assert line, f'it ended: {self.lines} {self.said()}'
            self.lines.append(line)
            drop = re.match(r'The drop is at http://[^ ]*:(\d+)/', line)
            figures = re.match(r'Figures are at [^ ]*:(\d+)', line)
            self.port = int(drop.group(1)) if drop else self.port
            self.metrics = Peer(int(figures.group(1))) if figures else None
        late.cancel()

    def said(self):
        with open(os.path.join(self.folder, 'log.txt'), encoding='utf-8', errors='replace') as file:
            return file.read()

    def stop(self, how=signal.SIGTERM):
        """The exit code."""
        self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code

    def restart(self, how=signal.SIGKILL):
        self.stop(how)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, fault, *_):
        ended = self.process.poll()
        if ended is None:
            # Nobody is let finish: a stop in peace lasts a second, and has tests of its own.
            self.stop(signal.SIGKILL)
        self.log.close()
        # Another fault is told first.
        assert fault or ended in (None, 0, -signal.SIGKILL), f'it ended with {ended}: {self.said()[-2000:]}'

    # ---- what a sender does ----

    def api(self, path, value=None, code=200):
        """POSTs JSON (or GETs, without a value); the answer's JSON."""
        body = b'' if value is None else json.dumps(value).encode()
        head = (f'{"GET" if value is None else "POST"} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' +
                (f'Content-Type: application/json\r\nContent-Length: {len(body)}\r\n' if value is not None else '') + '\r\n')
        answer = self.raw(head.encode() + body)
        first, _, rest = answer.partition(b'\r\n')
        got = int(first.split()[1])
        text = rest.partition(b'\r\n\r\n')[2]
        assert got == code, f'{path}: {got} {text[:300]}'
        return json.loads(text) if text else None

    def figure(self, name):
        status, _, body = self.metrics.ask('/metrics')
        assert status == 200, status
        return int(re.search(rf'^{name} (\d+)$', body.decode(), re.M).group(1))

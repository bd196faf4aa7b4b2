# SPDX-License-Identifier: GPL-3.0-or-later
"""A server under test: ours, or any other that listens on a port of this machine."""
import os
import re
import socket
import subprocess


class Peer:
    """What answers at a port."""

    def __init__(self, port):
        self.port = port

    def connect(self):
        return socket.create_connection(('127.0.0.1', self.port), timeout=30)

    def raw(self, text):
        """Everything that comes back until the server ends the connection."""
        with self.connect() as peer:
            peer.sendall(text if isinstance(text, bytes) else text.encode('latin-1'))
            out = b''
            while True:
                try:
                    got = peer.recv(65536)
                except ConnectionResetError:
                    break
                if not got:
                    break
                out += got
        return out

    def ask(self, path, method='GET', **headers):
        """(status, {header: value}, body)"""
        lines = {'Host': 'localhost', 'Connection': 'close', **{k.replace('_', '-'): v for k, v in headers.items()}}
        text = f'{method} {path} HTTP/1.1\r\n' + ''.join(f'{k}: {v}\r\n' for k, v in lines.items() if v is not None) + '\r\n'
        head, _, body = self.raw(text).partition(b'\r\n\r\n')
        first, *rest = head.decode('latin-1').split('\r\n')
        return int(first.split()[1]), {k.lower(): v for k, v in (line.split(': ', 1) for line in rest)}, body


class Server(Peer):
    """`oilskin studio`, as it runs."""

    def __init__(self, oilskin, pages, *words, **environment):
        self.process = subprocess.Popen([oilskin, 'studio', '--pages', pages, *words], stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})
        self.lines = [self.process.stdout.readline()]
        match = re.search(r'http://[^ ]*?:(\d+)/studio/\n', self.lines[0])
        assert match, self.lines
        super().__init__(int(match.group(1)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=20)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of connections that hardly send anything: what they cost, and who is served beside them.

usage: slow.py HTTP_SINK [CONNECTIONS] [--long]      (TAP; ends with `N passed, N failed`)

On loopback only. Half of them drip headers, half a body. HTTP_SINK is to be of a build without sanitizers, whose
memory is another one's.
"""
import os
import resource
import selectors
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402 pylint: disable=wrong-import-position

SINK = os.path.abspath(sys.argv[1])
NUMBERS = [word for word in sys.argv[2:] if word.isdigit()]
COUNT = int(NUMBERS[0]) if NUMBERS else 8000
MEMORY_MB = 64
# The aim; the short tier runs on machines that may be busy with something else, and asks for an end alone.
ABOVE_IDLE_MS = 200 if '--long' in sys.argv else 5000


class Sink:
    def __enter__(self):
        self.process = subprocess.Popen([SINK], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rpartition(':')[2])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)

    def resident(self):
        """Bytes of memory that are its own."""
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as file:
            for line in file:
                if line.startswith('RssAnon:'):
                    return int(line.split()[1]) * 1024
        raise AssertionError('no RssAnon')

    def honest(self, size=1 << 20):
        """Seconds that an upload takes, from its connection to its answer."""
        started = time.monotonic()
        with socket.create_connection(('127.0.0.1', self.port), timeout=30) as peer:
            peer.sendall(b'POST /sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n' % size + bytes(size))
            got = b''
            while not got.endswith(b'%d\n' % size):
                more = peer.recv(65536)
                assert more, got
                got += more
        return time.monotonic() - started


class Drip(threading.Thread):
    """Opens connections, and opens them again when they are ended."""

    def __init__(self, port, count):
        super().__init__(daemon=True)
        self.port, self.count = port, count
        self.open, self.most, self.stops = 0, 0, False

    def begin(self, chooser, number):
        peer = socket.socket()
        peer.setblocking(False)
        peer.connect_ex(('127.0.0.1', self.port))
        head = b'POST /sink HTTP/1.1\r\nHost: localhost\r\nX-Slow: ' + b'%d' % number
        if number % 2:
            head += b'\r\nContent-Length: 1000000\r\n\r\n'
        chooser.register(peer, selectors.EVENT_WRITE, (number, head))
        self.open += 1

    def end(self, chooser, peer, number):
        chooser.unregister(peer)
        peer.close()
        self.open -= 1
        if not self.stops:
            self.begin(chooser, number)

    def heed(self, chooser, key, now, idle):
        peer, (number, head) = key.fileobj, key.data
        try:
            if head:
                peer.send(head)
                chooser.modify(peer, selectors.EVENT_READ, (number, b''))
                idle[peer] = now
            elif not peer.recv(4096):
                raise ConnectionError
        except BlockingIOError:
            pass
        except OSError:
            idle.pop(peer, None)
            self.end(chooser, peer, number)

    def run(self):
        chooser, idle = selectors.EpollSelector(), {}
        begun, last = 0, time.monotonic()
        while not self.stops:
            for _ in range(min(200, self.count - begun)):
                self.begin(chooser, begun)
                begun += 1
            for key, _ in chooser.select(0.05):
                self.heed(chooser, key, time.monotonic(), idle)
            self.most = max(self.most, len(idle))
            if time.monotonic() - last > 1:
                last = time.monotonic()
                for peer in list(idle):
                    try:
                        peer.send(b'x')
                    except OSError:
                        pass
        for key in list(chooser.get_map().values()):
            key.fileobj.close()


def p99(seconds):
    return sorted(seconds)[int(len(seconds) * 0.99)]


def test_thousands_of_slow_ones_cost_little_and_nobody_waits():
    with Sink() as sink:
        idle = [sink.honest() for _ in range(200)]
        before = sink.resident()
        drip = Drip(sink.port, COUNT)
        drip.start()
        beside, most = [], 0
        until = time.monotonic() + 30
        while time.monotonic() < until:
            beside.append(sink.honest())
            most = max(most, sink.resident())
            time.sleep(0.05)
        drip.stops = True
        drip.join(10)
        added = (most - before) / 1e6
        print(f'# {drip.most} open at once; {added:.1f} MB added ({(most - before) / max(drip.most, 1):.0f} bytes each); 1 MiB: '
              f'p99 {p99(idle) * 1e3:.1f} ms idle, {p99(beside) * 1e3:.1f} ms beside ({len(beside)} uploads)')
        assert drip.most >= COUNT * 0.95, drip.most
        assert added <= MEMORY_MB, added
        assert p99(beside) - p99(idle) <= ABOVE_IDLE_MS / 1e3


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = COUNT + 200
    if hard < need:
        print(f'# skipped: {hard} descriptors are too few')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, need), hard))
    return tap.run(globals())


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What http/ promises to routes, on a server that swallows what it is sent (tests/tools/http_sink.c).

usage: sink.py HTTP_SINK [--short]     (TAP; ends with `N passed, N failed`)

--short leaves out what takes longer than a minute: the deadlines of a body and of an answer, of which
tests/unit/http/reaper.c has the sums.
"""
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from server import Peer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402 pylint: disable=wrong-import-position

SINK = os.path.abspath(sys.argv[1])
# Of http/limits.h.
RATE, WINDOW_S, LATE_S = 2048, 60, 3
SILENT_S = 60


class Sink(Peer):
    def __init__(self, address='127.0.0.1:0', *words):
        self.process = subprocess.Popen([SINK, address, *words], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        super().__init__(int(self.address.rpartition(':')[2]) if not address.startswith('unix:') else 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0, self.process.returncode

    def post(self, path, body, **headers):
        lines = ''.join(f'{k.replace("_", "-")}: {v}\r\n' for k, v in headers.items())
        return self.raw(f'POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{lines}\r\n'
                        .encode() + body)

    def memory(self):
        """All that the process may write to."""
        out = []
        with open(f'/proc/{self.process.pid}/maps', encoding='ascii') as maps, open(f'/proc/{self.process.pid}/mem', 'rb') as mem:
            for line in maps:
                match = re.match(r'([0-9a-f]+)-([0-9a-f]+) rw', line)
                if match:
                    start, end = (int(word, 16) for word in match.groups())
                    try:
                        mem.seek(start)
                        out.append(mem.read(end - start))
                    except (OSError, ValueError):
                        continue
        return b''.join(out)


def test_bodies_of_any_size_arrive_whole():
    with Sink() as sink:
        for size in (0, 1, 16383, 65536, 65537, 3000000):
            assert sink.post('/sink', bytes(size)).endswith(b'\r\n\r\n%d\n' % size), size


def test_a_route_that_waits_gets_it_all():
    with Sink() as sink:
        assert sink.post('/sink?pause=20&wait=100', bytes(1000000)).endswith(b'\r\n\r\n1000000\n')


def test_chunks_of_any_size_arrive_whole():
    with Sink() as sink:
        sizes = [1, 2, 65535, 65536, 70000, 3, 200000]
        body = b''.join(b'%x\r\n%s\r\n' % (size, bytes(size)) for size in sizes) + b'0\r\n\r\n'
        for path in ('/sink', '/sink?pause=5'):
            got = sink.raw(b'POST ' + path.encode() + b' HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
                           b'Transfer-Encoding: chunked\r\n\r\n' + body)
            assert got.endswith(b'\r\n\r\n%d\n' % sum(sizes)), got


def test_a_head_that_comes_byte_by_byte_is_heard():
    with Sink() as sink, sink.connect() as peer:
        for byte in b'POST /sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc':
            peer.sendall(bytes([byte]))
            time.sleep(0.005)
        assert peer.recv(65536).endswith(b'\r\n\r\n3\n')


def test_a_body_has_one_end():
    """What a proxy and we could read differently is no request."""
    with Sink() as sink:
        for lines in ('Content-Length: 5\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: chunked\r\nContent-Length: 5',
                      'Content-Length: 5\r\nContent-Length: 6', 'Content-Length: 5\r\nContent-Length: 5', 'Transfer-Encoding: gzip',
                      'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding:',
                      'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 'Content-Length: +5', 'Content-Length: 5,5',
                      'Content-Length: 0x5', 'Transfer-Encoding : chunked', 'Content-Length\t: 5', 'Content-Length: -1',
                      'Content-Length:', 'Content-Length: 99999999999999999999999'):
            got = sink.raw('POST /sink HTTP/1.1\r\nHost: localhost\r\n' + lines + '\r\n\r\n0\r\n\r\nGET /words?say=smuggled HTTP/1.1\r\n'
                           'Host: localhost\r\nConnection: close\r\n\r\n')
            assert b'smuggled' not in got and (got == b'' or re.match(rb'HTTP/1.[01] 4(00|13) ', got)), (lines, got[:300])


def test_pipelined_requests_are_answered_in_order():
    with Sink() as sink, sink.connect() as peer:
        peer.sendall(b''.join(b'POST /sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n' % n + bytes(n) for n in (5, 6, 7)))
        got = b''
        while got.count(b'HTTP/1.1 200') < 3 or not got.endswith(b'7\n'):
            more = peer.recv(65536)
            assert more, got
            got += more
        assert re.findall(rb'\r\n\r\n(\d)\n', got) == [b'5', b'6', b'7'], got


def test_a_form_of_a_browser_is_read():
    with Sink() as sink:
        body = (b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nhello\r\n'
                b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' +
                b'\r' * 200000 + b'\r\n--x--\r\n')
        got = sink.post('/form', body, Content_Type='multipart/form-data; boundary=x')
        assert got.endswith(b'\r\n\r\nmessage 5\nfiles* 200000\n'), got[-200:]
        got = sink.post('/form', body[:-10], Content_Type='multipart/form-data; boundary=x')
        assert got.startswith(b'HTTP/1.1 400 ') and b'ends before its last boundary' in got, got
        # Refused while it is sent.
        got = sink.post('/form', b'x' * 3000000, Content_Type='multipart/form-data; boundary=x')
        assert got.startswith(b'HTTP/1.1 400 ') and b'does not begin with its boundary' in got, got


def test_who_does_not_listen_is_read_past_for_a_while_only():
    with Sink() as sink, sink.connect() as peer:
        sent, piece = 0, bytes(1 << 20)
        try:
            peer.sendall(b'POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n'
                         b'Content-Length: 100000000000\r\n\r\n')
            while sent < 1 << 30:
                peer.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        assert sent < 64 << 20, sent


def test_huge_heads_are_refused_before_they_are_read():
    with Sink() as sink:
        got = sink.raw('GET /words HTTP/1.1\r\nHost: localhost\r\nX: ' + 'a' * 20000 + '\r\n\r\n')
        assert got == b'' or got.startswith(b'HTTP/1.1 431 '), got


def test_a_body_that_makes_no_progress_is_ended_and_one_that_does_is_not():
    """Two bodies for longer than the window: at a twentieth of the rate, and at twice of it."""
    with Sink() as sink, sink.connect() as slow, sink.connect() as honest:
        for peer in (slow, honest):
            peer.sendall(b'POST /sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n')
            peer.setblocking(False)
        started, ended = time.monotonic(), None
        while time.monotonic() - started < WINDOW_S + 10:
            for peer, size in ((slow, RATE // 20), (honest, RATE * 2)):
                try:
                    peer.send(bytes(size))
                    if peer.recv(1) == b'' and peer is slow and ended is None:
                        ended = time.monotonic() - started
                except BlockingIOError:
                    pass
                except OSError:
                    assert peer is slow, 'the honest one was ended'
                    ended = ended or time.monotonic() - started
            time.sleep(1)
        assert ended is not None and WINDOW_S - 2 <= ended <= WINDOW_S * 1.1 + LATE_S, ended


class Reader(threading.Thread):
    """Reads an answer of so many bytes: at RATE for so many seconds, and then what is left as fast as it comes."""

    def __init__(self, sink, size, rate, seconds):
        super().__init__(daemon=True)
        self.sink, self.size, self.rate, self.seconds = sink, size, rate, seconds
        self.body, self.took = b'', None

    def read(self, peer, started):
        while len(self.body) < self.size:
            passed = time.monotonic() - started
            wanted = 1 << 16 if passed >= self.seconds else int(self.rate * passed) - len(self.body)
            if wanted <= 0:
                time.sleep(0.2)
                continue
            more = peer.recv(wanted)
            if not more:
                return
            self.body += more

    def run(self):
        with self.sink.connect() as peer:
            peer.sendall(b'GET /file?len=%d HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' % self.size)
            head = b''
            while not head.endswith(b'\r\n\r\n'):
                head += peer.recv(1)
            started = time.monotonic()
            try:
                self.read(peer, started)
            except OSError:
                pass
            self.took = time.monotonic() - started


def numbers(size):
    return b''.join(number.to_bytes(8, 'little') for number in range(size // 8))


def test_a_slow_reader_of_a_long_file_gets_it_whole_and_who_reads_nothing_is_ended():
    """More than the buffers of both sockets hold, over TCP, at four times the rate for longer than silence may last."""
    size, seconds = 24 << 20, SILENT_S + 40
    with Sink() as sink:
        slow = Reader(sink, size, RATE * 4, seconds)
        idle = Reader(sink, size, 0, seconds)
        for reader in (slow, idle):
            reader.start()
        for reader in (slow, idle):
            reader.join(seconds + 60)
        print(f'# the slow one has {len(slow.body)} bytes after {slow.took:.0f} s, the other one {len(idle.body)}')
        assert slow.body == numbers(size), len(slow.body)
        # What was in the buffers.
        assert len(idle.body) < size, 'who reads nothing was not ended'


def disturb(sink, until, seed):
    """Connections that come, send this or that, and go at any moment."""
    dice = random.Random(seed)
    while time.monotonic() < until:
        path = dice.choice(['/sink', '/sink?pause=3', '/sink?wait=30', '/sink?pause=1&wait=5', '/form', '/words?say=a', '/nowhere'])
        head = (f'{dice.choice(["POST", "GET", "PATCH", "X"])} {path} HTTP/1.1\r\nHost: localhost\r\n'
                f'Content-Type: multipart/form-data; boundary=x\r\n').encode()
        size = dice.choice([0, 1, 1000, 70000, 300000])
        text = dice.choice([head + b'Content-Length: %d\r\n\r\n' % size + bytes(size),
                            head + b'Expect: 100-continue\r\nContent-Length: %d\r\n\r\n' % size + bytes(size),
                            head + b'Transfer-Encoding: chunked\r\n\r\n' + b'%x\r\n' % max(size, 1) + bytes(max(size, 1)) +
                            b'\r\n0\r\n\r\n', head + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n', dice.randbytes(size)])
        text = text * dice.randrange(1, 4)
        try:
            with sink.connect() as peer:
                peer.settimeout(0.2)
                peer.sendall(text[:dice.randrange(len(text) + 1)])
                if dice.random() < 0.5:
                    peer.recv(dice.choice([1, 65536]))
                if dice.random() < 0.3:
                    peer.shutdown(socket.SHUT_WR)
                    peer.recv(1000)
        except OSError:
            pass


def test_noise_is_no_harm():
    with Sink() as sink:
        until = time.monotonic() + 8
        noise = [threading.Thread(target=disturb, args=(sink, until, seed)) for seed in range(24)]
        for one in noise:
            one.start()
        asked = 0
        while time.monotonic() < until:
            assert sink.post('/sink?wait=5', bytes(200000)).endswith(b'\r\n\r\n200000\n')
            asked += 1
        for one in noise:
            one.join()
        time.sleep(0.5)
        folder = f'/proc/{sink.process.pid}/fd/'
        left = [os.readlink(folder + fd) for fd in os.listdir(folder)]
        sockets = sum(name.startswith('socket:') for name in left)
        print(f'# {asked} uploads beside it; {sockets} sockets open behind it')
        assert asked > 20 and sockets < 200, (asked, sockets)


def test_a_restart_refuses_nobody():
    with Sink() as sink:
        pid = sink.process.pid
        answers, stops = [], threading.Event()

        def ask():
            while not stops.is_set():
                try:
                    got = sink.post('/sink?wait=20', b'x' * 1000)
                except OSError as error:
                    got = repr(error).encode()
                answers.append(got)

        askers = [threading.Thread(target=ask) for _ in range(8)]
        for asker in askers:
            asker.start()
        for _ in range(5):
            time.sleep(0.3)
            os.kill(pid, signal.SIGHUP)
            assert sink.process.stdout.readline().strip() == sink.address
        stops.set()
        for asker in askers:
            asker.join()
        wrong = [got for got in answers if not got.endswith(b'\r\n\r\n1000\n')]
        print(f'# 5 restarts under {len(answers)} uploads')
        assert len(answers) > 50 and not wrong, wrong[:3]


def test_a_socket_unit_can_start_it():
    """LISTEN_FDS as systemd sets it."""
    with socket.socket() as listening:
        listening.bind(('127.0.0.1', 0))
        listening.listen(10)
        port = listening.getsockname()[1]
        # The words name the process that they are for: its own number is known once it runs.
        script = 'import os,sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="sink", ' \
                 'LISTEN_PID=str(os.getpid())); os.execv(sys.argv[2], sys.argv[2:])'
        process = subprocess.Popen([sys.executable, '-c', script, str(listening.fileno()), SINK], stdout=subprocess.PIPE, text=True,
                                   pass_fds=[listening.fileno()])
        try:
            assert process.stdout.readline().strip() == f'127.0.0.1:{port}'
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_a_path_is_a_socket_of_owner_and_group():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'sink.sock')
        with Sink('unix:' + path) as sink:
            assert sink.address == 'unix:' + path and os.stat(path).st_mode & 0o777 == 0o660
            for part in (b'POST /sink HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n',):
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.connect(path)
                    for at in range(len(part)):
                        peer.sendall(part[at:at + 1])
                    peer.sendall(bytes(100000))
                    assert peer.recv(65536).endswith(b'\r\n\r\n100000\n')


def test_nothing_that_was_said_stays_in_memory():
    """Words of bodies, headers, addresses and answers, of requests that ended well or not."""
    marks = {name: (f'{name}:' + os.urandom(16).hex()).encode() for name in ('body', 'chunk', 'head', 'path', 'answer', 'cut', 'early',
                                                                             'drip', 'form', 'kept', 'waits')}
    with Sink() as sink:
        host = b'Host: localhost\r\n'
        assert sink.post('/sink', marks['body'] * 5000).startswith(b'HTTP/1.1 200')
        piece = marks['chunk'] * 3
        assert sink.raw(b'POST /sink?pause=5 HTTP/1.1\r\n' + host + b'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n' +
                        b''.join(b'%x\r\n%s\r\n' % (len(piece), piece) for _ in range(2000)) + b'0\r\n\r\n').startswith(b'HTTP/1.1 200')
        assert sink.raw(b'GET /words HTTP/1.1\r\n' + host + b'Connection: close\r\nX-Mark: ' + marks['head'] + b'\r\n\r\n')
        assert sink.raw(b'GET /' + marks['path'] + b' HTTP/1.1\r\n' + host + b'Connection: close\r\n\r\n')
        assert marks['answer'] in sink.raw(b'GET /words?say=' + marks['answer'] + b' HTTP/1.1\r\n' + host + b'Connection: close\r\n\r\n')
        assert sink.post('/form', marks['early'] * 50000, Content_Type='multipart/form-data; boundary=x').startswith(b'HTTP/1.1 400')
        field = b'--x\r\nContent-Disposition: form-data; name="a"; filename="' + marks['form'] + b'"\r\n\r\n' + marks['form'] * 3000
        assert b'a* ' in sink.post('/form', field + b'\r\n--x--', Content_Type='multipart/form-data; boundary=x')
        assert sink.post('/sink?pause=2&wait=50', marks['waits'] * 9000).startswith(b'HTTP/1.1 200')
        for words in (b'POST /sink HTTP/1.1\r\n' + host + b'Content-Length: 1000000\r\nX-Mark: ' + marks['cut'] + b'\r\n\r\n' + marks['cut'] * 100,
                      b'GET / HTTP/1.1\r\nX: ' + marks['drip']):
            # Many at once, so that what one leaves is not what the next one uses.
            peers = [sink.connect() for _ in range(20)]
            for peer in peers:
                peer.sendall(words)
            time.sleep(0.3)
            for peer in peers:
                peer.close()
        # One stays open: what it said before its last request is gone as well.
        with sink.connect() as peer:
            for words in (b'X-Mark: ' + marks['kept'] + b'\r\nContent-Length: 4000\r\n\r\n' + (marks['kept'] * 1000)[:4000],
                          b'Content-Length: 1\r\n\r\nx'):
                peer.sendall(b'POST /sink HTTP/1.1\r\n' + host + words)
                assert peer.recv(65536).startswith(b'HTTP/1.1 200')
            time.sleep(1)
            memory = sink.memory()
    assert len(memory) > 100000
    assert b'http_sink' in memory, 'the memory was not read'
    found = [name for name, mark in marks.items() if mark in memory]
    assert not found, found


if '--short' in sys.argv:
    del test_a_body_that_makes_no_progress_is_ended_and_one_that_does_is_not
    del test_a_slow_reader_of_a_long_file_gets_it_whole_and_who_reads_nothing_is_ended
sys.exit(tap.run(globals()))

# SPDX-License-Identifier: GPL-3.0-or-later
"""slow.py PORT COUNT SECONDS PATH [BODIES]: COUNT connections that never end: BODIES of them (half) drip the body of an
upload that announces a gigabyte, the others the headers of a request. Whoever is ended comes again, as what it was:
headers end sooner, and would else leave bodies only. Prints how many were open at most, and how often one was ended."""
import resource
import select
import socket
import sys
import time

DRIP_EVERY = 2.0


def heads(port, path):
    host = f'Host: 127.0.0.1:{port}\r\n'
    return (f'GET / HTTP/1.1\r\n{host}X-A: '.encode(),
            (f'POST {path} HTTP/1.1\r\n{host}Tus-Resumable: 1.0.0\r\nUpload-Length: 1073741824\r\n'
             'Upload-Metadata: attach eWVz\r\nContent-Type: application/offset+octet-stream\r\n'
             'Content-Length: 1073741824\r\n\r\nx').encode())


class Drips:
    def __init__(self, port, count, path, bodies):
        self.port, self.heads = port, heads(port, path)
        self.wanted, self.open, self.poll, self.ended = count, {}, select.epoll(), 0
        self.missing = [count - bodies, bodies]

    def add(self):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(('127.0.0.1', self.port))
        kind = 0 if self.missing[0] > self.missing[1] else 1
        self.missing[kind] -= 1
        self.open[one.fileno()] = (one, kind)
        self.poll.register(one.fileno(), select.EPOLLIN | select.EPOLLOUT | select.EPOLLONESHOT)

    def drop(self, fd):
        self.poll.unregister(fd)
        one, kind = self.open.pop(fd)
        one.close()
        self.missing[kind] += 1
        self.ended += 1

    def greet(self, fd, events):
        """The first thing it can do is to be written to; then only the server's end is of interest."""
        one, kind = self.open[fd]
        try:
            if events & select.EPOLLOUT:
                one.send(self.heads[kind])
                self.poll.modify(fd, select.EPOLLIN)
            elif not one.recv(65536) or kind == 0:
                self.drop(fd)
        except OSError:
            self.drop(fd)

    def drip(self):
        for fd, (one, _) in list(self.open.items()):
            try:
                one.send(b'x')
            except BlockingIOError:
                pass
            except OSError:
                self.drop(fd)

    def run(self, seconds):
        end, next_drip, most = time.monotonic() + seconds, time.monotonic() + DRIP_EVERY, 0
        while time.monotonic() < end:
            for _ in range(min(200, self.wanted - len(self.open))):
                self.add()
            most = max(most, len(self.open))
            for fd, events in self.poll.poll(0.02, 512):
                if fd in self.open:
                    self.greet(fd, events)
            if time.monotonic() >= next_drip:
                self.drip()
                next_drip = time.monotonic() + DRIP_EVERY
            if len(self.open) >= self.wanted:
                time.sleep(0.01)
        return most


def main():
    port, count, seconds, path = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    drips = Drips(port, count, path, int(sys.argv[5]) if len(sys.argv) > 5 else count // 2)
    print(drips.run(seconds), drips.ended)


if __name__ == '__main__':
    main()

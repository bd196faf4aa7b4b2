# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP/1.1 connection, plain enough that a test knows when each byte went out."""
import socket
import time


class Gone(Exception):
    """The server ended the connection, or said nothing that is HTTP."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return self.headers.get(name.lower())


class Wire:
    def __init__(self, address, timeout=120):
        self.address, self.timeout = address, timeout
        self.socket = None
        self.first_byte = 0.0

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _open(self):
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=self.timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.rest = b''

    def ask(self, method, path, headers=None, body=None, expect=False):
        """With `expect`, the body waits for 100 (Continue), as curl's does."""
        self._open()
        lines = [f'{method} {path} HTTP/1.1', f'Host: {self.address[0]}:{self.address[1]}']
        lines += [f'{name}: {value}' for name, value in (headers or {}).items()]
        if body is not None:
            lines.append(f'Content-Length: {len(body)}')
        if expect:
            lines.append('Expect: 100-continue')
        try:
            self.socket.sendall(('\r\n'.join(lines) + '\r\n\r\n').encode())
            if expect and body:
                answer = self._read()
                if answer.status != 100:
                    self.close()
                    return answer
            self.first_byte = time.monotonic()
            if body:
                self._send_body(body)
            answer = self._read()
            while answer.status in (100, 102, 103, 104):
                answer = self._read()
        except (OSError, ValueError) as fault:
            self.close()
            raise Gone(str(fault)) from None
        if (answer.header('connection') or '').lower() == 'close':
            self.close()
        return answer

    def _send_body(self, body):
        try:
            self.socket.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            # It was refused before its end: what the server said may still be there.
            pass

    def _more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise Gone('the server ended the connection')
        self.rest += piece

    def _read(self):
        while b'\r\n\r\n' not in self.rest:
            self._more()
        head, self.rest = self.rest.split(b'\r\n\r\n', 1)
        lines = head.decode('latin-1').split('\r\n')
        status = int(lines[0].split(' ')[1])
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(':')
            headers[name.strip().lower()] = value.strip()
        if status < 200 or status in (204, 304):
            return Answer(status, headers, b'')
        if headers.get('transfer-encoding') == 'chunked':
            return Answer(status, headers, self._read_chunks())
        length = int(headers.get('content-length', '0'))
        while len(self.rest) < length:
            self._more()
        body, self.rest = self.rest[:length], self.rest[length:]
        return Answer(status, headers, body)

    def _read_chunks(self):
        body = b''
        while True:
            while b'\r\n' not in self.rest:
                self._more()
            size, self.rest = self.rest.split(b'\r\n', 1)
            size = int(size, 16)
            while len(self.rest) < size + 2:
                self._more()
            body += self.rest[:size]
            self.rest = self.rest[size + 2:]
            if size == 0:
                return body

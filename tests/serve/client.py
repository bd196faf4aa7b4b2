# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients of a drop under test: they speak to it as browsers and programs do."""
import base64
import http.client
import json
import os
import re
import socket
import subprocess
import time

class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket that has a path."""

    def __init__(self, path, timeout=60):
        super().__init__('drop.example.org', timeout=timeout)
        self.socket_path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.socket_path)


class Client:
    """Speaks to a drop as browsers and programs do. `connect` gives a connection; `headers` go with each request."""

    def __init__(self, connect, headers=()):
        self.connect, self.headers = connect, list(headers)

    def ask(self, method, path, body=None, headers=(), query=''):
        """(status, {header: value}, body)"""
        connection = self.connect()
        try:
            connection.putrequest(method, path + query, skip_accept_encoding=True)
            for name, value in [*self.headers, *headers]:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader('Content-Length', str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def form(self):
        """What stands in the form: (action, receipt). Where many are sending, the page says when it opens."""
        address = '/'
        for _ in range(60):
            status, _, body = self.ask('GET', address)
            text = body.decode()
            assert status == 200, (status, text[:300])
            wait = re.search(r'http-equiv="refresh" content="(\d+);url=([^"]+)"', text)
            if not wait:
                break
            time.sleep(int(wait.group(1)))
            address = wait.group(2).replace('&amp;', '&')
        action = re.search(r'action="(/submit[^"]*)"', text)
        receipt = re.search(r'name="receipt" value="([^"]+)"', text)
        assert action and receipt, text[:2000]
        return action.group(1).replace('&amp;', '&'), receipt.group(1)

    def submit(self, action, fields, files=()):
        """fields: [(name, text)]; files: [(name of the file, media type, bytes)]."""
        media_type, body = multipart(fields, files)
        return self.ask('POST', action, body, [('Content-Type', media_type)])

    def tus_create(self, length, metadata=()):
        """(address, answer's headers)"""
        pairs = ','.join(f'{k} {base64.b64encode(v.encode()).decode()}' for k, v in metadata)
        headers = [('Tus-Resumable', '1.0.0'), ('Upload-Length', str(length))]
        status, got, body = self.ask('POST', '/uploads/', b'', headers + ([('Upload-Metadata', pairs)] if pairs else []))
        assert status == 201, (status, body)
        return got['location'], got

    def tus_patch(self, address, offset, data):
        return self.ask('PATCH', address, data, [('Tus-Resumable', '1.0.0'), ('Upload-Offset', str(offset)),
                                                 ('Content-Type', 'application/offset+octet-stream')])

    def api(self, path, value):
        status, _, body = self.ask('POST', path, json.dumps(value).encode(), [('Content-Type', 'application/json')])
        return status, json.loads(body or b'null')


def multipart(fields, files=(), boundary='----form-of-a-test-7f3a'):
    """(content type, body)"""
    out = b''
    for name, text in fields:
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
    for name, media_type, data in files:
        out += (f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
                f'Content-Type: {media_type}\r\n\r\n').encode() + data + b'\r\n'
    return f'multipart/form-data; boundary={boundary}', out + f'--{boundary}--\r\n'.encode()


def client_of(drop, headers=(), source=None):
    """Speaks to a drop at an address of this machine; `source` is the address that it comes from."""
    return Client(lambda: http.client.HTTPConnection('127.0.0.1', drop.port, timeout=60,
                                                     source_address=(source, 0) if source else None), headers)


def sample_photo(oilskin, folder):
    """A drawn photo that tells a place, a time and a phone."""
    path = os.path.join(folder, 'photo.jpg')
    subprocess.run([os.path.join(os.path.dirname(oilskin), 'oilskin-sample'), path], check=True, timeout=60)
    with open(path, 'rb') as file:
        return file.read()

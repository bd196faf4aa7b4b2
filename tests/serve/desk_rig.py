# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop with a desk, and a reviewer's browser at it: what the tests of the desk share."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import pty
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from client import client_of, multipart  # noqa: E402  pylint: disable=wrong-import-position
from drop import Drop  # noqa: E402  pylint: disable=wrong-import-position

OILSKIN, PAGES = (os.path.abspath(word) for word in sys.argv[1:3])
DESK = '\n[desk]\nlisten = 127.0.0.1:0\n'
PASSPHRASE = 'correct horse battery'
FOLDER = tempfile.mkdtemp(prefix='oilskin-desk-')


class Page:
    """A browser with the desk's page open."""

    def __init__(self, port):
        self.port, self.cookies, self.token = port, {}, None

    def ask(self, method, path, value=None, code=200):
        """The bytes of the answer."""
        host = f'127.0.0.1:{self.port}'
        headers = {'Cookie': '; '.join(f'{k}={v}' for k, v in self.cookies.items())}
        if method == 'POST':
            headers.update({'Origin': 'http://' + host, 'Content-Type': 'application/json'})
            if self.token:
                headers['Oilskin-Token'] = self.token
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request(method, path, None if value is None else json.dumps(value), headers)
        answer = connection.getresponse()
        body = answer.read()
        for header in answer.headers.get_all('Set-Cookie', []):
            name, _, rest = header.partition('=')
            self.cookies[name] = rest.split(';')[0]
        connection.close()
        assert answer.status == code, f'{method} {path}: {answer.status} {body[:300]}'
        return body

    def get(self, path, code=200):
        return json.loads(self.ask('GET', path, code=code))

    def post(self, path, value, code=200):
        answer = json.loads(self.ask('POST', path, value, code))
        self.token = answer.get('token', self.token)
        return answer


def opened(more=''):
    """@param more lines of the section [desk]."""
    return Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER), categories=DESK + more)


def first_link(drop):
    """Starts the drop again in a terminal, as its operator does; (port of the desk, what the link ends in)."""
    drop.stop(signal.SIGKILL)
    ours, theirs = pty.openpty()
    drop.process = subprocess.Popen([OILSKIN, 'serve', '--config', drop.config], stdout=theirs, stderr=drop.log)
    os.close(theirs)
    # drop.stop() closes it.
    drop.process.stdout = os.fdopen(ours, 'r', encoding='utf-8', newline='\n')
    said, until = '', time.time() + 60
    while 'Figures are at' not in said:
        assert time.time() < until, said
        try:
            said += drop.process.stdout.readline()
        except OSError as error:
            raise AssertionError(f'it ended: {said} {drop.said()}') from error
    at = re.search(r'The drop is at http://[^ ]*:(\d+)/', said)
    drop.port = int(at.group(1)) if at else drop.port
    return re.search(r'http://127\.0\.0\.1:(\d+)/#first=([0-9a-f]{32})\r', said).groups()


def make_key(drop, name):
    """The recipient of a reviewer's own key, a new one, which is in the drop's folder."""
    key = os.path.join(drop.folder, name + '.key')
    drop.run('keygen', '-o', key)
    with open(key, encoding='ascii') as file:
        return re.search(r'age1[a-z0-9]+', file.read()).group()


def come_in(drop, browser=Page):
    """The first admin, anna."""
    port, link = first_link(drop)
    page = browser(port)
    recipient = make_key(drop, 'anna')
    me = page.post('/api/first', {'link': link, 'name': 'anna', 'passphrase': PASSPHRASE, 'recipient': recipient})
    assert me['role'] == 'admin', me
    assert [one['age'] for one in me['recipients']] == drop.recipients() + [recipient], me
    return page


def send(drop, message, *files):
    kind, body = multipart([('message', message)] if message else [], [(name, 'image/x', data) for name, data in files])
    status, _, answer = client_of(drop).ask('POST', '/submit', body, [('Content-Type', kind)])
    assert status == 200, answer[:500]


def upload(drop, pieces, *metadata):
    """The address of a file that came in so many requests."""
    client = client_of(drop)
    address, _ = client.tus_create(sum(map(len, pieces)), [('attach', 'yes'), *metadata])
    at = 0
    for piece in pieces:
        status, _, said = client.tus_patch(address, at, piece)
        assert status == 204, (status, said)
        at += len(piece)
    return address


def seen(row):
    """A row's cluster as a decision names it, with what a page shows of it."""
    return {'id': row['cluster'], 'uncaught': row['uncaught'], 'samples': row['samples']}


def unseal(drop, sealed, key=None):
    """With the key of the desk, or of somebody else."""
    path = os.path.join(drop.folder, 'sealed.age')
    with open(path, 'wb') as file:
        file.write(sealed)
    return subprocess.run([OILSKIN, 'unseal', '-i', key or drop.keys[0], path], check=True, capture_output=True).stdout


def picture(seed, quality, *extra):
    """A JPEG of striped boxes, as near-copies of one seed: other quality, and what `extra` tells convert."""
    random.seed(seed)
    draw = []
    for _ in range(60):
        x, y = random.randrange(800), random.randrange(600)
        draw += ['-fill', f'rgb({random.randrange(256)},{random.randrange(256)},{random.randrange(256)})', '-draw',
                 f'rectangle {x},{y} {x + random.randrange(20, 260)},{y + random.randrange(20, 200)}']
    return subprocess.run(['convert', '-size', '800x600', 'xc:gray', *draw, *extra, '-quality', str(quality), 'jpg:-'],
                          check=True, capture_output=True).stdout


def code_of(key, step=0):
    """RFC 6238 of a key in base32."""
    counter = struct.pack('>Q', int(time.time()) // 30 + step)
    digest = hmac.new(base64.b32decode(key.replace(' ', '').upper() + '=' * (-len(key.replace(' ', '')) % 8)), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


# ---- what has the form of a sealed file: the server can't tell more ----

def key_of(recipient):
    """The 32 bytes of an age1... (Bech32)."""
    words = ['qpzry9x8gf2tvdw0s3jn54khce6mua7l'.index(letter) for letter in recipient[4:-6]]
    bits = ''.join(f'{word:05b}' for word in words)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, 256, 8))


def letters(data):
    return base64.b64encode(data).decode().rstrip('=')


def sealed_to(recipients, length=100, share=None):
    """@param share of each stanza; random ones without."""
    keys = sorted(key_of(one) for one in recipients)
    named = hashlib.sha256(b'oilskin-list\0' + b''.join(keys)).digest()[:16]
    head = 'age-encryption.org/v1\n'
    head += ''.join(f'-> X25519 {letters(share or os.urandom(32))}\n{letters(os.urandom(32))}\n' for _ in keys)
    head += f'-> oilskin-list {letters(named)}\n\n--- {letters(os.urandom(32))}\n'
    return base64.b64encode(head.encode() + os.urandom(16 + length + 16)).decode()

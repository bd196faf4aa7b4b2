#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exported pages behind real web servers: what nginx and Caddy send is what our own server sends.

usage: hosts.py OILSKIN DIST [FOLDER]      (TAP; ends with `N passed, N failed, N skipped`)

Both run in the foreground, below a folder of their own, on a port of this machine. FOLDER is where ./test unpacked
them; without it, those of the system.
"""
import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from server import Peer, Server

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402 pylint: disable=wrong-import-position

OILSKIN, DIST = (os.path.abspath(word) for word in sys.argv[1:3])
UNPACKED = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else '/nowhere'

# What is said of a page itself. The tag is each server's own: it must only be there.
COMPARED = ('content-security-policy', 'x-content-type-options', 'referrer-policy', 'cross-origin-opener-policy',
            'cross-origin-resource-policy', 'permissions-policy', 'cache-control', 'content-type')

# nginx.conf is for a server { }. One process, which needs no other user.
NGINX = '''daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{ }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{
        listen 127.0.0.1:{port};
        root {export};
        include {export}/nginx.conf;
    }}
}}
'''
CADDY = '''{{
    admin off
    auto_https off
}}
'''


def find(name):
    path = os.pathsep.join([os.path.join(UNPACKED, 'usr', 'sbin'), os.path.join(UNPACKED, 'usr', 'bin'), os.environ['PATH'],
                            '/usr/sbin'])
    program = shutil.which(name, path=path)
    if program is None:
        raise tap.Skip(f'{name} is not installed')
    return program


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


class Host(Peer):
    """Another web server, which serves what we exported."""

    def __init__(self, name):
        program = find(name)
        super().__init__(free_port())
        self.folder = tempfile.mkdtemp(prefix='oilskin-host-')
        self.export = os.path.join(self.folder, 'export')
        subprocess.run([OILSKIN, 'studio', '--pages', DIST, '--export', self.export], check=True, stdout=subprocess.DEVNULL)
        config = os.path.join(self.folder, 'config')
        with open(config, 'w', encoding='utf-8') as file:
            file.write(getattr(self, name + '_config')())
        words = {'nginx': [program, '-p', self.folder, '-e', 'stderr', '-c', config],
                 'caddy': [program, 'run', '--config', config, '--adapter', 'caddyfile']}[name]
        self.log = open(os.path.join(self.folder, 'log'), 'w+', encoding='utf-8')  # pylint: disable=consider-using-with
        homes = {name: self.folder for name in ('HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME')}
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log, env={**os.environ, **homes})

    def nginx_config(self):
        return NGINX.format(folder=self.folder, export=self.export, port=self.port)

    def caddy_config(self):
        with open(os.path.join(self.export, 'Caddyfile'), encoding='utf-8') as file:
            text = file.read()
        # What its owner is told to change.
        assert text.count('studio.example.org {') == 1 and text.count('/srv/oilskin') == 1
        text = text.replace('studio.example.org {', f'http://127.0.0.1:{self.port}, http://localhost:{self.port} {{')
        return CADDY.format() + text.replace('/srv/oilskin', self.export)

    def said(self):
        self.log.seek(0)
        return self.log.read()[-500:]

    def __enter__(self):
        end = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < end:
            try:
                self.connect().close()
                return self
            except ConnectionRefusedError:
                time.sleep(0.05)
        said = self.said()
        self.__exit__()
        raise AssertionError('it does not start: ' + said)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()
        shutil.rmtree(self.folder)


def pages():
    with open(os.path.join(DIST, 'bundle.json'), encoding='utf-8') as file:
        return ['', 'bundle.json', *(file['path'] for file in json.load(file)['files'])]


def content(path):
    with open(os.path.join(DIST, path or 'index.html'), 'rb') as file:
        return file.read()


def check(name):
    with Server(OILSKIN, DIST) as ours, Host(name) as host:
        local = {'Host': f'127.0.0.1:{host.port}'}
        for path in pages():
            _, wanted, _ = ours.ask('/studio/' + path)
            status, got, body = host.ask('/studio/' + path, **local)
            assert status == 200 and body == content(path), (path, status)
            for header in COMPARED:
                assert got.get(header) == wanted[header], (path, header, got.get(header), wanted[header])
            assert 'etag' in got and 'set-cookie' not in got and 'service-worker-allowed' not in got, (path, got)
            assert ('immutable' in got['cache-control']) == path.startswith('assets/'), (path, got)
        # What is packed by one is worth packing by the other, and has the same headers.
        for path in ('', 'sw.js', 'manifest.webmanifest', next(p for p in pages() if p.endswith('.wasm'))):
            status, got, body = host.ask('/studio/' + path, **local, Accept_Encoding='gzip')
            assert got.get('content-encoding') == 'gzip' and got.get('vary') == 'Accept-Encoding', (path, got)
            wanted = ours.ask('/studio/' + path, Accept_Encoding='gzip')[1]
            assert all(got.get(header) == wanted[header] for header in COMPARED), (path, got)
        # A name that is not there must not stay missing for a year.
        for path in ('/studio/assets/gone-0123abcd.js', '/studio/assets/', '/studio/gone'):
            status, got, _ = host.ask(path, **local)
            assert status in (403, 404) and 'immutable' not in got.get('cache-control', ''), (path, status, got)
            assert got['content-security-policy'] == ours.ask('/studio/')[1]['content-security-policy'], (path, got)
        for method in ('POST', 'PUT', 'DELETE'):
            assert host.ask('/studio/', method, **local)[0] in (403, 405), method
        status, got, _ = host.ask('/studio/share', **local)
        assert status == 302 and got['location'].endswith('/studio/'), (status, got)
        check_refusal(host)
        assert not os.path.exists(os.path.join(host.folder, 'access.log')) or not os.path.getsize(
            os.path.join(host.folder, 'access.log')), 'it keeps a log'


def check_refusal(host):
    """What a phone shares, larger than servers take unless they are told."""
    length = 40_000_000
    with host.connect() as peer:
        peer.sendall(f'POST /studio/share HTTP/1.1\r\nHost: 127.0.0.1:{host.port}\r\nConnection: close\r\n'
                     f'Content-Length: {length}\r\n\r\n'.encode() + b'x' * 1000)
        out = b''
        while b'</html>' not in out:
            got = peer.recv(65536)
            assert got, (out[:200], host.said())
            out += got
    head, _, body = out.partition(b'\r\n\r\n')
    if b'content-encoding: gzip' in head.lower():
        body = gzip.decompress(body)
    assert head.split(b' ')[1] == b'405' and b'text/html; charset=utf-8' in head and content('share.html') in body, head


def test_nginx_sends_what_we_send():
    check('nginx')


def test_caddy_sends_what_we_send():
    check('caddy')


sys.exit(tap.run(globals()))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of the studio's pages, as it runs.

usage: http.py OILSKIN DIST      (TAP; ends with `N passed, N failed`)
"""
import gzip
import hashlib
import html
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from server import Server

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402 pylint: disable=wrong-import-position

OILSKIN, DIST = (os.path.abspath(word) for word in sys.argv[1:3])
# What http/limits.h gives for the headers, and how late the reaper may be.
HEADER_S = 10
LATE_S = 5


def serve(*words, pages=DIST, **environment):
    return Server(OILSKIN, pages, *words, **environment)


def dist(path):
    with open(os.path.join(DIST, path), 'rb') as file:
        return file.read()


def bundle():
    return json.loads(dist('bundle.json'))


EVERYWHERE = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
}


def test_every_answer_carries_the_headers(server):
    for path, method in (('/studio/', 'GET'), ('/studio/sw.js', 'GET'), ('/nowhere', 'GET'), ('/', 'GET'), ('/studio/', 'POST'),
                         ('/studio/', 'HEAD')):
        _, headers, _ = server.ask(path, method)
        for name, value in EVERYWHERE.items():
            assert headers.get(name) == value, (path, name, headers)
        assert "default-src 'none'" in headers['content-security-policy']
        assert 'camera=()' in headers['permissions-policy'] and 'geolocation=()' in headers['permissions-policy']
        for never in ('set-cookie', 'service-worker-allowed', 'server'):
            assert never not in headers, (path, never)


def test_every_file_of_the_build_is_served_as_it_is(server):
    for file in bundle()['files']:
        status, headers, body = server.ask('/studio/' + file['path'])
        assert status == 200 and body == dist(file['path']), file
        assert headers['content-length'] == str(file['size']), file
        status, headers, body = server.ask('/studio/' + file['path'], Accept_Encoding='gzip, br')
        if headers.get('content-encoding') == 'gzip':
            body = gzip.decompress(body)
            assert headers['vary'] == 'Accept-Encoding'
        assert body == dist(file['path']), file


def test_the_page_and_the_header_have_one_policy(server):
    _, headers, body = server.ask('/studio/')
    meta = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', body.decode())
    assert html.unescape(meta.group(1)) + "; frame-ancestors 'none'" == headers['content-security-policy']


def test_nothing_stands_inline(server):
    body = server.ask('/studio/')[2].decode()
    assert not re.search(r'<script(?![^>]*\bsrc=)', body) and '<style' not in body
    assert not re.search(r'\s(style|on[a-z]+)=', body)
    for address in re.findall(r'(?:src|href)="([^"]*)"', body):
        assert address.startswith('/studio/'), address
        assert server.ask(address)[0] == 200, address


def test_media_types(server):
    for path, media in (('', 'text/html; charset=utf-8'), ('sw.js', 'text/javascript; charset=utf-8'),
                        ('manifest.webmanifest', 'application/manifest+json'), ('icon-192.png', 'image/png'),
                        ('bundle.json', 'application/json'), ('icon.svg', 'image/svg+xml')):
        assert server.ask('/studio/' + path)[1]['content-type'] == media, path
    for file in bundle()['files']:
        kind = server.ask('/studio/' + file['path'], 'HEAD')[1]['content-type']
        assert kind != 'application/octet-stream', file
        assert not file['path'].endswith('.wasm') or kind == 'application/wasm'


def test_only_hashed_names_are_cached(server):
    for file in [*bundle()['files'], {'path': ''}, {'path': 'bundle.json'}]:
        cache = server.ask('/studio/' + file['path'], 'HEAD')[1]['cache-control']
        hashed = re.fullmatch(r'assets/.*-[0-9a-f]{8}\.\w+', file['path'])
        assert cache == ('public, max-age=31536000, immutable' if hashed else 'no-cache'), (file, cache)
    assert server.ask('/nowhere')[1]['cache-control'] == 'no-store'


def test_etags(server):
    assert server.ask('/studio/sw.js')[1]['etag'] == '"' + hashlib.sha256(dist('sw.js')).hexdigest() + '"'
    for encoding in (None, 'gzip'):
        _, headers, _ = server.ask('/studio/sw.js', Accept_Encoding=encoding)
        status, again, body = server.ask('/studio/sw.js', Accept_Encoding=encoding, If_None_Match=headers['etag'])
        assert status == 304 and body == b'' and again['etag'] == headers['etag']
        # What a 200 would say, or a cache takes the page for empty.
        assert again['content-length'] == headers['content-length'], again
        assert server.ask('/studio/sw.js', Accept_Encoding=encoding, If_None_Match='"x"')[0] == 200
    assert server.ask('/studio/sw.js')[1]['etag'] != server.ask('/studio/sw.js', Accept_Encoding='gzip')[1]['etag']


def test_head_has_no_body(server):
    status, headers, body = server.ask('/studio/', 'HEAD')
    assert status == 200 and body == b'' and int(headers['content-length']) == len(dist('index.html'))


def test_other_methods_are_refused_without_reading_on(server):
    for method in ('POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PATCH', 'X'):
        status, headers, _ = server.ask('/studio/', method)
        assert status == 405 and headers['allow'] == 'GET, HEAD', method
    out = server.raw('POST /studio/share HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nabc')
    assert out.startswith(b'HTTP/1.1 405 ') and out.count(b'HTTP/1.1') == 1


def test_what_is_shared_while_the_app_is_not_ready_is_refused_in_words(server):
    for length, sent in ((0, b''), (5, b'abc'), (1000000000, b'x' * 100000)):
        out = server.raw(b'POST /studio/share HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n'
                         b'Content-Length: %d\r\n\r\n' % length + sent)
        head, _, body = out.partition(b'\r\n\r\n')
        assert head.startswith(b'HTTP/1.1 405 ') and body == dist('share.html'), (length, head)
        for line in (b'Content-Type: text/html; charset=utf-8', b'Cache-Control: no-store', b'Allow: GET, HEAD', b'Connection: close'):
            assert line in head, (line, head)
    # Who looks for it without anything to share gets the app.
    status, headers, _ = server.ask('/studio/share')
    assert (status, headers['location']) == (302, '/studio/')


def test_the_page_that_refuses_speaks_every_language():
    page = dist('share.html').decode()
    assert re.findall(r'<section lang="([^"]+)" dir="(?:ltr|rtl)">', page) == ['en', 'es', 'fr', 'ar', 'zh-Hans', 'ko']
    assert page.count('href="/studio/"') == 6 and '<script' not in page and '<form' not in page
    style = re.search(r'<link rel="stylesheet" href="/studio/([^"]+)"', page).group(1)
    assert b'.not-ready' in dist(style)


def test_no_address_leaves_the_folder(server):
    for path in ('/studio/../../etc/passwd', '/studio/%2e%2e/%2e%2e/etc/passwd', '/studio//etc/passwd', '/etc/passwd',
                 '//etc/passwd', '/studio/..', '/studio/.', '/studio/%00', '/studio/assets', '/studio/assets/', '/studio/index',
                 '/studio/\\..\\', '/studio/%69ndex.html', '/STUDIO/', '/healthz'):
        status, _, body = server.ask(path)
        assert status == 404 and body == b'There is no such page.\n', (path, status)


def test_the_root_leads_to_the_studio(server):
    for path in ('/', '/studio'):
        status, headers, _ = server.ask(path)
        assert (status, headers['location']) == (302, '/studio/'), path


def test_a_query_changes_nothing(server):
    assert server.ask('/studio/?a=b')[2] == dist('index.html')


def test_on_loopback_only_our_own_names_are_answered(server):
    for host in ('localhost', '127.0.0.1', f'localhost:{server.port}', '[::1]:80', 'LOCALHOST:9'):
        assert server.ask('/studio/', Host=host)[0] == 200, host
    for host in ('evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '', None):
        status, _, body = server.ask('/studio/', Host=host)
        assert status in (400, 421) and b'<html' not in body.lower() or status == 400, (host, status)


def test_connections_are_kept(server):
    with server.connect() as peer:
        for _ in range(3):
            peer.sendall(b'GET /studio/icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\n')
            got = b''
            while dist('icon.svg') not in got:
                more = peer.recv(65536)
                assert more, 'the connection was ended'
                got += more


def test_huge_headers_are_refused(server):
    out = server.raw('GET /studio/ HTTP/1.1\r\nHost: localhost\r\nX: ' + 'a' * 40000 + '\r\n\r\n')
    assert out == b'' or re.match(rb'HTTP/1.[01] 4(14|31|00|13) ', out), out[:80]
    out = server.raw('GET /' + 'a' * 40000 + ' HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert out == b'' or re.match(rb'HTTP/1.[01] 4(14|31|00|13) ', out), out[:80]
    assert server.ask('/studio/')[0] == 200


def test_noise_is_no_harm(server):
    for noise in (b'\0' * 100, b'GET\r\n\r\n', b'\r\n' * 50, b'GET / HTTP/9.9\r\n\r\n', os.urandom(2000) + b'\r\n\r\n',
                  b'GET /studio/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'):
        with server.connect() as peer:
            peer.sendall(noise)
    assert server.ask('/studio/')[0] == 200


def drip(server, seconds):
    """Sends a byte of a header every half second; how long the server bore it."""
    with server.connect() as peer:
        started = time.monotonic()
        peer.sendall(b'GET /studio/ HTTP/1.1\r\nHost: localhost\r\nX: ')
        peer.settimeout(0.5)
        while time.monotonic() - started < seconds:
            try:
                peer.sendall(b'a')
                if peer.recv(1000) == b'':
                    break
            except socket.timeout:
                continue
            except OSError:
                break
        return time.monotonic() - started


def test_slow_headers_are_ended(server):
    took = drip(server, HEADER_S + LATE_S + 5)
    assert HEADER_S - 1 <= took <= HEADER_S + LATE_S, took


def test_it_serves_beside_half_open_connections(server):
    peers = [server.connect() for _ in range(200)]
    try:
        for peer in peers:
            peer.sendall(b'GET /studio/ HTTP/1.1\r\nHost: ')
        started = time.monotonic()
        for _ in range(20):
            assert server.ask('/studio/')[0] == 200
        assert time.monotonic() - started < 5
    finally:
        for peer in peers:
            peer.close()


def test_it_listens_where_it_is_told():
    with serve('--listen', '127.0.0.1:0') as server:
        again = subprocess.run([OILSKIN, 'studio', '--pages', DIST, '--listen', f'127.0.0.1:{server.port}'],
                               capture_output=True, text=True, timeout=30, check=False)
        assert again.returncode == 7 and 'another program listens' in again.stderr, again
    for address in ('nonsense', '127.0.0.1', '127.0.0.1:', '127.0.0.1:70000', 'example.org:80', '::1:80', ':80', '127.0.0.1:8x'):
        ran = subprocess.run([OILSKIN, 'studio', '--pages', DIST, '--listen', address], capture_output=True, text=True,
                             timeout=30, check=False)
        assert ran.returncode == 2 and 'address' in ran.stderr, (address, ran)


def test_only_loopback_is_reached_by_default():
    with serve() as server:
        table = open('/proc/net/tcp', encoding='ascii').read()
        assert re.search(rf' 0100007F:{server.port:04X} 00000000:0000 0A', table), table


def test_a_remote_person_is_told_the_tunnel():
    with serve(SSH_CONNECTION='192.0.2.7 50000 192.0.2.9 22', USER='anna') as server:
        said = ''.join(server.process.stdout.readline() for _ in range(3))
        assert f'ssh -N -L {server.port}:127.0.0.1:{server.port} anna@192.0.2.9' in said, said
    environment = {k: v for k, v in os.environ.items() if k != 'SSH_CONNECTION'}
    process = subprocess.Popen([OILSKIN, 'studio', '--pages', DIST], stdout=subprocess.PIPE, text=True, env=environment)
    time.sleep(1)
    process.terminate()
    assert 'ssh' not in process.communicate(timeout=20)[0]


def test_signals_end_it_cleanly():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        server = serve()
        with server.connect() as peer:
            peer.sendall(b'GET /studio/ HT')
            server.process.send_signal(number)
            server.process.communicate(timeout=20)
            assert server.process.returncode == 0, (number, server.process.returncode)


def test_a_folder_that_is_no_build_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        for make in ((), ('x.html',)):
            for name in make:
                open(os.path.join(folder, name), 'w', encoding='ascii').close()
            ran = subprocess.run([OILSKIN, 'studio', '--pages', folder], capture_output=True, text=True, timeout=30, check=False)
            assert ran.returncode == 4 and 'index.html' in ran.stderr, ran
    ran = subprocess.run([OILSKIN, 'studio', '--pages', folder], capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 7, ran


def test_links_are_not_followed_out_of_the_folder():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(os.path.join(DIST, 'index.html'), folder)
        os.symlink('/etc/passwd', os.path.join(folder, 'passwd.txt'))
        os.symlink('/etc', os.path.join(folder, 'etc'))
        with serve(pages=folder) as server:
            assert server.ask('/studio/')[0] == 200
            assert server.ask('/studio/passwd.txt')[0] == 404 and server.ask('/studio/etc/passwd')[0] == 404


def test_export_is_what_is_served():
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, 'out')
        ran = subprocess.run([OILSKIN, 'studio', '--pages', DIST, '--export', target], capture_output=True, text=True,
                             timeout=30, check=False)
        assert ran.returncode == 0 and 'README.txt' in ran.stdout, ran
        assert subprocess.run(['diff', '-r', DIST, os.path.join(target, 'studio')], capture_output=True, check=False).returncode == 0
        assert os.stat(os.path.join(target, 'studio', 'index.html')).st_mode & 0o444 == 0o444
        ran = subprocess.run([OILSKIN, 'studio', '--pages', DIST, '--export', target], capture_output=True, text=True,
                             timeout=30, check=False)
        assert ran.returncode == 7 and 'already' in ran.stderr, ran


def main():
    with serve() as server:
        return tap.run(globals(), server)


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop behind Debian's nginx and Caddy, with the files that `oilskin setup` writes.

usage: proxy.py OILSKIN PAGES [FOLDER]      (TAP; ends with `N passed, N failed, N skipped`)

Only addresses, paths and certificates are replaced. Between web server and drop stands a relay of this test, which sees
what is passed on, and when: uploads must stream through without a temporary file, what names a sender must not pass, no
log may be written, and of what is public nothing may be kept. Everything runs in the foreground on this machine. FOLDER is
where ./test unpacked the servers.
"""
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
sys.path[:0] = [TESTS, os.path.join(TESTS, 'serve')]
import published_rows as public  # noqa: E402 pylint: disable=wrong-import-position
import tap  # noqa: E402 pylint: disable=wrong-import-position
from client import Client, UnixConnection, multipart, sample_photo  # noqa: E402 pylint: disable=wrong-import-position
from desk_rig import FOLDER, come_in  # noqa: E402 pylint: disable=wrong-import-position
from drop import Drop  # noqa: E402 pylint: disable=wrong-import-position

OILSKIN, PAGES = (os.path.abspath(word) for word in sys.argv[1:3])
UNPACKED = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else '/nowhere'
SITE = 'drop.example.org'
SOCKET = '/run/oilskin/drop.sock'
MiB = 1 << 20

# nginx.conf is for `http { }`, where Debian's own says gzip. One process, which needs no other user; a log that the file
# itself must switch off.
NGINX = '''daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{ }}
http {{
    access_log {folder}/access.log;
    gzip on;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {folder}/site.conf;
}}
'''
# Nothing of these may pass the web server.
SECRET_HEADERS = {'User-Agent': 'mkAgent-9f2', 'Referer': 'https://mkreferer-7c1.example/', 'Cookie': 'mkcookie=51d',
                  'X-Forwarded-For': '203.0.113.77', 'X-Real-IP': '203.0.113.78', 'Forwarded': 'for=203.0.113.79'}


def peak(pid):
    """The most memory that it ever held, in bytes."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return int(re.search(r'VmHWM:\s+(\d+)', file.read()).group(1)) << 10


def find(name):
    path = os.pathsep.join([os.path.join(UNPACKED, 'usr', 'sbin'), os.path.join(UNPACKED, 'usr', 'bin'), os.environ['PATH'],
                            '/usr/sbin'])
    program = shutil.which(name, path=path)
    if program is None:
        raise tap.Skip(f'{name} is not installed')
    return program


def socket_of(drop):
    return os.path.join(drop.folder, 'drop.sock')


def opened(folder, more=''):
    return Drop(OILSKIN, PAGES, folder, listen='unix:' + os.path.join(folder, 'drop.sock'), server='behind_proxy = yes', categories=more)


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


class Relay:
    """Stands at the socket that the web server speaks to, and passes everything on to the drop's."""

    def __init__(self, path, to):
        self.path, self.to = path, to
        self.heard = []  # a bytearray for each connection
        self.lock = threading.Lock()
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(64)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            target = socket.socket(socket.AF_UNIX)
            target.connect(self.to)
            heard = bytearray()
            with self.lock:
                self.heard.append(heard)
            threading.Thread(target=self.pass_on, args=(client, target, heard), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(target, client, None), daemon=True).start()

    def pass_on(self, source, target, heard):
        try:
            while data := source.recv(65536):
                if heard is not None:
                    with self.lock:
                        heard += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def count(self):
        with self.lock:
            return sum(len(heard) for heard in self.heard)

    def text(self):
        with self.lock:
            return b'\n'.join(bytes(heard) for heard in self.heard)

    def close(self):
        if self.server.fileno() < 0:
            return
        # A thread that still waits would accept for whoever gets this descriptor next.
        self.server.shutdown(socket.SHUT_RDWR)
        self.thread.join(timeout=20)
        self.server.close()


def set_up_files(folder):
    """What `oilskin setup` writes for a site, by name."""
    recipients = []
    for name in ('one', 'two'):
        done = subprocess.run([OILSKIN, 'keygen', '-o', os.path.join(folder, name)], check=True, capture_output=True, text=True)
        with open(os.path.join(folder, name), encoding='ascii') as file:
            recipients.append(re.search(r'age1[a-z0-9]{58}', done.stdout + done.stderr + file.read()).group())
    answers = f'The Herald\nTwo editors\ndesk@example.org\n30\n{SITE}\n{recipients[0]}\n{recipients[1]}\n\n'
    out = os.path.join(folder, 'setup')
    subprocess.run([OILSKIN, 'setup', out], check=True, input=answers, stdout=subprocess.DEVNULL, text=True)
    found = {}
    for name in os.listdir(out):
        with open(os.path.join(out, name), encoding='utf-8') as file:
            found[name] = file.read()
    return found


def replace(text, old, new, times=None):
    assert text.count(old) >= 1 and times in (None, text.count(old)), (old, text.count(old))
    return text.replace(old, new)


class Front:
    """A web server in front of a relay in front of a drop."""

    def __init__(self, name, drop):
        self.name, self.program, self.drop = name, find(name), drop
        self.folder = tempfile.mkdtemp(prefix='oilskin-proxy-')
        self.relay = Relay(os.path.join(self.folder, 'relay.sock'), socket_of(drop))
        self.port, self.plain_port = free_port(), free_port()
        files = set_up_files(self.folder)
        words = getattr(self, name)(files)
        self.log = open(os.path.join(self.folder, 'log'), 'w+', encoding='utf-8')  # pylint: disable=consider-using-with
        homes = {name: self.folder for name in ('HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'TMPDIR')}
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log, env={**os.environ, **homes})

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def nginx(self, files):
        """With TLS, by a certificate of its own."""
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days',
                        '2', '-subj', '/CN=' + SITE, '-keyout', self.folder + '/key', '-out', self.folder + '/cert'], check=True,
                       capture_output=True)
        text = replace(files['nginx.conf'], 'unix:' + SOCKET, 'unix:' + self.relay.path, 1)
        text = replace(text, f'/etc/letsencrypt/live/{SITE}/fullchain.pem', self.folder + '/cert', 1)
        text = replace(text, f'/etc/letsencrypt/live/{SITE}/privkey.pem', self.folder + '/key', 1)
        text = replace(text, 'listen 443 ', f'listen 127.0.0.1:{self.port} ', 1)
        text = replace(text, 'listen 80;', f'listen 127.0.0.1:{self.plain_port};', 1)
        text = re.sub(r'\n *listen \[::\][^\n]*', '', text)
        self.write('site.conf', text)
        return [self.program, '-p', self.folder, '-e', 'stderr', '-c', self.write('config', NGINX.format(folder=self.folder))]

    def caddy(self, files):
        """Without TLS: its certificates would be asked for elsewhere."""
        text = replace(files['Caddyfile'], 'unix/' + SOCKET, 'unix/' + self.relay.path, 1)
        text = replace(text, SITE + ' {', f'http://{SITE}:{self.port} {{\n    bind 127.0.0.1', 1)
        # Its options come first, and there may be one block of them.
        config = self.write('config', replace(text, '{\n    log {', '{\n    admin off\n    auto_https off\n    log {', 1))
        return [self.program, 'run', '--config', config, '--adapter', 'caddyfile']

    def connect(self):
        if self.name == 'caddy':
            return http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection('127.0.0.1', self.port, timeout=60, context=context)

    def client(self):
        """Speaks as somebody's browser does, and says too much."""
        return Named(self.connect, list(SECRET_HEADERS.items()))

    def temporary_files(self):
        """What it holds open below its folder, deleted files too, and what lies there."""
        open_now = []
        for name in os.listdir(f'/proc/{self.process.pid}/fd'):
            try:
                path = os.readlink(f'/proc/{self.process.pid}/fd/{name}')
            except FileNotFoundError:
                continue
            if path.startswith(self.folder) and os.path.basename(path) not in ('log', 'access.log'):
                open_now.append(path)
        lie = [os.path.join(top, name) for top, _, names in os.walk(self.folder) for name in names
               if re.search(r'/t[1-5](/|$)', top)]
        return open_now + lie

    def said(self):
        self.log.flush()
        with open(self.log.name, encoding='utf-8', errors='replace') as file:
            return file.read()

    def __enter__(self):
        end = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection(('127.0.0.1', self.port), timeout=5).close()
                return self
            except ConnectionRefusedError:
                time.sleep(0.05)
        said = self.said()
        self.__exit__()
        raise AssertionError('it does not start: ' + said[-600:])

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.relay.close()
        self.log.close()
        shutil.rmtree(self.folder)


class Named(Client):
    """The host is the site's, whatever the address is."""

    def ask(self, method, path, body=None, headers=(), query=''):
        connection = self.connect()
        try:
            connection.putrequest(method, path + query, skip_host=True, skip_accept_encoding=True)
            for name, value in [('Host', SITE), *self.headers, *headers]:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader('Content-Length', str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def in_two_halves(front, method, path, headers, body):
    """Sends most of a body, waits until that much has arrived behind the web server, then sends the rest.

    Returns (status, answer, the temporary files that there were meanwhile).
    """
    cut = len(body) * 3 // 4
    connection = front.connect()
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in [('Host', SITE), *SECRET_HEADERS.items(), *headers, ('Content-Length', str(len(body)))]:
        connection.putheader(name, value)
    before = front.relay.count()
    connection.endheaders(body[:cut])
    end = time.monotonic() + 20
    # Some buffers of sockets lie between; a web server that keeps the body lets nothing through.
    while front.relay.count() - before < cut - MiB and time.monotonic() < end:
        time.sleep(0.05)
    assert front.relay.count() - before >= cut - MiB, ('it does not stream', front.relay.count() - before, cut)
    files = front.temporary_files()
    connection.send(body[cut:])
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, said, files


def check_streams(front, photo):
    """A form and an upload, each visible behind the web server before its sender is done with it."""
    client = front.client()
    filler = os.urandom(8 * MiB)
    action, receipt = client.form()
    media_type, body = multipart([('receipt', receipt), ('message', 'through a proxy'), ('kind', 'original')],
                                 [('IMG_1.jpg', 'image/jpeg', photo), ('IMG_2.bin', 'application/octet-stream', filler)])
    status, said, files = in_two_halves(front, 'POST', action, [('Content-Type', media_type)], body)
    assert status == 200 and receipt.split()[0].encode() in said, (status, said[:400])
    assert not files, files
    address, _ = client.tus_create(len(filler), [('filename', 'mkfilename-b08.mp4')])
    address = re.sub(r'^https?://[^/]*', '', address)
    status, said, files = in_two_halves(front, 'PATCH', address, [
        ('Tus-Resumable', '1.0.0'), ('Upload-Offset', '0'), ('Content-Type', 'application/offset+octet-stream')], filler)
    assert status in (200, 204), (status, said[:400])
    assert not files, files


COMPARED = ('content-security-policy', 'x-content-type-options', 'referrer-policy', 'cross-origin-opener-policy',
            'cross-origin-resource-policy', 'permissions-policy', 'cache-control', 'content-type', 'x-frame-options',
            'set-cookie', 'allow', 'tus-version', 'tus-extension')


def check_headers(front):
    """What the drop says of each page is what arrives."""
    straight = Named(lambda: UnixConnection(socket_of(front.drop)))
    client = front.client()
    for method, path in (('GET', '/'), ('GET', '/r'), ('GET', '/submit'), ('GET', '/studio/'), ('GET', '/drop/'), ('GET', '/api/drop'),
                         ('OPTIONS', '/uploads/'), ('GET', '/gone'), ('HEAD', '/uploads/gone'), ('POST', '/api/nothing')):
        body = b'' if method == 'POST' else None
        status, wanted, _ = straight.ask(method, path, body)
        got_status, got, _ = client.ask(method, path, body)
        assert got_status == status, (method, path, got_status, status, front.said()[-700:])
        for header in COMPARED:
            assert got.get(header) == wanted.get(header), (path, header, got.get(header), wanted.get(header))
        assert 'set-cookie' not in got, (path, got)


def check_away(front):
    """Who comes while the drop is away, or leaves in the middle of an upload, is answered or dropped."""
    connection = front.connect()
    connection.putrequest('POST', '/submit?slot=mkslot', skip_host=True)
    for name, value in [('Host', SITE), *SECRET_HEADERS.items(), ('Content-Type', 'multipart/form-data; boundary=mkbound'),
                        ('Content-Length', str(MiB))]:
        connection.putheader(name, value)
    connection.endheaders(b'--mkbound')
    time.sleep(0.3)
    connection.close()
    front.relay.close()
    status, _, _ = front.client().ask('POST', '/uploads/mktoken', b'')
    assert status in (502, 503), status
    time.sleep(0.3)


def check_silence(front, *secrets):
    """Nothing of a sender was passed on or written down."""
    passed = front.relay.text().lower()
    names = {*SECRET_HEADERS.values(), 'mkagent', 'x-forwarded-for: 127', 'x-real-ip'}
    found = [name for name in names if name.lower().encode() in passed]
    assert not found, found
    front.process.terminate()
    front.process.wait(timeout=30)
    log = os.path.join(front.folder, 'access.log')
    assert not os.path.exists(log) or not os.path.getsize(log), 'it keeps a log'
    for top, _, names in os.walk(front.folder):
        for name in names:
            path = os.path.join(top, name)
            if not os.path.isfile(path) or name in ('config', 'site.conf'):
                continue
            with open(path, 'rb') as file:
                data = file.read()
            for word in (*secrets, *SECRET_HEADERS.values(), 'mkfilename-b08', 'mktoken', 'remote_ip', '/submit?', '/uploads/'):
                assert word.encode() not in data, (name, word)
    said = front.said()
    assert '127.0.0.1:' not in said.replace(f'127.0.0.1:{front.port}', '').replace(f'127.0.0.1:{front.plain_port}', ''), said


def check(name):
    find(name)
    with tempfile.TemporaryDirectory(prefix='oilskin-proxy-') as scratch:
        with opened(scratch) as drop, Front(name, drop) as front:
            check_headers(front)
            check_streams(front, sample_photo(OILSKIN, scratch))
            check_away(front)
            check_silence(front)


# ---- what is public ----

SHARES = '\n[desk]\nlisten = 127.0.0.1:0\n[publish]\nalbums = yes\nlinks = yes\nsealed_links = yes\n'
SHARED = (*COMPARED, 'etag', 'vary', 'content-length', 'content-range', 'accept-ranges', 'content-disposition', 'content-encoding',
          'x-robots-tag', 'location')


class World:
    """What a publisher made of a drop: an album with a picture and a film, and a link to the film."""

    def __init__(self, drop):
        self.page = come_in(drop)
        self.picture, self.small, self.film = b'\xff\xd8\xff' + os.urandom(MiB), b'\xff\xd8\xff' + os.urandom(9000), os.urandom(5 * MiB)
        self.album = self.page.post('/api/albums', {'title': 'In May', 'language': 'en', 'state': 'open'})['album']
        self.one = self.put(public.add_publication(drop.data, copy=self.picture, small=self.small, says=('Two people', 'A bus', '')))
        self.two = self.put(public.add_publication(drop.data, copy=self.film, kind=public.MP4))
        self.link = self.page.post('/api/shares', {'publication': self.two, 'views': 1})['address']

    def put(self, publication):
        self.change(publication, album=self.album)
        return publication

    def change(self, publication, **what):
        version = self.page.get('/api/publications?publication=' + publication)['publications'][0]['version']
        self.page.post('/api/publications/change', {'publication': publication, 'version': version, **what})


class Reader:
    """Asks through the web server and beside it, and wants the same."""

    def __init__(self, front):
        self.front, self.client = front, front.client()
        self.straight = Named(lambda: UnixConnection(socket_of(front.drop)))

    def ask(self, path, code, method='GET', **headers):
        """(headers, body) as they came through."""
        headers = [(name.replace('_', '-'), value) for name, value in headers.items()]
        status, wanted, body = self.straight.ask(method, path, headers=headers)
        got_status, got, got_body = self.client.ask(method, path, headers=headers)
        assert (got_status, status) == (code, code), (method, path, headers, got_status, status, self.front.said()[-700:])
        assert got_body == body, (method, path, headers, len(got_body), len(body))
        for header in SHARED:
            # RFC 9110, section 8.6: what is not sent again has no length of its own, and Caddy leaves a 0 out.
            if code == 304 and header == 'content-length':
                continue
            assert got.get(header) == wanted.get(header), (path, header, got.get(header), wanted.get(header))
        assert not {'set-cookie', 'last-modified', 'age', 'x-cache'} & set(got), (path, got)
        return got, got_body

    def press(self, address):
        return self.client.ask('POST', address, b'open=yes', [('Content-Type', 'application/x-www-form-urlencoded')])


def check_public(reader, world):
    """Pages, feeds and files of albums as the drop gives them: whole, in parts, and not again where they are there."""
    pages = ['/a/', f'/a/{world.album}', f'/a/{world.album}/{world.one}', f'/a/{world.album}/feed']
    for path in (*pages, f'/a/f/{world.one}', f'/a/f/{world.one}/1', f'/a/f/{world.two}', '/a/look/icon.svg'):
        got, body = reader.ask(path, 200)
        assert reader.ask(path, 200, 'HEAD')[1] == b''
        assert reader.ask(path, 304, If_None_Match=got['etag'])[1] == b'' and body, path
        # What the browser was given, whoever packed it.
        got = reader.client.ask('GET', path, headers=[('Accept-Encoding', 'gzip')])[1]
        status, _, body = reader.client.ask('GET', path, headers=[('Accept-Encoding', 'gzip'), ('If-None-Match', got['etag'])])
        assert (status, body) == (304, b''), (path, got, status)
    for path, data in ((f'/a/f/{world.one}', world.picture), (f'/a/f/{world.one}/1', world.small), (f'/a/f/{world.two}', world.film)):
        assert reader.ask(path, 200)[1] == data
        etag = reader.ask(path, 206, Range='bytes=100-4999')[0]['etag']
        assert reader.ask(path, 206, Range='bytes=-10')[1] == data[-10:]
        assert reader.ask(path, 206, Range='bytes=5000-', If_Range=etag)[1] == data[5000:]
        reader.ask(path, 200, Range='bytes=5-9', If_Range='"another"')
        reader.ask(path, 416, Range=f'bytes={len(data)}-')
        reader.ask(path + '?save=yes', 200)
    for path in ('/a', '/a/nothing', '/a/f/' + 'f' * 32, '/a/f/..%2f..%2frows.db'):
        reader.ask(path, 308 if path == '/a' else 404)


def check_link(reader, world):
    """Who looks uses no view, who presses the button does, and the film comes in parts."""
    for path, code in ((world.link, 200), ('/s/', 404), ('/s/' + 'a' * 22, 404), ('/s/x/' + 'a' * 22, 404), ('/s/g/' + 'a' * 86, 404)):
        for method in ('GET', 'HEAD'):
            reader.ask(path, code, method)
    status, got, _ = reader.press(world.link)
    assert status == 303 and re.fullmatch(r'/s/g/[A-Za-z0-9_-]{86}', got['location']), (status, got)
    reader.ask(got['location'], 200)
    assert reader.ask(got['location'] + '/f', 206, Range='bytes=700000-1699999')[1] == world.film[700000:1700000]
    assert reader.press(world.link)[0] == 404
    return got['location']


def check_sealed(reader, world):
    """The largest that the studio sends streams in, and comes out once, to a slow reader too, without lying anywhere else."""
    front, folder = reader.front, reader.front.folder
    recipient = world.page.get('/api/me')['recipients'][0]['age']
    with open(os.path.join(folder, 'plain'), 'wb') as file:
        file.write(os.urandom(56 * MiB))
    subprocess.run([OILSKIN, 'seal', '-r', recipient, file.name, '-o', file.name + '.age'], check=True, capture_output=True)
    with open(file.name + '.age', 'rb') as sealed:
        body = sealed.read()
    for name in (file.name, file.name + '.age'):
        os.unlink(name)
    status, said, files = in_two_halves(front, 'POST', '/s/x?days=2&views=1', [('Content-Type', 'application/octet-stream')], body)
    assert status == 201 and not files, (status, said[:300], files)
    address = re.search(rb'/s/x/[A-Za-z0-9_-]{22}', said).group().decode()
    reader.ask(address, 200)
    connection = front.connect()
    connection.request('POST', address + '/f', b'', {'Host': SITE})
    answer = connection.getresponse()
    got = answer.read(MiB)
    # It has had the time to take all of it, if it did.
    time.sleep(1)
    assert not front.temporary_files(), front.temporary_files()
    assert peak(front.process.pid) < 64 * MiB, peak(front.process.pid)
    got += answer.read()
    connection.close()
    assert answer.status == 200 and got == body, (answer.status, len(got), len(body))
    assert front.client().ask('POST', address + '/f', b'')[0] == 404
    return address


def check_nothing_is_kept(reader, world, grant):
    """What was asked for a moment ago, and is hidden or withdrawn, is not there any more."""
    piece, file = f'/a/{world.album}/{world.one}', f'/a/f/{world.one}'
    tags = {path: reader.ask(path, 200)[0]['etag'] for path in (piece, file)}
    before = reader.front.relay.text().count(f'GET {file} '.encode())
    for _ in range(3):
        reader.ask(file, 200)
    assert reader.front.relay.text().count(f'GET {file} '.encode()) == before + 3
    for state, code in (('hide', 404), ('withdraw', 410)):
        world.change(world.one, state=state)
        page = reader.client.ask('GET', piece)[0]
        for path, tag in tags.items():
            status, _, body = reader.client.ask('GET', path, headers=[('If-None-Match', tag)])
            assert status in (404, 410) and world.picture[:99] not in body, (state, path, status)
            reader.ask(path, status)
        assert page == code or state == 'hide', (state, page)
    world.change(world.two, state='hide')
    reader.ask(grant + '/f', 404)
    reader.ask(f'/a/f/{world.two}', reader.client.ask('GET', f'/a/f/{world.two}')[0])
    for top, _, names in os.walk(reader.front.folder):
        for name in (name for name in names if os.path.isfile(os.path.join(top, name))):
            with open(os.path.join(top, name), 'rb') as kept:
                data = kept.read()
            assert world.picture[5000:5099] not in data and world.film[5000:5099] not in data, name


def check_shared(name):
    find(name)
    with tempfile.TemporaryDirectory(prefix='oilskin-proxy-') as scratch:
        with opened(scratch, SHARES) as drop:
            world = World(drop)
            with Front(name, drop) as front:
                reader = Reader(front)
                check_public(reader, world)
                grant = check_link(reader, world)
                sealed = check_sealed(reader, world)
                check_nothing_is_kept(reader, world, grant)
                check_silence(front, world.one, world.link, grant, sealed)


def test_nginx_passes_on_what_is_public_and_keeps_nothing_of_it():
    check_shared('nginx')


def test_caddy_passes_on_what_is_public_and_keeps_nothing_of_it():
    check_shared('caddy')


def test_nginx_streams_uploads_on_and_says_nothing_of_senders():
    check('nginx')


def test_caddy_streams_uploads_on_and_says_nothing_of_senders():
    check('caddy')


def test_nginx_sends_who_comes_without_tls_to_https():
    find('nginx')
    with tempfile.TemporaryDirectory(prefix='oilskin-proxy-') as scratch:
        with opened(scratch) as drop, Front('nginx', drop) as front:
            plain = Named(lambda: http.client.HTTPConnection('127.0.0.1', front.plain_port, timeout=20))
            status, got, _ = plain.ask('GET', '/r')
            assert status == 301 and got['location'] == f'https://{SITE}/r', (status, got)


try:
    sys.exit(tap.run(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)

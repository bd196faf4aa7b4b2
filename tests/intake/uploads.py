#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that we did not write send files to a drop: curl, Debian's tuspy, npm's tus-js-client; also while the
server or the program is killed. What arrives is unsealed with the desk's key and compared.

usage: uploads.py OILSKIN PAGES NODE PEERS

PEERS is the folder whose node_modules has tus-js-client. Ends with `N passed, N failed`.
"""
import base64
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

from tusclient import client as tuspy

import running

DROP = None
NODE, PEERS = '', ''
TUS = {'Tus_Resumable': '1.0.0'}
BYTES = {'Content_Type': 'application/offset+octet-stream'}
PLANTED = 'Zq7Planted'
ORIGINAL = base64.b64encode(b'original').decode()


def content(size, seed):
    """Bytes that no format is, so that they are kept as they came; none of them a padding's."""
    blocks = (hashlib.sha256(f'{seed}:{number}'.encode()).digest() for number in range(size // 32 + 1))
    return b''.join(blocks).replace(running.ZERO, b'\1')[:size]


def write(name, size):
    path = os.path.join(DROP.folder, name)
    with open(path, 'wb') as file:
        file.write(content(size, name))
    return path


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def assert_arrived(path):
    files = DROP.files()
    assert read(path) in files, f'{len(files)} files, of {sorted(len(file) for file in files)} bytes, and not this one'


def curl(*words, code=0):
    done = subprocess.run(['curl', '--silent', '--show-error', '--max-time', '60', *words], capture_output=True, check=False)
    assert code is None or done.returncode == code, f'exit {done.returncode}: {done.stderr.decode()}'
    return done.stdout.decode('latin-1')


def head(text, name):
    """A header in what `curl --include` printed last."""
    values = [line.split(': ', 1)[1].strip() for line in text.splitlines() if line.lower().startswith(name.lower() + ': ')]
    assert values, f'no {name} in:\n{text}'
    return values[-1]


def create(size, **headers):
    status, got, _ = DROP.send('POST', '/uploads/', **TUS, Upload_Length=str(size), **headers)
    assert status == 201, status
    return got['location'], got


def offset_of(url):
    status, got, _ = DROP.send('HEAD', url, **TUS)
    assert status == 200, status
    return int(got['upload-offset'])


# ---- curl ----

def curl__sends_a_file_in_one_request():
    path = write('curl-one', 300000)
    said = curl('--include', '--data-binary', '@' + path, '-H', 'Content-Type: image/jpeg', '-H', 'Upload-Complete: ?1',
                DROP.url + '/uploads/')
    assert ' 200 ' in said.splitlines()[0] or ' 100 ' in said.splitlines()[0], said
    assert '"received":true' in said and '"original-kept"' in said, said
    assert len(head(said, 'Oilskin-Receipt').split()) == 8
    assert_arrived(path)


def curl__runs_the_line_of_the_page():
    """docs/uploads.md, with another address and file."""
    with open(os.path.join(os.path.dirname(__file__), '..', '..', 'docs', 'uploads.md'), encoding='utf-8') as page:
        line = re.search(r'^    (curl .*)$', page.read(), re.M).group(1)
    path = write('curl-page', 200000)
    words = shlex.split(line.replace('@clip.mp4', '@' + path).replace('https://drop.example', DROP.url))
    assert DROP.url in words[-1] and '@' + path in words, words
    said = curl(*words[1:])
    assert '"received":true' in said and len(head(said, 'Oilskin-Receipt').split()) == 8, said
    assert_arrived(path)


def curl__sends_what_it_reads_from_a_pipe():
    data = content(500000, 'pipe')
    done = subprocess.run(['curl', '--silent', '--include', '-X', 'POST', '-T', '-', '-H', 'Upload-Complete: ?1',
                           DROP.url + '/uploads/'], input=data, capture_output=True, check=True)
    assert b'"received":true' in done.stdout, done.stdout
    assert data in DROP.files()


def curl__speaks_tus_by_hand():
    path = write('curl-tus', 200000)
    said = curl('--include', '-X', 'POST', '-H', 'Tus-Resumable: 1.0.0', '-H', 'Upload-Length: 200000',
                '-H', 'Upload-Metadata: filename c2VjcmV0LmpwZw==,kind ' + ORIGINAL, DROP.url + '/uploads/')
    url = DROP.url + head(said, 'Location')
    said = curl('--include', '-X', 'PATCH', '-H', 'Tus-Resumable: 1.0.0', '-H', 'Upload-Offset: 0',
                '-H', 'Content-Type: application/offset+octet-stream', '--data-binary', '@' + path, url)
    assert head(said, 'Upload-Offset') == '200000', said
    assert head(said, 'Oilskin-Outcome') == 'original-chosen', said
    assert_arrived(path)


def curl__goes_on_after_it_was_killed():
    path = write('curl-killed', 4000000)
    url, _ = create(4000000)
    sender = subprocess.Popen(['curl', '--silent', '--limit-rate', '1M', '-X', 'PATCH', '-H', 'Tus-Resumable: 1.0.0', '-H',
                               'Upload-Offset: 0', '-H', 'Content-Type: application/offset+octet-stream', '-H', 'Expect:',
                               '--data-binary', '@' + path, DROP.url + url])
    time.sleep(1.5)
    sender.kill()
    sender.wait()
    offset = offset_of(url)
    assert 100000 < offset < 4000000, offset
    status, got, _ = DROP.send('PATCH', url, read(path)[offset:], **TUS, **BYTES, Upload_Offset=str(offset))
    assert (status, got['upload-offset']) == (204, '4000000'), (status, got)
    assert_arrived(path)


def curl__goes_on_while_its_dead_connection_is_open():
    path = write('curl-half', 1000000)
    # A request may wait at the door for others: what had not been let in when the next one came is sent again.
    for patience in (0.5, 2, 8):
        url, _ = create(1000000)
        with running.socket.create_connection(('127.0.0.1', DROP.port)) as peer:
            peer.sendall(f'PATCH {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n'
                         'Content-Type: application/offset+octet-stream\r\nContent-Length: 1000000\r\n\r\n'.encode())
            peer.sendall(read(path)[:400000])
            time.sleep(patience)
            began = time.monotonic()
            offset = offset_of(url)
            status, _, _ = DROP.send('PATCH', url, read(path)[offset:], **TUS, **BYTES, Upload_Offset=str(offset))
            assert status == 204, status
            assert time.monotonic() - began < 10
        if offset > 0:
            break
    assert 0 < offset <= 400000, offset
    assert_arrived(path)


def curl__goes_on_after_the_server_was_killed():
    path = write('server-killed', 3000000)
    url, _ = create(3000000)
    acknowledged = 0
    for end in (700000, 1400000):
        status, got, _ = DROP.send('PATCH', url, read(path)[acknowledged:end], **TUS, **BYTES, Upload_Offset=str(acknowledged))
        assert status == 204, status
        acknowledged = int(got['upload-offset'])
        assert acknowledged == end
    sender = subprocess.Popen(['curl', '--silent', '--limit-rate', '500k', '-X', 'PATCH', '-H', 'Tus-Resumable: 1.0.0', '-H',
                               f'Upload-Offset: {acknowledged}', '-H', 'Content-Type: application/offset+octet-stream',
                               '-H', 'Expect:', '-T', '-', DROP.url + url], stdin=subprocess.PIPE)
    sender.stdin.write(read(path)[acknowledged:acknowledged + 500000])
    sender.stdin.flush()
    time.sleep(0.5)
    DROP.kill()
    sender.stdin.close()
    sender.wait()
    DROP.start()
    offset = offset_of(url)
    assert acknowledged <= offset <= acknowledged + 500000, offset
    status, got, _ = DROP.send('PATCH', url, read(path)[offset:], **TUS, **BYTES, Upload_Offset=str(offset))
    assert status == 204, (status, got)
    assert_arrived(path)


def curl__an_answer_that_was_lost_is_given_again():
    path = write('lost', 50000)
    url, _ = create(50000)
    before = DROP.submissions()
    for _ in range(2):
        status, got, _ = DROP.send('PATCH', url, read(path) if _ == 0 else b'', **TUS, **BYTES,
                                  Upload_Offset='0' if _ == 0 else '50000')
        assert (status, got['upload-offset']) == (204, '50000'), (status, got)
    assert offset_of(url) == 50000
    assert DROP.submissions() == before + 1


# ---- tuspy ----

def tuspy__sends_a_file_in_pieces():
    path = write('tuspy', 700000)
    tuspy.TusClient(DROP.url + '/uploads/').uploader(path, chunk_size=100000, metadata={'filename': 'secret.jpg'}).upload()
    assert_arrived(path)


def tuspy__sends_checksums():
    path = write('tuspy-sums', 300000)
    tuspy.TusClient(DROP.url + '/uploads/').uploader(path, chunk_size=70000, upload_checksum=True).upload()
    assert_arrived(path)


def tuspy__goes_on_with_an_address():
    path = write('tuspy-on', 600000)
    first = tuspy.TusClient(DROP.url + '/uploads/').uploader(path, chunk_size=100000)
    first.upload_chunk()
    first.upload_chunk()
    DROP.kill()
    DROP.start()
    second = tuspy.TusClient(DROP.url + '/uploads/').uploader(path, chunk_size=200000, url=first.url)
    assert second.offset == 200000, second.offset
    second.upload()
    assert_arrived(path)


# ---- tus-js-client ----

def tus_js(path, **options):
    wish = {'file': path, 'options': {'endpoint': DROP.url + '/uploads/', **options}}
    done = subprocess.run([NODE, os.path.join(running.ROOT, 'tests/intake/tus_client.mjs'), PEERS, json.dumps(wish)],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def tus_js__sends_a_file():
    path = write('js', 600000)
    got = tus_js(path, metadata={'filename': 'secret.jpg', 'filetype': 'image/jpeg'})
    assert got['done'] and len(got['receipt'].split()) == 8 and got['outcome'] == 'original-kept', got
    assert_arrived(path)


def tus_js__sends_a_file_in_pieces():
    path = write('js-pieces', 600000)
    got = tus_js(path, chunkSize=100000)
    assert got['offsets'] == [100000, 200000, 300000, 400000, 500000, 600000], got
    assert_arrived(path)


def tus_js__sends_bytes_with_the_creation():
    path = write('js-creation', 300000)
    tus_js(path, chunkSize=100000, uploadDataDuringCreation=True)
    assert_arrived(path)


def tus_js__sends_parts_at_the_same_time():
    path = write('js-parallel', 900000)
    tus_js(path, parallelUploads=3)
    assert_arrived(path)


def tus_js__names_its_method_in_a_header():
    path = write('js-override', 200000)
    tus_js(path, overridePatchMethod=True)
    assert_arrived(path)


def tus_js__does_not_say_a_length_until_it_knows_it():
    path = write('js-deferred', 300000)
    tus_js(path, uploadLengthDeferred=True, chunkSize=100000)
    assert_arrived(path)


def tus_js__speaks_the_draft():
    path = write('js-draft', 500000)
    got = tus_js(path, protocol='ietf-draft-05', chunkSize=200000)
    assert got['done'], got
    assert_arrived(path)


def tus_js__goes_on_while_the_server_is_killed():
    path = write('js-killed', 8000000)
    wish = {'file': path, 'options': {'endpoint': DROP.url + '/uploads/', 'chunkSize': 250000}}
    sender = subprocess.Popen([NODE, os.path.join(running.ROOT, 'tests/intake/tus_client.mjs'), PEERS, json.dumps(wish)],
                              stdout=subprocess.PIPE, text=True)
    for line in sender.stdout:
        if line.startswith('sent ') and int(line.split()[1]) >= 2000000:
            break
    DROP.kill()
    time.sleep(0.5)
    DROP.start()
    rest = sender.stdout.read()
    assert sender.wait() == 0
    got = json.loads(rest.splitlines()[-1])
    assert got['done'] and got['retries'] > 0, got
    assert_arrived(path)


# ---- what is hidden in a file, by every way in ----

def photo(name):
    """A photo with a place, a device and a name in it. Each is another picture: copies are stored once."""
    made = os.path.join(DROP.folder, name + '.jpg')
    subprocess.run(['convert', '-size', '320x200', 'plasma:', made], check=True)
    subprocess.run(['exiftool', '-q', '-overwrite_original', '-GPSLatitude=44.97', '-GPSLatitudeRef=N', '-GPSLongitude=93.26',
                    '-GPSLongitudeRef=W', '-Make=' + PLANTED, '-Artist=' + PLANTED, '-XMP:Creator=' + PLANTED, made], check=True)
    assert subprocess.run([DROP.oilskin, 'verify', made], capture_output=True, check=False).returncode == 1
    return made


def arrives_clean(send):
    """Exactly one file more, and nothing hidden left in it."""
    before = DROP.files()
    send()
    after = DROP.files()
    new = [one for one in after if after.count(one) > before.count(one)]
    assert len(after) == len(before) + 1 and new, (len(before), len(after))
    copy = os.path.join(DROP.folder, 'copy.jpg')
    with open(copy, 'wb') as file:
        file.write(new[0])
    found = subprocess.run([DROP.oilskin, 'verify', copy], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    assert new[0].startswith(b'\xff\xd8') and b'Exif' not in new[0] and PLANTED.encode() not in new[0]


def hidden__by_one_request_never_reaches_the_desk():
    path = photo('one')
    arrives_clean(lambda: curl('--data-binary', '@' + path, '-H', 'Content-Type: image/jpeg', '-H', 'Upload-Complete: ?1',
                               DROP.url + '/uploads/'))


def hidden__by_tus_never_reaches_the_desk():
    path = photo('tus')
    arrives_clean(lambda: tus_js(path, chunkSize=5000))


def hidden__by_tuspy_never_reaches_the_desk():
    path = photo('py')
    arrives_clean(lambda: tuspy.TusClient(DROP.url + '/uploads/').uploader(path, chunk_size=3000).upload())


def hidden__by_parts_at_the_same_time_never_reaches_the_desk():
    path = photo('parts')
    arrives_clean(lambda: tus_js(path, parallelUploads=2))


def hidden__by_the_api_never_reaches_the_desk():
    path = photo('api')

    def send():
        url, _ = create(os.path.getsize(path), Upload_Metadata='attach eWVz')
        status, _, _ = DROP.send('PATCH', url, read(path), **TUS, **BYTES, Upload_Offset='0')
        assert status == 204
        got = DROP.api('/api/submissions', {'message': 'look', 'uploads': [url]})
        assert got['files'] == [{'outcome': 'scrubbed'}], got
    arrives_clean(send)


# ---- both ----

def draft__says_where_an_upload_is_before_its_body_has_come():
    interim(8)
    interim(9)


def draft__says_nothing_before_the_end_to_a_version_that_it_does_not_speak():
    for version in ('7', '10', 'nine', '"9"'):
        with DROP.connect() as peer:
            peer.sendall(b'POST /uploads/ HTTP/1.1\r\nHost: localhost\r\nUpload-Complete: ?0\r\nContent-Length: 0\r\n'
                         b'Upload-Draft-Interop-Version: ' + version.encode() + b'\r\n\r\n')
            assert peer.recv(65536).startswith(b'HTTP/1.1 201 '), version


def interim(version):
    with DROP.connect() as peer:
        peer.sendall(b'POST /uploads/ HTTP/1.1\r\nHost: localhost\r\nUpload-Complete: ?1\r\nContent-Length: 100000\r\n'
                     b'Upload-Draft-Interop-Version: %d\r\n\r\n' % version + b'\1' * 50000)
        said = b''
        while b'\r\n\r\n' not in said:
            said += peer.recv(65536)
    assert said.startswith(b'HTTP/1.1 104 '), said
    assert b'Upload-Draft-Interop-Version: %d\r\n' % version in said, said
    url = head(said.decode(), 'Location')
    # What the server had not read when its connection went is sent again.
    status, got, _ = DROP.send('HEAD', url)
    assert status == 204 and got['upload-complete'] == '?0', (status, got)
    status, got, _ = DROP.send('PATCH', url, b'\1' * (100000 - int(got['upload-offset'])), Upload_Offset=got['upload-offset'],
                               Content_Type='application/partial-upload', Upload_Complete='?1')
    assert (status, got['upload-complete']) == (200, '?1'), (status, got)
    assert b'\1' * 100000 in DROP.files()


def uploads__keep_no_name_of_a_file():
    marker = 'Zq7marker'
    path = write('marker', 100000)
    tus_js(path, metadata={'filename': marker + '.jpg', 'filetype': 'image/' + marker, marker: marker})
    curl('--data-binary', '@' + path, '-A', marker, '-H', 'Upload-Complete: ?1', '-H',
         f'Content-Disposition: inline; filename="{marker}.jpg"', '-H', 'Content-Type: image/jpeg', DROP.url + '/uploads/')
    for top, _, names in os.walk(DROP.folder):
        for name in names:
            assert marker not in name and marker.encode() not in read(os.path.join(top, name)), name


def main():
    global DROP, NODE, PEERS
    oilskin, pages = sys.argv[1:3]
    NODE, PEERS = (os.path.abspath(path) for path in sys.argv[3:5])
    tests = [(name, run) for name, run in globals().items() if '__' in name and callable(run) and not name.startswith('__')]
    only = sys.argv[5:]
    with running.Drop(oilskin, pages) as drop:
        DROP = drop
        return running.run_all([test for test in tests if not only or test[0] in only])


if __name__ == '__main__':
    sys.exit(main())
